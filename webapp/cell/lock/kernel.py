"""Calls of Linux that Python has no function for."""

from __future__ import annotations

import ctypes
import os
from functools import cache

PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 4, 22, 38


@cache
def libc() -> ctypes.CDLL:
    """Return the C library of this process."""
    return ctypes.CDLL(None, use_errno=True)


def checked(result: int) -> int:
    """Return the result of a function of the C library, or raise what it failed with."""
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def system_call(number: int, *arguments: object) -> int:
    """Make a system call that the C library may have no function for."""
    return checked(libc().syscall(ctypes.c_long(number), *arguments))


def set_for_process(option: int, *values: object) -> None:
    """Change a property of this process by prctl, which reads four values whatever the property."""
    padded = (*values, 0, 0, 0, 0)[:4]
    checked(libc().prctl(option, *(ctypes.c_ulong(each) if isinstance(each, int) else each for each in padded)))
