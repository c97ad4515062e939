"""Changes which version of a model is its champion."""

from __future__ import annotations

from webapp.errors import ModelNotReady, NotPromotable
from webapp.services.model_store import ModelStore, ServedModel
from webapp.services.version_history import ModelHistory, VersionHistory


class Promoter:
    """Promotes versions, and takes promotions back, for all processes at once."""

    def __init__(self, store: ModelStore, history: VersionHistory) -> None:
        self._store = store
        self._history = history

    def promote(self, name: str, version: str, actor: str | None) -> ServedModel:
        """Make a version the champion, after it was loaded here and has passed.

        Raises
        ------
        ModelNotFound
        VersionNotFound
        NotPromotable
            When it can't be served.
        VersionHistoryUnavailable
        """
        model = self._loaded(name, version)
        self._history.promote(name, version, model.digest, actor)
        return model

    def roll_back(self, name: str, actor: str | None) -> ServedModel:
        """Give the championship back to the version that had it before.

        Raises
        ------
        ModelNotFound
        VersionNotFound
        NotPromotable
            When there was none before, or it can't be served.
        VersionHistoryUnavailable
        """
        line = self._history.read().get(name, ModelHistory()).line
        if len(line) < 2:
            raise NotPromotable("No other version was the champion before this one.")
        model = self._loaded(name, line[1])
        self._history.roll_back(name, line[1], model.digest, actor)
        return model

    def _loaded(self, name: str, version: str) -> ServedModel:
        self._store.refresh()
        try:
            return self._store.get(name, version)
        except ModelNotReady as error:
            raise NotPromotable(error.message) from None
