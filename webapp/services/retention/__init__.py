"""Deletes from the log for good, and records that it did."""

from __future__ import annotations

from webapp.services.retention.retention import Dropped, Retention

__all__ = ["Dropped", "Retention"]
