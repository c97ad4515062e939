"""The permanent record of every prediction. Only this package reads and writes it."""

from __future__ import annotations

from webapp.services.prediction_log.explorer import (
    MAX_COUNTED_RECORDS,
    MAX_COUNTED_UNANSWERED,
    Counts,
    Explorer,
    ExplorerLimits,
    RecordsPage,
)
from webapp.services.prediction_log.log import PredictionLog
from webapp.services.prediction_log.usage import Usage, Use

__all__ = [
    "MAX_COUNTED_RECORDS",
    "MAX_COUNTED_UNANSWERED",
    "Counts",
    "Explorer",
    "ExplorerLimits",
    "PredictionLog",
    "RecordsPage",
    "Usage",
    "Use",
]
