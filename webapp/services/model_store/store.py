"""The models that are served; a change is swapped in with one assignment."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import RLock

from webapp.errors import ModelNotFound, ModelNotReady, ModelsFolderSilent, VersionNotFound, VersionsLoading
from webapp.services.model_store.artifact_loader import ArtifactLoader
from webapp.services.model_store.cache import VersionCache
from webapp.services.model_store.champions import by_age
from webapp.services.model_store.files import ModelFolder, VersionFile
from webapp.services.model_store.history import VersionHistory
from webapp.services.model_store.loading import load
from webapp.services.model_store.scaled_inputs import caution
from webapp.services.model_store.selection import UNLOADED_REASON, ModelVersions, VersionSelector
from webapp.services.model_store.served import ServedModel, UnservedModel
from webapp.services.telemetry import Metrics

#: Seconds that a request waits for versions that others load, so that one slow file does not hold every thread.
LOADING_PATIENCE_SECONDS = 5.0
#: Seconds that whoever needs a new look at the folder waits for the one that is under way.
REFRESH_PATIENCE_SECONDS = 30.0


class ModelStore:
    """Holds the models of one folder; a request gets its model once and passes that object on."""

    def __init__(
        self,
        *,
        directory: Path,
        loader: ArtifactLoader,
        max_instances: int,
        history: VersionHistory | None = None,
        default: str | None = None,
        metrics: Metrics | None = None,
        redact: Collection[str] = (),
        max_cells: int = 8,
    ) -> None:
        self._folder = ModelFolder(directory, loader.own_code.digest)
        self._loader = loader
        self._cache = VersionCache(
            loader=loader, max_instances=max_instances, metrics=metrics or Metrics(), redact=redact
        )
        self._selector = VersionSelector(self._cache, history)
        self._default = default
        self._prepared: set[VersionFile] = set()
        self._started: set[int] = set()
        self._max_cells = max_cells
        self._models: Mapping[str, ModelVersions] | None = None
        self._lock = RLock()

    def load(self) -> None:
        """Load all champions now instead of at the first request."""
        _ = self._current

    def share(self) -> None:
        """Have the champions' files read and tried out before a fork, so that the workers know what was found."""
        self._selector.read_history()
        folder = self._folder.scan()
        for name, files in folder.items():
            if champion := self._selector.first_choice(name, files):
                # A file that can't be served is tried again by the workers, which report the reason.
                load(champion, self._loader, max_instances=1)
        self._loader.forget({file.digest for files in folder.values() for file in files.values()})

    def refresh(self, *, files_only: bool = False) -> None:
        """Look at the folder and the history, load what is new, and then swap it in.

        While the history or the folder can't be reached, what was read last stays valid.

        Raises
        ------
        VersionsLoading
            When another refresh takes too long.
        """
        with self._refreshing():
            if not files_only:
                self._selector.read_history()
            self._cache.forget_changed()
            before = self._models or {}
            folder = self._folder.scan()
            models = {name: self._selector.choose(name, files, before.get(name)) for name, files in folder.items()}
            self._start_cells(models)
            self._models = models
            files = {file for model in models.values() for file in model.files.values()}
            self._cache.evict(files, self.served())

    def _start_cells(self, models: Mapping[str, ModelVersions]) -> None:
        """Start the cells of new champions before they get requests, unless the service has just been started."""
        known = {id(model) for model in self.served()} if self._models is not None else None
        for model in models.values():
            if known is not None and model.champion and id(model.champion) not in known:
                model.champion.start_cells()

    @contextmanager
    def _refreshing(self) -> Iterator[None]:
        if not self._lock.acquire(timeout=REFRESH_PATIENCE_SECONDS):
            raise VersionsLoading
        try:
            yield
        finally:
            self._lock.release()

    def prepare(self) -> None:
        """Load the newest version of each model, once, so that its promotion need not wait for that.

        Champions that need cells get them, so that their next requests need not wait.
        """
        # More cells than may live would only end each other.
        in_need = [model for model in self.served() if model.inference.plan is None][: self._max_cells]
        for model in in_need:
            if id(model) not in self._started:
                model.start_cells()
        self._started = {id(model) for model in in_need}
        newest = {
            model.files[max(model.files, key=by_age)]
            for name, model in self._current.items()
            if not self._selector.is_unloaded(name)
        }
        for file in newest - self._prepared:
            self._selector.load(file)
        self._prepared = newest

    def get(self, name: str, version: str | None = None) -> ServedModel:
        """Return the champion of this name, or one version of the model.

        Raises
        ------
        ModelNotFound
        VersionNotFound
        ModelNotReady
            When it can't be served.
        VersionsLoading
            When this version has to be loaded, and others take too long.
        """
        model = self._model(name)
        if version is None:
            if model.champion is None:
                raise ModelNotReady(f"This model can't be served. {model.refused[0].reason}")
            return model.champion
        if model.champion and model.champion.version == version:
            return model.champion
        if version not in model.files:
            raise VersionNotFound
        if self._selector.is_unloaded(name):
            raise ModelNotReady(f"This model can't be served. {UNLOADED_REASON}")
        entry = self._selector.load(model.files[version], LOADING_PATIENCE_SECONDS)
        if isinstance(entry, UnservedModel):
            raise ModelNotReady(f"This version can't be served. {entry.reason}")
        return entry

    def find(self, name: str) -> ServedModel | None:
        """Return the champion of this name, or None if there is none that can be served."""
        with suppress(ModelNotFound, ModelNotReady):
            return self.get(name)
        return None

    def is_unloaded(self, name: str) -> bool:
        """Return whether a model is there but was taken out of service.

        Raises
        ------
        ModelNotFound
        """
        self._model(name)
        return self._selector.is_unloaded(name)

    def get_default(self) -> ServedModel:
        """Return the model for requests that name none.

        Raises
        ------
        ModelNotFound
            When DEFAULT_MODEL is not set and not exactly one model is served.
        ModelNotReady
        """
        if self._default:
            return self.get(self._default)
        served = self.served()
        if not self.was_found:
            raise ModelsFolderSilent
        if len(served) != 1:
            raise ModelNotFound("This address needs a default model. Set DEFAULT_MODEL.")
        return served[0]

    def find_default(self) -> ServedModel | None:
        """Return the model for requests that name none, or None if there is none that can be served."""
        with suppress(ModelNotFound, ModelNotReady):
            return self.get_default()
        return None

    def versions(self, name: str) -> list[tuple[VersionFile, ServedModel | UnservedModel | None]]:
        """Return all versions of a model, the newest first; None stands for one that is not loaded.

        Raises
        ------
        ModelNotFound
        """
        files = self._model(name).files
        newest_first = [files[version] for version in sorted(files, key=by_age, reverse=True)]
        return [(file, self._selector.peek(file)) for file in newest_first]

    @property
    def was_found(self) -> bool:
        """Whether the models folder could be listed, at least once."""
        return self._folder.was_listed

    @property
    def folder_problem(self) -> str | None:
        """What is wrong with the models folder now, in a sentence; None if nothing is."""
        return self._folder.problem

    def names(self) -> Collection[str]:
        """Return the names of all models, served or not.

        Raises
        ------
        ModelsFolderSilent
        """
        names = self._current.keys()
        if not self.was_found:
            raise ModelsFolderSilent
        return names

    def knows(self, name: str) -> bool:
        """Return whether there is a model of this name, served or not."""
        return name in self._current

    def served(self) -> list[ServedModel]:
        """Return the champions, by name."""
        return [model.champion for model in self._current.values() if model.champion]

    def unserved(self) -> list[UnservedModel]:
        """Return the models that can't be served, by name."""
        return [model.refused[0] for model in self._current.values() if not model.champion]

    def caution(self, model: ServedModel) -> str | None:
        """Return what to say of a model that probably lacks what scales its inputs."""
        return caution(model, self.unserved())

    def refused(self) -> list[UnservedModel]:
        """Return the versions that should answer but can't, so that another version answers instead."""
        return [version for model in self._current.values() if model.champion for version in model.refused]

    @property
    def _current(self) -> Mapping[str, ModelVersions]:
        if self._models is None:
            with self._lock:
                if self._models is None:
                    self.refresh()
        assert self._models is not None  # noqa: S101  # nosec B101  # refresh has just set it
        return self._models

    def _model(self, name: str) -> ModelVersions:
        model = self._current.get(name)
        if model is None:
            raise ModelNotFound if self.was_found else ModelsFolderSilent
        return model
