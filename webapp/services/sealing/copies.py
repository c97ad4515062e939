"""Writes the heads of seals where whoever has the database does not reach."""

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

from webapp.helpers.sealing import digest_of
from webapp.services.sealing import seals
from webapp.services.spool import disk

logger = logging.getLogger(__name__)

#: So many seconds an address is waited for.
PATIENCE = 5.0


@dataclass(frozen=True, kw_only=True)
class Copied:
    """What the file that heads are written to has of them."""

    #: The number of the head that is known to have been written last; 0 if that is not known.
    last_copied: int
    #: The number and the digest of each, in the order of its lines.
    digests: Sequence[tuple[int, str]] = ()
    #: Why it could not be read.
    error: str | None = None


class Copies:
    """Sends each head once, and those that did not arrive again with the next.

    Parameters
    ----------
    to : str or None
        A file, an http(s) address, ``log``, or None for nowhere.
    folder : Path
        Where it is remembered which head arrived last.
    """

    def __init__(self, to: str | None, folder: Path) -> None:
        self._to = to
        self._mark = folder / f"sealed-to-{sha256((to or '').encode()).hexdigest()[:8]}"

    @property
    def file(self) -> Path | None:
        """The file that they are written to, if it is one."""
        if self._to is None or self._to == "log" or self._to.startswith(("http://", "https://")):
            return None
        return Path(self._to)

    def send(self, connection: Connection) -> None:
        """Write what has not arrived yet; what goes wrong is logged and tried again with the next."""
        if self._to is None:
            return
        write = self._writer(self._to)
        try:
            with connection.begin():
                for head in seals.heads(connection, after=self._arrived()):
                    write(orjson.dumps(head.to_dict()))
                    self._remember(head.number)
        except (OSError, ValueError) as error:
            logger.error("Seals could not be written to SEAL_TO (%s)", type(error).__name__)

    def read(self) -> Copied | None:
        """Give what the file has of the heads, if they are written to one."""
        if (file := self.file) is None:
            return None
        # What is known to have arrived is read first, as the file may get another head meanwhile.
        last_copied = self._known_to_have_arrived()
        try:
            return Copied(last_copied=last_copied, digests=list(_digests(file.read_bytes())))
        except OSError as error:
            return Copied(last_copied=last_copied, error=type(error).__name__)

    def _writer(self, to: str) -> Callable[[bytes], None]:
        if to == "log":
            return _log
        path = self.file
        return (lambda line: _append(path, line)) if path else (lambda line: _post(to, line))

    def _arrived(self) -> int:
        try:
            return int(self._mark.read_text())
        except (FileNotFoundError, ValueError):
            return 0

    def _known_to_have_arrived(self) -> int:
        # Whoever verifies may be another than who seals, and then knows of none.
        with suppress(OSError):
            return self._arrived()
        return 0

    def _remember(self, number: int) -> None:
        disk.make_folder(self._mark.parent, 0o700)
        new = self._mark.with_name(f"{self._mark.name}.{os.getpid()}")
        new.write_text(str(number))
        new.replace(self._mark)


def _log(line: bytes) -> None:
    logger.warning("Sealed: %s", line.decode())


def _digests(lines: bytes) -> Iterator[tuple[int, str]]:
    """Give number and digest of each head."""
    for line in lines.splitlines():
        # A line may be torn, if the machine went down while it was written; it was written again then.
        with suppress(AttributeError, KeyError, TypeError, ValueError):
            told = orjson.loads(line)
            yield int(told["number"]), digest_of(told["head"])


def _append(path: Path, line: bytes) -> None:
    # What follows a torn line begins a line of its own, or it would be lost with it.
    begun = b"\n" if _is_torn(path) else b""
    with path.open("ab") as file:
        file.write(begun + line + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _is_torn(path: Path) -> bool:
    """Tell whether the last line of a file has no end, as far as one may read it."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            file.seek(max(file.seek(0, os.SEEK_END) - 1, 0))
            return file.read() not in (b"", b"\n")
    except OSError:
        return False


def _post(address: str, line: bytes) -> None:
    # What opens it takes other schemes too, but only these two lead here.
    request = urllib.request.Request(address, line, {"Content-Type": "application/json"})  # noqa: S310
    with urllib.request.urlopen(request, timeout=PATIENCE):  # noqa: S310  # nosec B310
        pass
