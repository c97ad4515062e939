"""Warnings beside an answer."""
