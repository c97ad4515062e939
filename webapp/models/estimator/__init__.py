"""Asking an estimator, and what it is made of."""
