"""Landlock: lets a process read some folders, and refuses it every other file and every network."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from webapp.cell.lock.kernel import system_call

#: The same numbers on every processor.
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
VERSION_FLAG, PATH_BENEATH = 1, 1
READ_FILE, READ_DIR = 1 << 2, 1 << 3
#: How many rights over files each version of the interface knows. Each right is a bit, beginning with the lowest.
FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
#: From these versions on it also refuses TCP (to bind and to connect), and what reaches processes outside
#: (abstract Unix sockets and signals).
NETWORK_VERSION, SCOPE_VERSION = 4, 6
BOTH = 0b11


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


def version() -> int:
    """Return the version of Landlock's interface, 0 if the kernel has none or does not use it."""
    if sys.platform != "linux":
        return 0
    try:
        return system_call(CREATE_RULESET, None, ctypes.c_size_t(0), VERSION_FLAG)
    except OSError:
        return 0


def restrict(version: int, readable: Sequence[Path]) -> None:
    """Refuse this process every file, except to read what lies in these folders, by all that this version knows.

    The process must have given up new privileges before. Descriptors that are open stay as they are.
    """
    ruleset = _make_ruleset(version)
    try:
        for path in readable:
            _allow(ruleset, path)
        system_call(RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _make_ruleset(version: int) -> int:
    rules = _Ruleset((1 << FILE_RIGHTS[min(version, max(FILE_RIGHTS))]) - 1)
    if version >= NETWORK_VERSION:
        rules.network = BOTH
    if version >= SCOPE_VERSION:
        rules.scopes = BOTH
    # A kernel refuses a structure that is longer than the one it knows, unless the rest is zero.
    return system_call(CREATE_RULESET, ctypes.byref(rules), ctypes.c_size_t(ctypes.sizeof(rules)), 0)


def _allow(ruleset: int, path: Path) -> None:
    try:
        beneath = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except PermissionError:
        # What the user of this process may not reach needs no rule.
        return
    try:
        allowed = _PathBeneath(READ_FILE | READ_DIR if path.is_dir() else READ_FILE, beneath)
        system_call(ADD_RULE, ruleset, PATH_BENEATH, ctypes.byref(allowed), 0)
    finally:
        os.close(beneath)
