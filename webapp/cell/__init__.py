"""What runs in the process of a model: reading its file, and computing its answers. The service imports none of it."""
