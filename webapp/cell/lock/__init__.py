"""The lock: what the process of a model does to itself, for good, before it reads a file that may be hostile.

It gives up its privileges and its descriptors. Then Landlock keeps it from files and networks, and seccomp from every
system call that arithmetic does not need. Neither needs root, and both work in a container.
"""

from __future__ import annotations

from webapp.cell.lock.locking import lock
from webapp.cell.lock.paths import environment_paths
from webapp.cell.lock.protection import Protection, available

__all__ = ["Protection", "available", "environment_paths", "lock"]
