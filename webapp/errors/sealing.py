"""Errors of the seals of the prediction log."""

from __future__ import annotations

from webapp.errors.base import ScoredeskError, Unavailable


class SealsUnavailable(Unavailable):
    """The database that holds the log and its seals can't be reached, or refused this."""


class SealingBusy(Unavailable):
    """Another process is sealing the log. Please try again in a moment."""


class StillWriting(Unavailable):
    """A transaction has been writing to the log for too long, so it can't be sealed yet. Please try again later."""


class SealDamaged(ScoredeskError):
    """The newest seal was not signed with a key of this service. To see more: flask --app wsgi predictions verify"""


class SealsMissing(ScoredeskError):
    """The database lacks the newest seal that this machine saw. To see more: flask --app wsgi predictions verify"""


class NotSealed(ScoredeskError):
    """This prediction is not sealed yet. To seal the log: flask --app wsgi predictions seal"""


class NotProvable(ScoredeskError):
    """This prediction doesn't match what was recorded and sealed. To see more: flask --app wsgi predictions verify"""
