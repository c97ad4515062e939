"""What this machine has to lock a process with."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.cell.lock import landlock, seccomp


@dataclass(frozen=True, kw_only=True)
class Protection:
    """The walls of Linux that stand around a locked process, or could."""

    #: The version of Landlock's interface; 0 if there is none.
    landlock: int
    #: Whether seccomp filters work on this kernel and processor.
    seccomp: bool

    @property
    def is_locked(self) -> bool:
        """Whether at least one of the two walls stands."""
        return self.landlock > 0 or self.seccomp

    @property
    def sentence(self) -> str | None:
        """What is missing, and what that means; None if nothing is."""
        if self.landlock and self.seccomp:
            return None
        if self.seccomp:
            return "Linux has no Landlock here, so the process of a model can open no file, not even its libraries."
        if self.landlock:
            return "Linux has no seccomp here, so the process of a model can still start others and open sockets."
        return "Linux has neither Landlock nor seccomp here, so only the check of the file holds off a hostile model."


def available() -> Protection:
    """Return what the kernel offers, without locking anything."""
    return Protection(landlock=landlock.version(), seccomp=seccomp.is_available())
