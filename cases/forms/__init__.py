"""Forms: clean what was typed into domain values, and say in Chinese what is wrong, at the field."""
