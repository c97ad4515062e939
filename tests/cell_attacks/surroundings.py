"""What surrounds the cells in these tests: secrets to learn, files to change, doors to knock at."""

from __future__ import annotations

import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

#: A program that holds a secret in its environment and in its memory, as the service does.
HOLDER = "import os, sys; held = os.environ['SECRET_KEY'] * 3; print(flush=True); sys.stdin.read()"


@dataclass(frozen=True)
class Surroundings:
    """What is there before a hostile file is read."""

    secret: str
    folder: Path
    #: Another process of the same user, which holds the secret.
    service: subprocess.Popen[bytes]
    doors: tuple[socket.socket, ...]

    @property
    def places(self) -> dict[str, object]:
        """What the code of a hostile file is told, so that it need not search."""
        port, path, abstract = (door.getsockname() for door in self.doors)
        return {
            "FOLDER": str(self.folder),
            "FILE": str(self.folder / "instance" / "secret"),
            "SERVICE": self.service.pid,
            "PORT": port[1],
            "DOOR": path,
            "ABSTRACT": abstract.decode(),
        }

    def tree(self) -> dict[str, tuple[int, int, int, bytes]]:
        """Return what lies in the folder: kinds and modes, owners, times of change, and contents."""
        found = {}
        for path in sorted(self.folder.rglob("*")):
            status = path.lstat()
            content = path.read_bytes() if path.is_file() else b""
            found[str(path)] = status.st_mode, status.st_uid, status.st_ctime_ns, content
        return found

    def visitors(self) -> int:
        """Return how many have come to the doors since this was last asked."""
        count = 0
        for door in self.doors:
            with suppress(BlockingIOError):
                while True:
                    door.accept()[0].close()
                    count += 1
        return count


@contextmanager
def holding(secret: str) -> Iterator[subprocess.Popen[bytes]]:
    """Let a process hold a secret until the block ends."""
    service = subprocess.Popen(
        [sys.executable, "-c", HOLDER],
        env={"SECRET_KEY": secret},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert service.stdout is not None
    service.stdout.readline()
    try:
        yield service
    finally:
        service.communicate()


@contextmanager
def surroundings(folder: Path, secret: str, service: subprocess.Popen[bytes]) -> Iterator[Surroundings]:
    """Lay out files that hold the secret, and open the doors."""
    for name in ("instance", "home", "tmp"):
        (folder / name).mkdir()
        (folder / name / "secret").write_text(secret)
        (folder / name / f"named-{secret}").touch()
    doors = tuple(map(_door, (("127.0.0.1", 0), str(folder / "door"), f"\0{secrets.token_hex(8)}")))
    try:
        yield Surroundings(secret, folder, service, doors)
    finally:
        for door in doors:
            door.close()


def _door(address: tuple[str, int] | str) -> socket.socket:
    door = socket.socket(socket.AF_INET if isinstance(address, tuple) else socket.AF_UNIX)
    door.bind(address)
    door.listen()
    door.setblocking(False)
    return door
