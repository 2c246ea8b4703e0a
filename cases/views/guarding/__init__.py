"""Screens of barriers, named readers, consent and emergency access."""
