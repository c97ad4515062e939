"""Predicts, and explains predictions."""
