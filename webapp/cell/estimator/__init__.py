"""Predicting with an estimator, and finding out what it consists of."""
