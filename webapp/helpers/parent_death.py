"""Asks the kernel to end a process with the one that started it."""

from __future__ import annotations

import ctypes
import os
import signal

#: From linux/prctl.h.
PR_SET_PDEATHSIG = 1


def signal_on_parent_death(number: signal.Signals, parent: int) -> bool:
    """Let the kernel send this process a signal when its parent ends; return whether the parent is still there.

    The parent may have ended just before, and then no signal follows. To the kernel, the parent is the thread that
    forked; it should be the main one.
    """
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number)
    return os.getppid() == parent
