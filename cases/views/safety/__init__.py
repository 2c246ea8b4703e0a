"""Screens of danger, plans and calls."""
