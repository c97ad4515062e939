"""Errors of the records of predictions: their log, the spool and its journal."""

from __future__ import annotations

from webapp.errors.base import NotFound, ScoredeskError, Unavailable


class PredictionNotFound(NotFound):
    """This prediction doesn't exist, or you aren't allowed to see it."""


class PredictionLogUnavailable(Unavailable):
    """Predictions can't be recorded right now, so none are made. Please try again in a moment."""


class PredictionOutOfReach(PredictionLogUnavailable):
    """The database can't be reached right now, so this prediction can't be shown."""

    reloads = True


class PredictionNotHere(Unavailable):
    """This prediction is stored on another server and is not here yet. If it never appears, tell the administrator."""

    reloads = True

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__()


class SearchTooSlow(Unavailable):
    """The database is too busy to search. Please try again in a moment."""


class SpoolUnavailable(PredictionLogUnavailable):
    """Predictions can't be recorded right now, so none are made. Please try again in a moment."""


class RecordsWait(Unavailable):
    """Records that this concerns may still wait in the spool, so nothing was done. Please try again in a moment."""


class DamagedLine(ScoredeskError):
    """This line of the journal is damaged."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__()


class RowRefused(ScoredeskError):
    """PostgreSQL rejected the content of a row."""

    def __init__(self, reason: str) -> None:
        #: The SQLSTATE of the refusal, never a value of the row.
        self.reason = reason
        super().__init__()


class RowsCameLate(Unavailable):
    """Predictions from that time were added just now and are not sealed yet. Please try again in a moment."""
