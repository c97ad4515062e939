"""Puts a model's file and its companions together as one file."""

from __future__ import annotations

from pathlib import Path

from webapp.errors import NotServable
from webapp.models.parts_file import FilePart, write_parts
from webapp.regular_file import read_regular
from webapp.services.model_store.artifact_loader import ArtifactLoader
from webapp.services.model_store.companions import ALONE, Companions
from webapp.services.model_store.publishing_refusals import refusals
from webapp.services.model_store.time_limit import TimeLimit


class Assembler:
    """Has a cell put the parts of a model together."""

    def __init__(self, loader: ArtifactLoader, time_limit: TimeLimit) -> None:
        self._loader = loader
        self._time_limit = time_limit

    def put_together(self, copy: Path, source: Path, companions: Companions, name: str) -> tuple[str, ...]:
        """Replace the copy by one file of all parts, which their cell writes; return what it did with them."""
        if companions == ALONE or not (companions.are_certain or self._is_unnamed(copy, source, name)):
            return ()
        model = self._time_limit.run(copy, lambda step: read_regular(copy, on_progress=step))
        parts = write_parts([*companions.parts(), FilePart(role="model", name=source.name, data=model)])
        self._time_limit.run(copy, lambda _: copy.write_bytes(parts))
        with refusals(source):
            artifact = self._loader.load(copy, model=name)
            if artifact.report.prediction:
                raise NotServable(f"The files were put together. {artifact.report.prediction}")
            data = artifact.dump()
            artifact.cells.retire()
        self._time_limit.run(copy, lambda _: copy.write_bytes(data))
        return artifact.report.notes

    def _is_unnamed(self, copy: Path, source: Path, name: str) -> bool:
        with refusals(source):
            return self._loader.load(copy, model=name).signature.is_unnamed
