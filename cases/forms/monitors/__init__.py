"""Forms of the monitors."""
