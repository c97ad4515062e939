"""Takes from a process what it may use, and what it may do more than other processes."""

from __future__ import annotations

import ctypes
import os
import resource
from contextlib import suppress
from pathlib import Path

from webapp.cell.lock.kernel import PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS, checked, libc, set_for_process

#: The user and the group that own nothing, on every Linux.
NOBODY = 65534
MAX_DESCRIPTORS = 64
#: From linux/capability.h: the version with 64 capabilities, kept as two structures of three numbers.
CAPABILITY_VERSION = 0x20080522


def limit(memory: int | None) -> None:
    """Limit this process to this many bytes more than it uses now, and to no files, processes or core dumps."""
    if memory is not None:
        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + memory, used + memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (MAX_DESCRIPTORS, MAX_DESCRIPTORS))
    # Linux does not count for root.
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))


def drop() -> None:
    """Become nobody if this is root, and give up every capability, for good."""
    if os.getuid() == 0:
        # Root without these two capabilities stays root by its number. What makes root more than that goes below.
        with suppress(OSError):
            os.setgroups([])
        with suppress(OSError):
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0)
    checked(libc().capset(ctypes.byref(header), ctypes.byref((ctypes.c_uint32 * 6)())))
    # Nobody of the same user may look into this process, and no crash hands its memory to a program. A change of
    # the user would set this back.
    set_for_process(PR_SET_DUMPABLE, 0)
    set_for_process(PR_SET_NO_NEW_PRIVS, 1)
