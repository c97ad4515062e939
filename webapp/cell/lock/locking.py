"""Locks a process."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Collection, Sequence
from pathlib import Path

from webapp.cell.lock import landlock, privileges, seccomp
from webapp.cell.lock.descriptors import close_all_but
from webapp.cell.lock.protection import Protection, available
from webapp.helpers.parent_death import signal_on_parent_death


def lock(*, readable: Sequence[Path], keep: Collection[int], memory: int | None) -> Protection:
    """Lock this process, which has just been forked and has one thread, and return what holds now.

    Parameters
    ----------
    readable
        The folders and files that it may read.
    keep
        The descriptors that it may use.
    memory
        How many bytes it may use beyond what it uses now; None for any number.

    Raises
    ------
    OSError
        If the kernel refuses a wall that it offers, or the process that forked this one has ended.
    """
    parent = os.getppid()
    protection = available()
    close_all_but(keep)
    os.environ.clear()
    # An import must not try to write what it has compiled: that would end the process.
    sys.dont_write_bytecode = True
    privileges.limit(memory)
    privileges.drop()
    # Linux forgets this signal when the user changes.
    if not signal_on_parent_death(signal.SIGKILL, parent):
        raise ProcessLookupError("The process that forked this one has ended.")
    if protection.landlock:
        landlock.restrict(protection.landlock, readable)
    if protection.seccomp:
        seccomp.restrict(may_open=protection.landlock > 0)
    return protection
