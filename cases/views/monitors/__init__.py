"""Screens of the monitors."""
