"""The permanent record of every prediction: the only place that reads or writes it."""

from __future__ import annotations

from webapp.services.prediction_log.explorer import COUNTED, Explorer, Patience
from webapp.services.prediction_log.log import PredictionLog

__all__ = ["COUNTED", "Explorer", "Patience", "PredictionLog"]
