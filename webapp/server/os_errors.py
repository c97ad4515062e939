"""An error of the operating system at the start, as sentences: which path, why, and what to do."""

from __future__ import annotations

import errno
import os
import pwd
import shlex
from contextlib import suppress
from pathlib import Path

from webapp.config import Settings


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
        return f"{_whose(path, folder if name != 'MODELS_DIR' else None)} Or: {elsewhere}."
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"Free some space, and start again. Or: {elsewhere}."
    if error.errno in (errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.EINVAL):
        return f"Something else is in the place of a folder or file that is needed. Move it away. Or: {elsewhere}."
    return f"{elsewhere}, which this user can write to."


def _whose(path: Path, folder: Path | None) -> str:
    """Return to whom a path belongs, or the part of it that can be seen, and how to get it."""
    me = _name(os.geteuid())
    for part in (path, *path.parents):
        with suppress(OSError):
            owner = _name(part.stat().st_uid)
            break
    if owner == me:
        return f"{part} belongs to {me}, but its mode forbids this. To allow it: chmod u+rwX {shlex.quote(str(part))}."
    whose = f"{part} belongs to {owner}, and this is {me}."
    if folder is None:
        return f"{whose} Let {me} use it."
    was_root = " The service was probably started as root once." if owner in ("root", "pgserver") else ""
    return f"{whose}{was_root} To hand it over: sudo chown -R {me}: {shlex.quote(str(folder))}"


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
