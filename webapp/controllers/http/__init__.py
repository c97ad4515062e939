"""HTTP for all controllers."""
