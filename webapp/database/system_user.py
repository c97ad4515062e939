"""The user of the operating system that PostgreSQL runs as: whoever runs the service, or for root another one."""

from __future__ import annotations

import os
import pwd
import stat
import subprocess  # nosec
from contextlib import suppress
from pathlib import Path
from typing import TypedDict

from webapp.errors import EmbeddedPostgresError

#: PostgreSQL refuses to run as root. For root it runs as the user whom the data belong to, or else as this one.
SYSTEM_USER = "pgserver"


class Account(TypedDict, total=False):
    """The user that programs run as, as ``subprocess`` takes it; nothing for the user of this process."""

    user: int
    group: int
    extra_groups: list[int]


def account_for(directory: Path, *, to_run: tuple[Path, ...]) -> Account:
    """Return the user whom a data directory belongs to, or is to belong, and let it reach the folders to run."""
    if os.geteuid() != 0:
        return {}
    _open(directory, to_run)
    owner = directory.stat() if directory.exists() else None
    if owner and owner.st_uid != 0:
        return Account(user=owner.st_uid, group=owner.st_gid, extra_groups=[])
    user = _system_user()
    if owner:
        # Root copied them here, from a backup perhaps.
        for path in (directory, *directory.rglob("*")):
            os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)
    return Account(user=user.pw_uid, group=user.pw_gid, extra_groups=[])


def _system_user() -> pwd.struct_passwd:
    with suppress(KeyError):
        return pwd.getpwnam(SYSTEM_USER)
    try:
        subprocess.run(["useradd", "--system", SYSTEM_USER], capture_output=True, check=False)  # noqa: S603, S607  # nosec
        return pwd.getpwnam(SYSTEM_USER)
    except (KeyError, FileNotFoundError):
        raise EmbeddedPostgresError(
            f"PostgreSQL can't run as root, and the user {SYSTEM_USER} could not be created. Start it as another user."
        ) from None


def _open(directory: Path, to_run: tuple[Path, ...]) -> None:
    """Let other users read what is to run, and pass through the folders above it and above the data without listing."""
    command = ["chmod", "-R", "go+rX", *map(str, to_run)]
    subprocess.run(command, capture_output=True, check=False)  # noqa: S603  # nosec
    through = stat.S_IXGRP | stat.S_IXOTH
    for folder in {*directory.parents, *(above for path in to_run for above in path.parents)}:
        mode = stat.S_IMODE(folder.stat().st_mode)
        if mode & through != through:
            folder.chmod(mode | through)
