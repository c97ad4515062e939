"""The cells of the tests: all tests of a process share one zygote, and what was found in files is kept nowhere."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import joblib

from tests.faults.postgres import wait_until
from webapp.config import ROOT
from webapp.services.cells.cell_starts import FileOfCells
from webapp.services.cells.known_files import KnownFiles
from webapp.services.cells.model_cells import ModelCells
from webapp.services.cells.zygote import ZygoteClient, shared_zygote
from webapp.services.model_store.artifact_loader import ArtifactLoader

#: Its cells may read the modules of the tests, whose types some files use.
ZYGOTE = shared_zygote(32, False, ("tests.unit.cell.misbehaving.Misbehaving",))
NOWHERE = Path("/dev/null/known")
#: Limits that a test may change, and where the zygote has them.
LIMITS = {
    "cpu_seconds": "webapp.models.file_limits.CPU_SECONDS",
    "max_slowdown": "webapp.models.file_limits.MAX_SLOWDOWN",
    "idle_seconds": "webapp.cell.pools.IDLE_SECONDS",
    "retired_seconds": "webapp.cell.pools.RETIRED_SECONDS",
    "leave_seconds": "webapp.cell.fork.LEAVE_SECONDS",
    "tick_seconds": "webapp.cell.zygote.IDLE_TICK_SECONDS",
}


def loader(
    *,
    trusted_types: Collection[str] = (),
    known: Path = NOWHERE,
    max_cells: int = 2,
    call_seconds: float = 30.0,
) -> ArtifactLoader:
    """Make a loader; without a folder to keep it in, nothing is known of a file."""
    return ArtifactLoader(
        ZYGOTE,
        KnownFiles(known),
        max_cells=max_cells,
        processes=1,
        call_seconds=call_seconds,
        trusted_types=trusted_types,
    )


LOADER = loader()


@contextmanager
def zygote_with(*, max_cells: int = 8, **limits: float) -> Iterator[ZygoteClient]:
    """Start a zygote of its own, with limits by their names in ``LIMITS``."""
    client = ZygoteClient(max_cells=max_cells)
    command = [
        *(sys.executable, "-m", "tests.zygote_with_limits", str(client.folder)),
        *(f"--owner={os.getpid()}", f"--max-cells={max_cells}", "--trusted", "tests.unit.cell.misbehaving.Misbehaving"),
    ]
    values = {LIMITS[name]: value for name, value in limits.items()}
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"LIMITS": json.dumps(values)})
    try:
        wait_until(lambda: (client.folder / "zygote").exists() or process.poll() is not None)
        yield client
    finally:
        process.terminate()
        process.wait()
        client._remove()


def cells_of(
    estimator: object,
    folder: Path,
    *,
    zygote: ZygoteClient = ZYGOTE,
    max_cells: int = 1,
    seconds: float = 20.0,
    trusted: Sequence[str] = (),
) -> ModelCells:
    """Dump an estimator, and give its cells, of which none was started yet."""
    path = folder / f"{uuid4().hex}.joblib"
    joblib.dump(estimator, path)
    data = path.read_bytes()
    file = FileOfCells(
        # Cells of other tests, which read an equal file, count for themselves.
        key=hashlib.sha256(path.name.encode()).hexdigest(),
        digest=hashlib.sha256(data).hexdigest(),
        size=len(data),
        trusted=trusted,
        open=lambda: os.open(path, os.O_RDONLY),
    )
    return ModelCells(zygote, file, max_cells=max_cells, max_calls=max_cells, seconds=seconds)


def pids(cells: ModelCells) -> list[int]:
    """Return the processes of a file's cells."""
    return list(status(cells)["cells"])


def deaths(cells: ModelCells) -> int:
    """Return how many cells of a file ended that should not have."""
    return int(status(cells)["deaths"])


def status(cells: ModelCells) -> dict[str, Any]:
    """Return what the zygote knows of the cells of a file."""
    return cells._zygote.request({"request": "status", "key": cells._file.key})[0]
