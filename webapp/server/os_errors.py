"""An error of the operating system at the start, as sentences: which path, why, and what to do."""

from __future__ import annotations

import errno
import os
import pwd
import shlex
from contextlib import suppress
from pathlib import Path

from webapp.config import Settings
from webapp.database.system_user import SYSTEM_USER


def as_sentence(error: OSError, settings: Settings) -> str:
    """Return what happened and what to do about it."""
    cause = error.strerror or type(error).__name__
    if not isinstance(error.filename, (str, bytes)):
        return f"The service can't start ({cause}). {_advice(error, settings.instance_dir, settings)}"
    path = Path(os.fsdecode(error.filename))
    return f"{path} can't be used ({cause}). {_advice(error, path, settings)}"


def _advice(error: OSError, path: Path, settings: Settings) -> str:
    folders = {
        "SPOOL_DIR": settings.spool_dir,
        "INSTANCE_DIR": settings.instance_dir,
        "MODELS_DIR": settings.models_dir,
    }
    around = [(name, folder) for name, folder in folders.items() if folder and path.is_relative_to(folder)]
    below = [(name, None) for name, folder in folders.items() if folder and folder.is_relative_to(path)]
    name, folder = [*around, *below, ("INSTANCE_DIR", None)][0]
    elsewhere = f"{name} can name another folder"
    if error.errno in (errno.EACCES, errno.EPERM):
        # The models may well be another user's.
        return f"{_whose(path)} {elsewhere}{_hand_over(path, folder if name != 'MODELS_DIR' else None)}"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"Free some space, and start again. Or: {elsewhere}."
    if error.errno in (errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.EINVAL):
        return f"Something else is in the place of a folder or file that is needed. Move it away. Or: {elsewhere}."
    return f"{elsewhere}, which this user can write to."


def _whose(path: Path) -> str:
    part = _visible(path)
    owner, me = _name(part.stat().st_uid), _name(os.geteuid())
    if owner == me:
        return f"{part} belongs to {me}, but its mode forbids this."
    was_root = " The service was probably started as root once." if owner in ("root", SYSTEM_USER) else ""
    return f"{part} belongs to {owner}, and this is {me}.{was_root}"


def _hand_over(path: Path, folder: Path | None) -> str:
    part = _visible(path)
    if part.stat().st_uid == os.geteuid():
        return f"; to open this one: chmod u+rwX {shlex.quote(str(part))}"
    # The owner of a folder that others use too had better stay.
    return f"; to have this one: sudo chown -R {_name(os.geteuid())}: {shlex.quote(str(folder))}" if folder else "."


def _visible(path: Path) -> Path:
    """Return a path, or the folder above it behind which this user sees nothing."""
    for part in (path, *path.parents):
        with suppress(OSError):
            part.stat()
            return part
    return Path("/")


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
