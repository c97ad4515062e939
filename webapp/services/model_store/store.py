"""Holds what is served, and swaps it in one assignment."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import RLock

from webapp.errors import ModelNotFound, ModelNotReady, VersionHistoryUnavailable, VersionNotFound
from webapp.services.model_store.artifact import ArtifactLoader
from webapp.services.model_store.cache import VersionCache
from webapp.services.model_store.champions import by_age, candidates
from webapp.services.model_store.files import ModelFolder, VersionFile
from webapp.services.model_store.history import ModelHistory, VersionHistory
from webapp.services.model_store.served import ServedModel, UnservedModel
from webapp.services.telemetry import Metrics

UNLOADED = "It was unloaded."


@dataclass(frozen=True)
class ModelVersions:
    """One model: the version that answers for it, if any can, and the files of all."""

    champion: ServedModel | None
    #: Where the champion lay when it was loaded.
    path: Path | None
    files: Mapping[str, VersionFile]
    #: Those that should have answered and could not.
    refused: Sequence[UnservedModel]


class ModelStore:
    """Gives the models of one folder; a request asks once and passes on what it got."""

    def __init__(
        self,
        directory: Path,
        max_instances: int,
        loader: ArtifactLoader,
        history: VersionHistory | None = None,
        default: str | None = None,
        metrics: Metrics | None = None,
        redact: Collection[str] = (),
    ) -> None:
        self._folder = ModelFolder(directory)
        self._loader = loader
        self._loaded = VersionCache(loader, max_instances, metrics or Metrics(), redact)
        self._history = history
        self._default = default
        self._remembered: Mapping[str, ModelHistory] = {}
        self._prepared: set[VersionFile] = set()
        self._shelves: Mapping[str, ModelVersions] | None = None
        self._lock = RLock()

    def load(self) -> None:
        """Load all champions now instead of when the first is asked for."""
        _ = self._current

    def share(self) -> None:
        """Load the champions' files before a fork, so that the workers share their memory.

        Nothing is predicted, not even a golden row: after that, a fork may hang in OpenMP.
        """
        if self._history:
            with suppress(VersionHistoryUnavailable):
                self._remembered = self._history.read()
        for name, files in self._folder.scan().items():
            champion = files[candidates(files, self._history_of(name).line)[0]]
            if not self._digest_mismatch(champion):
                self._loader.share(champion.path, model=name)

    def refresh(self, *, files_only: bool = False) -> None:
        """Look at the folder and the history, load what is new, and then swap it in.

        While the history is out of reach, what it said last goes on.
        """
        with self._lock:
            if not files_only and self._history:
                with suppress(VersionHistoryUnavailable):
                    self._remembered = self._history.read()
            before = self._shelves or {}
            found = self._folder.scan()
            shelves = {name: self._shelf(name, files, before.get(name)) for name, files in found.items()}
            self._shelves = shelves
            files = {file for shelf in shelves.values() for file in shelf.files.values()}
            self._loaded.let_go(files, self.served())

    def prepare(self) -> None:
        """Load the newest version of each model, once, so that its promotion need not wait for that."""
        newest = {
            shelf.files[max(shelf.files, key=by_age)]
            for name, shelf in self._current.items()
            if not self._history_of(name).unloaded
        }
        for file in newest - self._prepared:
            self._entry(file)
        self._prepared = newest

    def get(self, name: str, version: str | None = None) -> ServedModel:
        """Give the champion of this name, or one version of it.

        Raises
        ------
        ModelNotFound
        VersionNotFound
        ModelNotReady
            When it can't be served.
        """
        shelf = self._get_shelf(name)
        if version is None:
            if shelf.champion is None:
                raise ModelNotReady(f"This model can't be served. {shelf.refused[0].reason}")
            return shelf.champion
        if shelf.champion and shelf.champion.version == version:
            return shelf.champion
        if version not in shelf.files:
            raise VersionNotFound
        if self._history_of(name).unloaded:
            raise ModelNotReady(f"This model can't be served. {UNLOADED}")
        entry = self._entry(shelf.files[version])
        if isinstance(entry, UnservedModel):
            raise ModelNotReady(f"This version can't be served. {entry.reason}")
        return entry

    def is_unloaded(self, name: str) -> bool:
        """Tell whether a model is there and was put away.

        Raises
        ------
        ModelNotFound
        """
        self._get_shelf(name)
        return self._history_of(name).unloaded

    def get_default(self) -> ServedModel:
        """Give the model that is meant where none is named.

        Raises
        ------
        ModelNotFound
            When none was chosen and not one alone is served.
        ModelNotReady
        """
        if self._default:
            return self.get(self._default)
        served = self.served()
        if len(served) != 1:
            raise ModelNotFound("Which model is meant here has not been set: DEFAULT_MODEL.")
        return served[0]

    def versions(self, name: str) -> list[tuple[VersionFile, ServedModel | UnservedModel | None]]:
        """Give all versions of a model, the newest first, each as far as it was loaded.

        Raises
        ------
        ModelNotFound
        """
        files = self._get_shelf(name).files
        newest_first = [files[version] for version in sorted(files, key=by_age, reverse=True)]
        return [(file, self._digest_mismatch(file) or self._loaded.peek(file)) for file in newest_first]

    @property
    def idle_seconds(self) -> float:
        """For how long nothing has been loaded."""
        return self._loaded.idle_seconds

    def knows(self, name: str) -> bool:
        """Tell whether there is a model of this name, served or not."""
        return name in self._current

    def served(self) -> list[ServedModel]:
        """Give the champions, by name."""
        return [shelf.champion for shelf in self._current.values() if shelf.champion]

    def unserved(self) -> list[UnservedModel]:
        """Give the models that can't be served, by name."""
        return [shelf.refused[0] for shelf in self._current.values() if not shelf.champion]

    def refused(self) -> list[UnservedModel]:
        """Give the versions that should answer but can't, so that another does in their place."""
        return [each for shelf in self._current.values() if shelf.champion for each in shelf.refused]

    @property
    def _current(self) -> Mapping[str, ModelVersions]:
        if self._shelves is None:
            with self._lock:
                if self._shelves is None:
                    self.refresh()
        assert self._shelves is not None  # noqa: S101  # nosec B101  # refresh has just made them
        return self._shelves

    def _get_shelf(self, name: str) -> ModelVersions:
        shelf = self._current.get(name)
        if shelf is None:
            raise ModelNotFound
        return shelf

    def _shelf(self, name: str, files: Mapping[str, VersionFile], before: ModelVersions | None) -> ModelVersions:
        line = self._history_of(name).line
        if self._history_of(name).unloaded:
            return ModelVersions(None, None, files, [UnservedModel(name=name, reason=UNLOADED)])
        refused = [_absent(name, version) for version in line[:1] if version not in files]
        for version in candidates(files, line):
            entry = self._entry(files[version])
            if isinstance(entry, ServedModel):
                return ModelVersions(entry, files[version].path, files, refused)
            refused.append(entry)
            kept = before.champion if before and before.path == files[version].path else None
            if kept and not self._digest_mismatch(kept):
                # A file was replaced by one that can't be served: what it held before goes on answering.
                return ModelVersions(kept, files[version].path, files, refused)
        return ModelVersions(None, None, files, refused)

    def _entry(self, file: VersionFile) -> ServedModel | UnservedModel:
        return self._digest_mismatch(file) or self._loaded.get(file)

    def _history_of(self, name: str) -> ModelHistory:
        return self._remembered.get(name, ModelHistory())

    def _digest_mismatch(self, each: VersionFile | ServedModel) -> UnservedModel | None:
        """Refuse what the history knows by another digest; loading tells why a file without one can't be read."""
        if each.digest in ("", self._history_of(each.name).digests.get(each.version, each.digest)):
            return None
        reason = f"Its file is not the one that was published or promoted as version {each.version}."
        return UnservedModel(name=each.name, version=each.version, reason=reason)


def _absent(name: str, version: str) -> UnservedModel:
    return UnservedModel(name=name, version=version, reason="It is the champion, but its file is not here.")
