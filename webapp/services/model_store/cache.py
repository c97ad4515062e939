"""The versions that are loaded, and which of them are evicted."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection
from threading import Lock

from webapp.errors import VersionsLoading
from webapp.services.model_store.artifact_loader import ArtifactLoader
from webapp.services.model_store.files import VersionFile
from webapp.services.model_store.loading import load
from webapp.services.model_store.retries import Retries
from webapp.services.model_store.served import ServedModel, UnservedModel
from webapp.services.telemetry import Metrics

logger = logging.getLogger(__name__)

#: How many versions stay loaded besides the champions: those that were loaded last.
MAX_IDLE_VERSIONS = 8


class VersionCache:
    """Loads each version once, at its first use, and evicts versions that are no longer needed."""

    def __init__(
        self, *, loader: ArtifactLoader, max_instances: int, metrics: Metrics, redact: Collection[str] = ()
    ) -> None:
        self._loader = loader
        self._metrics = metrics
        self._redact = redact
        self._max_instances = max_instances
        self._entries: dict[VersionFile, ServedModel | UnservedModel] = {}
        self._retries = Retries()
        self._lock = Lock()
        self._environments = loader.environments.stamp()

    def peek(self, file: VersionFile) -> ServedModel | UnservedModel | None:
        """Return a version if it is loaded."""
        return self._entries.get(file)

    def get(self, file: VersionFile, patience: float | None = None) -> ServedModel | UnservedModel:
        """Return a version, loaded now if it is not loaded yet, or is due to be tried again.

        Parameters
        ----------
        patience : float, optional
            Seconds to wait for other versions that are being loaded; by default, as long as it takes.

        Raises
        ------
        VersionsLoading
            When that took longer.
        """
        if entry := self._loaded(file):
            return entry
        if not self._lock.acquire(timeout=-1 if patience is None else patience):
            raise VersionsLoading
        try:
            if entry := self._loaded(file):
                return entry
            entry = self._retries.note(file, self._load(file))
            self._entries[file] = entry
        finally:
            self._lock.release()
        if isinstance(entry, UnservedModel):
            # Each worker comes here; the serving log tells people, once.
            logger.info("%s, version %s, can't be served: %s", file.name, file.version, entry.reason)
        return entry

    def forget_changed(self) -> None:
        """Forget which versions can't be served, or were served by what has changed, if environments have."""
        stamp = self._loader.environments.stamp()
        with self._lock:
            if stamp != self._environments:
                self._environments = stamp
                self._entries = {file: each for file, each in self._entries.items() if _is_served_as_now(each)}

    def _loaded(self, file: VersionFile) -> ServedModel | UnservedModel | None:
        return None if self._retries.is_due(file) else self._entries.get(file)

    def _load(self, file: VersionFile) -> ServedModel | UnservedModel:
        began = time.perf_counter()
        entry = load(file, self._loader, self._max_instances, self._redact)
        if isinstance(entry, ServedModel):
            entry.lane.watch(self._metrics.waiting(file.name))
        result = "unserved" if isinstance(entry, UnservedModel) else "served"
        self._metrics.loaded(result, time.perf_counter() - began)
        return entry

    def evict(self, files: Collection[VersionFile], champions: Collection[ServedModel]) -> None:
        """Evict versions whose files are gone, and all but the last loaded of those that are not champions."""
        champion_ids = set(map(id, champions))
        with self._lock:
            self._retries.keep(files)
            present = {file: entry for file, entry in self._entries.items() if file in files}
            idle = [file for file, entry in present.items() if _is_idle(entry, champion_ids)]
            self._entries = {file: entry for file, entry in present.items() if file not in idle[:-MAX_IDLE_VERSIONS]}


def _is_served_as_now(entry: ServedModel | UnservedModel) -> bool:
    return isinstance(entry, ServedModel) and entry.inference.cells.has_its_code


def _is_idle(entry: ServedModel | UnservedModel, champion_ids: Collection[int]) -> bool:
    return isinstance(entry, ServedModel) and id(entry) not in champion_ids
