"""The cells of the tests: all tests of a process share one zygote, and what was found in files is kept nowhere."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from webapp.services.cells.known_files import KnownFiles
from webapp.services.cells.zygote import shared_zygote
from webapp.services.model_store.artifact import ArtifactLoader

ZYGOTE = shared_zygote(32, False, ())


def loader(
    *, trusted_types: Collection[str] = (), known: Path = Path("/dev/null/known"), **rest: object
) -> ArtifactLoader:
    """Make a loader; without a folder to keep it in, nothing is known of a file."""
    options = {"max_cells": 2, "call_seconds": 30.0} | rest
    return ArtifactLoader(ZYGOTE, KnownFiles(known), trusted_types=trusted_types, **options)


LOADER = loader()
