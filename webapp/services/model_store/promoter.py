"""Changes which version of a model is its champion, and whether the model is in service."""

from __future__ import annotations

from webapp.errors import ModelNotReady, NotPromotable
from webapp.services.model_store import ModelStore, ServedModel
from webapp.services.model_store.history import ModelHistory, VersionHistory


class Promoter:
    """Promotes versions and rolls promotions back, for all processes at once."""

    def __init__(self, store: ModelStore, history: VersionHistory) -> None:
        self._store = store
        self._history = history

    def promote(self, name: str, version: str, actor: str | None) -> ServedModel:
        """Make a version the champion, after it was loaded and checked here.

        Raises
        ------
        ModelNotFound
        VersionNotFound
        NotPromotable
            When it can't be served.
        VersionHistoryUnavailable
        """
        model = self._load_version(name, version)
        self._history.promote(name, version, model.digest, actor)
        self._store.refresh()
        return model

    def roll_back(self, name: str, actor: str | None) -> ServedModel:
        """Make the previous champion the champion again.

        Raises
        ------
        ModelNotFound
        VersionNotFound
        NotPromotable
            When there was no previous champion, or it can't be served.
        VersionHistoryUnavailable
        """
        line = self._history.read().get(name, ModelHistory()).line
        if len(line) < 2:
            raise NotPromotable("No other version was the champion before this one.")
        model = self._load_version(name, line[1])
        self._history.roll_back(name, line[1], model.digest, actor)
        return model

    def unload(self, name: str, actor: str | None) -> None:
        """Take a model out of service until it is loaded again; its file, its versions and its records stay.

        Raises
        ------
        ModelNotFound, ModelNotReady, VersionHistoryUnavailable
        """
        self._store.refresh()
        if self._store.is_unloaded(name):
            return
        model = self._store.get(name)
        self._history.unload(name, model.version, model.digest, actor)
        self._store.refresh()

    def load(self, name: str, actor: str | None) -> ServedModel:
        """Put a model back into service.

        Raises
        ------
        ModelNotFound
        ModelNotReady
            When it can't be served.
        VersionHistoryUnavailable
        """
        self._history.load(name, actor)
        self._store.refresh()
        return self._store.get(name)

    def _load_version(self, name: str, version: str) -> ServedModel:
        self._store.refresh()
        try:
            return self._store.get(name, version)
        except ModelNotReady as error:
            raise NotPromotable(error.message) from None
