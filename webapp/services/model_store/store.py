"""The models that are served, read once from their folder."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from webapp.errors import ModelNotFound, ModelNotReady, NotServable
from webapp.helpers.schema import InstanceSchema
from webapp.helpers.signature import read_signature
from webapp.services.artifact import load_artifact
from webapp.types import Signature

#: A file that lies bare in the folder has no version of its own; so many digits of its digest are it.
VERSION_DIGITS = 12


@dataclass(frozen=True, kw_only=True)
class ServedModel:
    """A model with all that answering takes, so that its parts always belong together."""

    name: str
    version: str
    digest: str
    estimator: Any
    signature: Signature
    schema: InstanceSchema


@dataclass(frozen=True, kw_only=True)
class UnservedModel:
    """A file that can't be served, and why, in words."""

    name: str
    reason: str


class ModelStore:
    """Finds and loads the Joblib files of one folder, each named after its file."""

    def __init__(self, directory: Path, max_instances: int) -> None:
        self._directory = directory
        self._max_instances = max_instances

    @cached_property
    def _entries(self) -> dict[str, ServedModel | UnservedModel]:
        paths = sorted(self._directory.glob("*.joblib"))
        return {path.stem: self._load(path) for path in paths if not path.name.startswith(".")}

    def load(self) -> None:
        """Load all models now instead of when the first is asked for."""
        _ = self._entries

    def get(self, name: str) -> ServedModel:
        """Give the model of this name.

        Raises
        ------
        ModelNotFound
        ModelNotReady
            When its file can't be served.
        """
        entry = self._entries.get(name)
        if entry is None:
            raise ModelNotFound
        if isinstance(entry, UnservedModel):
            raise ModelNotReady(f"This model can't be served. {entry.reason}")
        return entry

    def served(self) -> list[ServedModel]:
        """Give the models that answer, by name."""
        return [entry for entry in self._entries.values() if isinstance(entry, ServedModel)]

    def unserved(self) -> list[UnservedModel]:
        """Give the files that can't be served, by name."""
        return [entry for entry in self._entries.values() if isinstance(entry, UnservedModel)]

    def _load(self, path: Path) -> ServedModel | UnservedModel:
        try:
            artifact = load_artifact(path)
            signature = read_signature(artifact.estimator)
            return ServedModel(
                name=path.stem,
                version=artifact.digest[:VERSION_DIGITS],
                digest=artifact.digest,
                estimator=artifact.estimator,
                signature=signature,
                schema=InstanceSchema(signature, self._max_instances),
            )
        except NotServable as error:
            return UnservedModel(name=path.stem, reason=error.message)
        except Exception as error:
            return UnservedModel(name=path.stem, reason=f"It can't be read ({type(error).__name__}).")
