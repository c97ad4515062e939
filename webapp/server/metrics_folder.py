"""The folder in which the workers count for Prometheus: one for each run of gunicorn, removed at its end."""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import tempfile
from pathlib import Path

#: A file system in memory, because the workers write all the time.
IN_MEMORY = "/dev/shm"  # noqa: S108  # nosec B108


def metrics_folder() -> str:
    """Make the folder; when gunicorn reads its configuration again, return the one that is there."""
    folder, start = os.environ.get("PROMETHEUS_MULTIPROC_DIR", ""), f"scoredesk-{os.getpid()}-"
    if Path(folder).name.startswith(start):
        return folder
    for leftover in Path(IN_MEMORY).glob("scoredesk-*"):
        if _lock(leftover):
            shutil.rmtree(leftover, ignore_errors=True)
    hidden = Path(tempfile.mkdtemp(prefix=f".{start}", dir=IN_MEMORY))
    _lock(hidden)
    visible = hidden.rename(hidden.with_name(hidden.name[1:]))
    atexit.register(_remove, visible, os.getpid())
    return str(visible)


def _lock(folder: Path) -> bool:
    """Lock a folder until the last process that holds the lock ends; False if another run of gunicorn holds it."""
    try:
        fcntl.flock(os.open(folder, os.O_RDONLY | os.O_DIRECTORY), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _remove(folder: Path, owner: int) -> None:
    # Workers inherit this exit handler; only the process that made the folder may remove it.
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)
