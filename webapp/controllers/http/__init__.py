"""What all controllers need of HTTP."""
