"""What a locked process may try."""

from __future__ import annotations

import os
import resource
import signal
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.unit.cell.lock.world import World
from webapp.cell.lock import locking
from webapp.cell.lock.kernel import libc, set_for_process, system_call
from webapp.cell.lock.system_calls import CHECKED, ENDING, numbers

MEBIBYTE = 1024**2
MACHINE = os.uname().machine
FAST_OPEN = 0x20000000
ATTACH, SET_DUMPABLE = 16, 4
#: Where a relative path begins.
HERE = -100
Attempt = Callable[[World], Any]


def kill_thread(process: int) -> int:
    return system_call(numbers(CHECKED, MACHINE)["tgkill"], process, process, signal.SIGKILL)


def fill_output() -> bool:
    for stream in (1, 2):
        os.write(stream, b"x" * MEBIBYTE)
    return os.read(0, 1) == b""


def allocate(size: int) -> int:
    return len(bytearray(size * MEBIBYTE))


def share(world: World) -> int:
    world.shared[0] = 42
    return world.shared[0]


def answer(world: World) -> str:
    question = world.theirs.recv(100)
    world.theirs.sendall(b"answer")
    return question.decode()


#: These end the process where seccomp works.
HARMFUL: dict[str, Attempt] = {
    "start a program": lambda _: os.execv("/bin/true", ["true"]),  # noqa: S606
    "start a shell": lambda _: os.system("true"),  # noqa: S605
    "start a process": lambda _: os.posix_spawn("/bin/true", ["true"], {}),
    "fork": lambda _: os.fork() or os._exit(0),
    "open a socket": lambda _: socket.socket(),
    "open two sockets": lambda _: socket.socketpair(),
    "connect": lambda world: world.unconnected.connect(world.address),
    "connect by sending": lambda world: world.unconnected.sendto(b"x", FAST_OPEN, world.address),
    "write a file": lambda world: world.file.write_text("changed"),
    "write a file that it may read": lambda world: os.open(world.readable, os.O_WRONLY),
    "append to a file": lambda world: world.file.open("a"),
    "make a file": lambda world: (world.folder / "new").touch(),
    "make a file without a name": lambda world: os.open(world.folder, os.O_TMPFILE | os.O_RDWR),
    "write to the null device": lambda _: os.open(os.devnull, os.O_WRONLY),
    "trace the parent": lambda world: libc().ptrace(ATTACH, world.parent, 0, 0),
    "kill the parent": lambda world: os.kill(world.parent, signal.SIGKILL),
    "kill a thread of the parent": lambda world: kill_thread(world.parent),
    "change a limit": lambda _: resource.setrlimit(resource.RLIMIT_NOFILE, (60, 60)),
    "become traceable": lambda _: set_for_process(SET_DUMPABLE, 1),
}
#: These fail with these errors, whichever wall is missing.
REFUSED: dict[str, tuple[Attempt, str]] = {
    "read its first environment": (lambda _: Path("/proc/self/environ").read_bytes(), "PermissionError"),
    "read another's environment": (lambda it: Path(f"/proc/{it.parent}/environ").read_bytes(), "PermissionError"),
    "read the users": (lambda _: Path("/etc/passwd").read_text(), "PermissionError"),
    "read a file": (lambda world: world.file.read_text(), "PermissionError"),
    "list a folder": (lambda world: list(world.folder.iterdir()), "PermissionError"),
    "start a thread": (lambda _: threading.Thread(target=int).start(), "RuntimeError"),
    "use a descriptor that was not kept": (lambda world: os.write(world.lost.fileno(), b"x"), "OSError"),
    "extend a file that was kept": (lambda world: os.write(world.kept_file.fileno(), b"x"), "OSError"),
    "use more than its memory": (lambda _: allocate(128), "MemoryError"),
}
#: These work, with these results.
HARMLESS: dict[str, tuple[Attempt, Any]] = {
    "read its environment": (lambda _: dict(os.environ), {}),
    "compute": (lambda _: float((np.ones((99, 99)) @ np.ones((99, 99))).sum()), 99.0**3),
    "draw random bytes": (lambda _: len(os.urandom(8)), 8),
    "use half of its memory": (lambda _: allocate(32), 32 * MEBIBYTE),
    "share a page": (share, 42),
    "answer": (answer, "question"),
    "fill its output": (lambda _: fill_output(), True),
}
#: What only a process under Landlock may do.
READ_CODE: Attempt = lambda _: "def lock" in Path(locking.__file__).read_text()  # noqa: E731
#: These end the process with another status than SIGSYS.
ENDS: dict[str, tuple[Attempt, int]] = {
    "crash": (lambda _: os.abort(), -signal.SIGABRT),
    "exit": (lambda _: os._exit(3), 3),
}


def by_system_call() -> dict[str, Attempt]:
    """Return each system call that ends a process, with arguments with which it would do harm."""

    def attempt(name: str, number: int) -> Attempt:
        return lambda world: system_call(number, *arguments(world.folder, world.parent).get(name, ()), 0, 0, 0)

    return {f"call {name}": attempt(name, number) for name, number in numbers(ENDING, MACHINE).items()}


def arguments(folder: Path, process: int) -> dict[str, tuple[object, ...]]:
    """Return what harms a folder and a process, by the system calls' names on x86_64."""
    path, other, inner = (os.fsencode(folder / name) for name in ("file", "other", "inner"))
    owner = os.getuid(), os.getgid()
    return {
        "execve": (b"/bin/true", None, None),
        **dict.fromkeys(("kill", "tkill"), (process, signal.SIGKILL)),
        "ptrace": (ATTACH, process),
        "creat": (path, 0o600),
        **dict.fromkeys(("unlink", "utime", "utimes", "truncate", "chmod"), (path,)),
        **dict.fromkeys(("unlinkat", "futimesat", "utimensat", "fchmodat", "fchmodat2"), (HERE, path)),
        **dict.fromkeys(("rename", "link", "symlink"), (path, other)),
        **dict.fromkeys(("renameat", "renameat2", "linkat"), (HERE, path, HERE, other)),
        "symlinkat": (path, HERE, other),
        "mkdir": (other, 0o700),
        "mkdirat": (HERE, other, 0o700),
        "rmdir": (inner,),
        "mknod": (other, 0o100600),
        "mknodat": (HERE, other, 0o100600),
        **dict.fromkeys(("chown", "lchown"), (path, *owner)),
        "fchownat": (HERE, path, *owner),
        **dict.fromkeys(("setxattr", "lsetxattr"), (path, b"user.x", b"x", 1)),
    }
