"""Notes beside the spool which SECRET_KEY the database accepted, for times when the database can't be asked."""

from __future__ import annotations

import os
from pathlib import Path

from webapp.services.spool import disk


class KeyNote:
    """The fingerprint of the key that the records in a spool are coded with, in a file of its folder."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "key"

    def read(self) -> str | None:
        """Return the fingerprint; None if there is none or it can't be read."""
        try:
            return self._path.read_text()
        except (OSError, ValueError):
            return None

    def write(self, fingerprint: str) -> None:
        """Store a fingerprint; when this returns, it is on the disk.

        Raises
        ------
        OSError
        """
        disk.make_folder(self._path.parent, 0o700)
        new = self._path.with_name(f"key.{os.getpid()}")
        new.unlink(missing_ok=True)
        fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            disk.append(fd, fingerprint.encode())
        finally:
            os.close(fd)
        new.replace(self._path)
        disk.sync_folder(self._path.parent)
