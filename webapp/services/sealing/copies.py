"""Copies the heads of seals to a place outside the database, out of reach of its administrators."""

from __future__ import annotations

import logging
import os
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import orjson
from sqlalchemy import Connection

from webapp.durability import make_folder, replace, sync_folder
from webapp.helpers.sealing import digest_of
from webapp.services.sealing import seals

logger = logging.getLogger(__name__)

#: Seconds to wait for the address in SEAL_TO.
POST_TIMEOUT_SECONDS = 5.0


@dataclass(frozen=True, kw_only=True)
class Copied:
    """The copies of heads that the file in SEAL_TO holds."""

    #: The number of the head that was copied last; 0 if that is not known.
    last_copied: int
    #: The number and the digest of each head, in the order of the lines.
    digests: Sequence[tuple[int, str]] = ()
    #: Why the file could not be read.
    error: str | None = None


class Copies:
    """Copies each head once; copies that failed are tried again with the next head.

    Parameters
    ----------
    to : str or None
        A file, an http(s) address, ``log``, or None for nowhere.
    folder : Path
        Where the number of the last copied head is stored.
    """

    def __init__(self, to: str | None, folder: Path) -> None:
        self._to = to
        self._mark = folder / f"sealed-to-{sha256((to or '').encode()).hexdigest()[:8]}"

    @property
    def file(self) -> Path | None:
        """The file that heads are copied to, if it is a file."""
        if self._to is None or self._to == "log" or self._to.startswith(("http://", "https://")):
            return None
        return Path(self._to)

    def send(self, connection: Connection) -> None:
        """Copy the heads that were not copied yet; a failure is logged, and tried again with the next head."""
        if self._to is None:
            return
        write = self._writer(self._to)
        try:
            with connection.begin():
                for head in seals.heads(connection, after=self._last_copied()):
                    write(orjson.dumps(head.to_dict()))
                    self._store_last_copied(head.number)
        except (OSError, ValueError) as error:
            logger.error("Seals could not be written to SEAL_TO (%s)", type(error).__name__)

    def start_over(self) -> None:
        """Copy all heads anew with the next seal, because those that were copied are not in the database any longer."""
        with suppress(OSError):
            self._mark.unlink(missing_ok=True)

    def read(self) -> Copied | None:
        """Return the copies in the file, if heads are copied to a file."""
        if (file := self.file) is None:
            return None
        # The number of the last copy is read first, because the file may get another head meanwhile.
        last_copied = self._last_copied_if_known()
        try:
            return Copied(last_copied=last_copied, digests=list(_digests(file.read_bytes())))
        except OSError as error:
            return Copied(last_copied=last_copied, error=type(error).__name__)

    def _writer(self, to: str) -> Callable[[bytes], None]:
        if to == "log":
            return _log
        path = self.file
        return (lambda line: _append(path, line)) if path else (lambda line: _post(to, line))

    def _last_copied(self) -> int:
        try:
            return int(self._mark.read_text())
        except (FileNotFoundError, ValueError):
            return 0

    def _last_copied_if_known(self) -> int:
        # The user who verifies may not be the one who seals, and may not be allowed to read the mark.
        with suppress(OSError):
            return self._last_copied()
        return 0

    def _store_last_copied(self, number: int) -> None:
        make_folder(self._mark.parent, 0o700)
        replace(self._mark, str(number))


def _log(line: bytes) -> None:
    logger.warning("Sealed: %s", line.decode())


def _digests(lines: bytes) -> Iterator[tuple[int, str]]:
    """Yield the number and the digest of each head."""
    for line in lines.splitlines():
        # A line may be torn if the machine crashed while writing it; the head was then written again.
        with suppress(ValueError):
            yield read_copy(line)


def read_copy(line: bytes) -> tuple[int, str]:
    """Return the number and the digest of the head that is in a copy.

    Raises
    ------
    ValueError
    """
    try:
        copy = orjson.loads(line)
        return int(copy["number"]), digest_of(copy["head"])
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError from error


def _append(path: Path, line: bytes) -> None:
    # After a torn line a new one is begun, because the head would be lost with the torn line otherwise.
    prefix = b"\n" if _is_torn(path) else b""
    with path.open("ab") as file:
        file.write(prefix + line + b"\n")
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path.parent)


def _is_torn(path: Path) -> bool:
    """Return whether the last line of a file has no end; False if the file may not be read."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            file.seek(max(file.seek(0, os.SEEK_END) - 1, 0))
            return file.read() not in (b"", b"\n")
    except OSError:
        return False


def _post(address: str, line: bytes) -> None:
    # urllib opens other schemes too, but only http and https reach this line.
    request = urllib.request.Request(address, line, {"Content-Type": "application/json"})  # noqa: S310
    with urllib.request.urlopen(request, timeout=POST_TIMEOUT_SECONDS):  # noqa: S310  # nosec B310
        pass
