"""Errors of the service itself: its settings, its database, its environments."""

from __future__ import annotations

from webapp.errors.base import ScoredeskError, Unavailable


class SettingsError(ScoredeskError):
    """A setting is wrong."""


class OtherKeys(SettingsError):
    """This host's keys are not those that the database was used with before."""


class EmbeddedPostgresError(ScoredeskError):
    """The embedded PostgreSQL could not be started."""


class NotGrantable(ScoredeskError):
    """PostgreSQL can't be reached, has no tables yet, or allows this only to the owner of the tables."""


class EnvironmentRefused(ScoredeskError):
    """An environment for models can't be built or removed."""


class KeysUnavailable(Unavailable):
    """The keys can't be compared with those in the database, which can't be reached or refused this."""


class NotTableOwner(ScoredeskError):
    """Only the owner of the tables can do this, and DATABASE_URL names another user."""


class TablesBusy(Unavailable):
    """The tables are in constant use by others. Please try again in a moment."""
