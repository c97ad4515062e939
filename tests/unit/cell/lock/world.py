"""What is outside the lock, and could be harmed."""

from __future__ import annotations

import mmap
import os
import socket
from pathlib import Path


class World:
    """A folder, a program that listens, a process, and what both sides of the lock hold."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.file = folder, folder / "file"
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.setblocking(False)
        self.address = self.listener.getsockname()
        self.unconnected = socket.socket()
        self.ours, self.theirs = socket.socketpair()
        self.ours.sendall(b"question")
        self.shared = mmap.mmap(-1, 4096)
        self.readable = folder / "readable"
        self.kept_file = (folder / "kept").open("ab")
        self.lost = (folder / "lost").open("ab")
        self.parent = os.getpid()

    @property
    def kept(self) -> set[int]:
        return {self.kept_file.fileno(), self.unconnected.fileno(), self.theirs.fileno()}

    @property
    def was_reached(self) -> bool:
        """Whether a connection has come in."""
        try:
            self.listener.accept()
        except BlockingIOError:
            return False
        return True
