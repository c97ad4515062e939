"""What whoever runs the service watches it by: numbers, traces, and lines in a log."""

from __future__ import annotations

from webapp.services.telemetry.metrics import Metrics
from webapp.services.telemetry.observer import Observer
from webapp.services.telemetry.traces import Traces

__all__ = ["Metrics", "Observer", "Traces"]
