"""Predicting and explaining."""
