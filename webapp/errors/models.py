"""Errors of the files and versions of models."""

from __future__ import annotations

from webapp.errors.base import NotFound, ScoredeskError, Unavailable


class NotServable(ScoredeskError):
    """This file holds no model that can be served."""


class NotServableYet(NotServable):
    """This file can't be served now. It is tried again."""


class HoldsTransformer(NotServable):
    """This file holds a transformer and no model."""

    def __init__(self, kind: str, columns: int | None, message: str | None = None) -> None:
        #: Its class, and how many columns it returns if it says so.
        self.kind, self.columns = kind, columns
        super().__init__(message)


class ArtifactRefused(NotServable):
    """This file contains something that no model needs."""


class CardInvalid(NotServable):
    """The card is not valid."""


class GoldenRowsDiffer(NotServable):
    """The model no longer gives the answers for its golden rows that it gave when it was published."""


class NotPublishable(ScoredeskError):
    """This can't be published."""


class NameTaken(NotPublishable):
    """There is already a model with this name."""


class NotPromotable(ScoredeskError):
    """This version can't be made the champion."""

    status = 409


class ModelNotFound(NotFound):
    """There is no model with this name."""


class VersionNotFound(NotFound):
    """This model has no such version."""


class UploadNotStored(ScoredeskError):
    """The file can't be stored."""

    status = 507


class VersionsLoading(Unavailable):
    """Versions of models are still being loaded. Please try again in a moment."""


class ModelNotReady(ScoredeskError):
    """This model can't be served."""

    status = 503


class ModelsFolderSilent(ModelNotReady):
    """No models are loaded, because the models folder does not answer. Please try again in a moment."""

    retry_after = 5


class VersionHistoryUnavailable(Unavailable):
    """The database that stores which version is the champion can't be reached. Please try again in a moment."""
