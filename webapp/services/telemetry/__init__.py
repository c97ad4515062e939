"""Metrics, traces and log lines, for the people who run the service."""

from __future__ import annotations

from webapp.services.telemetry.metrics import Metrics
from webapp.services.telemetry.observer import Observer
from webapp.services.telemetry.traces import Traces

__all__ = ["Metrics", "Observer", "Traces"]
