"""Checks inputs and turns them from text or JSON into instances."""
