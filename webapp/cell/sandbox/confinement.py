"""Confines this process, and each that it starts, for good: what it may use, and that it changes no file or folder.

Linux itself refuses it by Landlock, which needs no root and works in a container. Where Linux has none, and for what
Landlock does not know (modes, owners, times), an audit hook refuses what Python code does; compiled code and other
programs could go around the hook.
"""

from __future__ import annotations

import ctypes
import errno
import os
import resource
import sys

MEBIBYTE = 1024**2
#: Processor time that any file may use, and how much more for each MiB of the file.
CPU_SECONDS, CPU_SECONDS_PER_MEBIBYTE = 5, 0.25
#: How many times as long a check may take by the clock, because the machine may have other work to do.
MAX_SLOWDOWN = 12
#: Bytes of memory that any file may use, and how many more for each byte of the file.
MEMORY_BYTES, MEMORY_BYTES_PER_BYTE = 1024 * MEBIBYTE, 8

#: The same numbers on every processor.
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
VERSION_FLAG, PATH_BENEATH = 1, 1
NO_NEW_PRIVILEGES = 38

WRITE_FILE = 1 << 1
#: Removing a folder or a file, and making one of each kind.
REMOVE_OR_MAKE = sum(1 << bit for bit in range(4, 13))
#: The rights that later versions of Landlock added: to move between folders (2), and to empty a file (3).
REFER, TRUNCATE = 1 << 13, 1 << 14
#: The first version that knows all of them.
COMPLETE_VERSION = 3

WRITING_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
WRITING_EVENTS = frozenset(
    f"os.{name}"
    for name in (
        *("mkdir", "rename", "remove", "rmdir", "link", "symlink", "truncate"),
        *("chmod", "chown", "lchmod", "chflags", "utime", "setxattr", "removexattr"),
    )
)


class _Ruleset(ctypes.Structure):
    _fields_ = (("handled", ctypes.c_uint64),)


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


def max_cpu_seconds(size: int) -> int:
    """Return how many seconds of processor time a file of this many bytes may use."""
    return int(CPU_SECONDS + CPU_SECONDS_PER_MEBIBYTE * size / MEBIBYTE)


def max_seconds(size: int) -> int:
    """Return how many seconds by the clock the check of a file of this many bytes may take."""
    return MAX_SLOWDOWN * max_cpu_seconds(size)


def max_memory(size: int) -> int:
    """Return how many bytes of memory a file of this many bytes may use."""
    return MEMORY_BYTES + MEMORY_BYTES_PER_BYTE * size


def limit(size: int) -> None:
    """Limit this process to what a file of this many bytes may use."""
    with open("/proc/self/statm") as statm:  # noqa: PTH123  (a file of the kernel, read once)
        used = int(statm.read().split()[0]) * resource.getpagesize()
    memory, cpu = used + max_memory(size), max_cpu_seconds(size)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    # At the first limit Linux sends SIGXCPU; SIGKILL, sent at the second, could have come from others.
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 1))
    # Nor may it write to files that are already open.
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def forbid_writing() -> bool:
    """Forbid this process to change any file system; return whether Linux enforces all of it.

    The null device and files that are already open can be written to as before. Call this before another thread
    is started, because Landlock binds the calling thread and what that starts.
    """
    sys.addaudithook(_refuse)
    try:
        return _restrict() >= COMPLETE_VERSION
    except OSError:
        return False


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if event == "open":
        path, _, flags = arguments
        # A descriptor instead of a path is a file that is already open.
        is_allowed = isinstance(path, int) or path in (os.devnull, os.fsencode(os.devnull))
        if isinstance(flags, int) and flags & WRITING_FLAGS and not is_allowed:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    elif event in WRITING_EVENTS:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def _restrict() -> int:
    """Restrict this thread by Landlock, and return the version of Landlock."""
    libc = ctypes.CDLL(None, use_errno=True)

    def call(number: int, *arguments: object) -> int:
        result = int(libc.syscall(ctypes.c_long(number), *arguments))
        if result < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        return result

    version = call(CREATE_RULESET, None, ctypes.c_size_t(0), VERSION_FLAG)
    handled = WRITE_FILE | REMOVE_OR_MAKE | (REFER if version >= 2 else 0) | (TRUNCATE if version >= 3 else 0)
    rules = _Ruleset(handled)
    ruleset = call(CREATE_RULESET, ctypes.byref(rules), ctypes.c_size_t(ctypes.sizeof(rules)), 0)
    null = os.open(os.devnull, os.O_PATH | os.O_CLOEXEC)
    try:
        allowed = _PathBeneath(handled & (WRITE_FILE | TRUNCATE), null)
        call(ADD_RULE, ruleset, PATH_BENEATH, ctypes.byref(allowed), 0)
        if libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        call(RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(null)
        os.close(ruleset)
    return version
