"""Roles and passwords."""
