"""The cells of the tests: all tests of a process share one zygote, and what was found in files is kept nowhere."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from webapp.services.cells.known_files import KnownFiles
from webapp.services.cells.zygote import shared_zygote
from webapp.services.model_store.artifact import ArtifactLoader

#: Its cells may read the modules of the tests, whose types some files use.
ZYGOTE = shared_zygote(32, False, ("tests.unit.cell.misbehaving.Misbehaving",))
NOWHERE = Path("/dev/null/known")


def loader(
    *,
    trusted_types: Collection[str] = (),
    allow_mismatch: Collection[str] = (),
    known: Path = NOWHERE,
    max_cells: int = 2,
    call_seconds: float = 30.0,
) -> ArtifactLoader:
    """Make a loader; without a folder to keep it in, nothing is known of a file."""
    return ArtifactLoader(
        ZYGOTE,
        KnownFiles(known),
        max_cells=max_cells,
        call_seconds=call_seconds,
        trusted_types=trusted_types,
        allow_mismatch=allow_mismatch,
    )


LOADER = loader()
