"""The folder in which the workers count for Prometheus: one for each run of gunicorn, removed at its end."""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import tempfile
from pathlib import Path

from webapp.server.console import fail

#: A file system in memory, because the workers write all the time.
IN_MEMORY = "/dev/shm"  # noqa: S108  # nosec B108
#: The memory that the files of a few workers and models take.
NEEDED_BYTES = 2**20


def metrics_folder() -> str:
    """Make the folder; when gunicorn reads its configuration again, return the one that is there."""
    folder, start = os.environ.get("PROMETHEUS_MULTIPROC_DIR", ""), f"scoredesk-{os.getpid()}-"
    if Path(folder).name.startswith(start):
        return folder
    for leftover in Path(IN_MEMORY).glob("scoredesk-*"):
        if _lock(leftover):
            shutil.rmtree(leftover, ignore_errors=True)
    _require_room()
    hidden = Path(tempfile.mkdtemp(prefix=f".{start}", dir=IN_MEMORY))
    _lock(hidden)
    visible = hidden.rename(hidden.with_name(hidden.name[1:]))
    atexit.register(_remove, visible, os.getpid())
    return str(visible)


def _require_room() -> None:
    try:
        memory = os.statvfs(IN_MEMORY)
        free = memory.f_bavail * memory.f_frsize
    except OSError:
        free = 0
    if free < NEEDED_BYTES or not os.access(IN_MEMORY, os.W_OK | os.X_OK):
        fail(
            f"There is no room in {IN_MEMORY}, where the workers count requests: {free // 1024} KiB are free or can't "
            f"be written to, and {NEEDED_BYTES // 1024} are needed. Remove what fills it, or give the container more "
            "shared memory (--shm-size)."
        )


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
