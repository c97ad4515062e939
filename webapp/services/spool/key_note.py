"""Notes beside the spool which SECRET_KEY the database accepted, for times when the database can't be asked."""

from __future__ import annotations

from pathlib import Path

from webapp.durability import make_folder, replace


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
        make_folder(self._path.parent, 0o700)
        replace(self._path, fingerprint)
