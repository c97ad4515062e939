"""Checks of this machine: the files of the keys, the spool, the models folder and the space on their disks."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path
from shutil import disk_usage

from webapp.errors import SettingsError
from webapp.services.readiness import MAX_WAITING_SECONDS, seconds_waited
from webapp.services.spool import Spool

#: File systems whose files end with the machine or the container.
NOT_PERSISTENT = ("tmpfs", "ramfs", "overlay")
#: Where Docker mounts secrets, which all users of the container can read; the service is the only one there.
DOCKER_SECRETS = Path("/run/secrets")
#: Free bytes below which a disk will soon be full: as much as a million waiting records take.
MIN_FREE_BYTES = 1024**3


def check_key_files(paths: Collection[Path]) -> str:
    """Check that the files of the keys and passwords are there, and closed to other users of the machine."""
    for path in paths:
        if not path.exists():
            raise SettingsError(f"{path} is not there, or this user may not see it. Restore it from a backup.")
        if _is_open(path):
            raise SettingsError(f"{path} can be read by every user of this machine. To close it: chmod o= {path}")
    if not paths:
        return "none; what is set comes from variables of the environment."
    return f"{', '.join(map(str, paths))} {'is' if len(paths) == 1 else 'are'} closed to other users."


def check_spool(spool: Spool) -> str:
    """Check that records can wait on a disk that lasts, and that none waits too long."""
    folder = spool.folder
    # It is made with the first record, by the user that the service runs as.
    existing = _existing(folder)
    if not (existing.is_dir() and os.access(existing, os.W_OK | os.X_OK)):
        raise SettingsError(f"{existing} can't be written. Give the service's user access, or change SPOOL_DIR.")
    kind = file_system(existing)
    if kind in NOT_PERSISTENT:
        raise SettingsError(f"{folder} is on {kind}, which does not last. Let SPOOL_DIR name a persistent disk.")
    status = spool.status()
    if status.set_aside:
        raise SettingsError(
            f"{_rows(status.set_aside)} set aside in {folder}/set-aside.jsonl. What to do is in docs/operations.md, "
            "“Records that are set aside”."
        )
    if seconds_waited(status) > MAX_WAITING_SECONDS:
        raise SettingsError(
            f"{_rows(status.rows)} waiting in {folder}, the oldest since {status.oldest:%Y-%m-%d %H:%M} UTC. Once "
            "PostgreSQL can be reached, move them: flask --app wsgi spool replay"
        )
    return f"{folder} can be written, and {_rows(status.rows)} waiting there."


def check_models_folder(folder: Path) -> str:
    """Check that the models folder can be read."""
    if not (folder.is_dir() and os.access(folder, os.R_OK | os.X_OK)):
        raise SettingsError(f"{folder} can't be read. Make it, give the service's user access, or change MODELS_DIR.")
    return f"{folder} can be read."


def check_space(folders: Mapping[str, Path]) -> str:
    """Check that the disks of the folders, by the names of their settings, are not nearly full."""
    free = {name: disk_usage(_existing(folder)).free for name, folder in folders.items()}
    for name, size in free.items():
        if size < MIN_FREE_BYTES:
            raise SettingsError(
                f"only {_gigabytes(size)} are free for {name} ({folders[name]}). Free some space, or enlarge the disk."
            )
    return f"{_gigabytes(min(free.values()))} or more are free for {', '.join(free)}."


def file_system(folder: Path) -> str:
    """Return the kind of the file system that a folder is on, empty where the kernel does not say."""
    device = f"{os.major(folder.stat().st_dev)}:{os.minor(folder.stat().st_dev)}"
    with suppress(OSError):
        for line in Path("/proc/self/mountinfo").read_text().splitlines():
            if line.split()[2] == device:
                return line.partition(" - ")[2].split()[0]
    return ""


def _is_open(path: Path) -> bool:
    """Return whether any user of the machine can read a file: it and all folders above it are open."""
    through = all(folder.stat().st_mode & stat.S_IXOTH for folder in path.absolute().parents)
    return through and bool(path.stat().st_mode & stat.S_IROTH) and path.parent != DOCKER_SECRETS


def _existing(folder: Path) -> Path:
    return next(each for each in (folder, *folder.parents) if each.exists())


def _rows(count: int) -> str:
    return f"{count} {'row is' if count == 1 else 'rows are'}"


def _gigabytes(size: int) -> str:
    return f"{size / 1024**3:.1f} GB"
