"""Official documents on the screen."""
