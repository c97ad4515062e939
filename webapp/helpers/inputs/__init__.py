"""Inputs, from text or JSON to instances."""
