"""Forms of danger, plans and calls."""
