"""Values that the templates show."""
