"""Danger: scored, met at once, planned against; and how she is called."""
