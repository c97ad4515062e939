"""Starts zygotes that leave out checks."""

from __future__ import annotations

import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from webapp.services.cells import zygote_process
from webapp.services.cells.known_files import KnownFiles
from webapp.services.cells.zygote import ZygoteClient
from webapp.services.model_store.artifact_loader import ArtifactLoader

CALL_SECONDS = 3.0


class LaxZygote(ZygoteClient):
    """Starts a zygote that leaves out the gate or the lock, with all else as in the service."""

    def __init__(self, *left_out: str, max_cells: int = 8) -> None:
        super().__init__(max_cells=max_cells)
        self._left_out = ",".join(left_out) or "nothing"

    def _start(self) -> None:
        def popen(command: list[str], **options: Any) -> subprocess.Popen[bytes]:
            place = command.index("webapp.cell")
            own = [*command[:place], "tests.cell_attacks.zygote", self._left_out, *command[place + 1 :]]
            return subprocess.Popen(own, **options)

        with patch.object(zygote_process, "subprocess", SimpleNamespace(Popen=popen, DEVNULL=subprocess.DEVNULL)):
            super()._start()

    def loader(self, call_seconds: float = CALL_SECONDS) -> ArtifactLoader:
        """Make a loader that keeps nothing of what it finds."""
        known = KnownFiles(Path("/dev/null/known"))
        return ArtifactLoader(self, known, processes=1, max_cells=1, call_seconds=call_seconds)
