"""The yearly assessment on screen."""
