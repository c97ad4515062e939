"""Keeps the head of the newest seal beside the spool, so that seals can't be replaced within the database alone."""

from __future__ import annotations

import logging
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import orjson
from sqlalchemy import URL, Connection

from webapp.durability import make_folder, replace
from webapp.errors import SealsMissing
from webapp.services.sealing import seals
from webapp.services.sealing.copies import Copied, read_copy

logger = logging.getLogger(__name__)


class LastHead:
    """The newest head that this machine has seen in one database.

    Parameters
    ----------
    folder : Path
        The folder of the spool, which each machine has to itself.
    url : URL
        The address of the database. Another address has a file of its own, because its seals are others.
    """

    def __init__(self, folder: Path, url: URL) -> None:
        place = (url.host, url.port, url.database, url.query.get("host"), url.query.get("port"))
        self.path = folder / f"last-seal-{sha256(repr(place).encode()).hexdigest()[:8]}.json"

    def read(self) -> Copied | None:
        """Return the head that is kept, or why it can't be read; None if there is none."""
        try:
            number, digest = read_copy(self.path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            return Copied(last_copied=0, error=type(error).__name__)
        return Copied(last_copied=number, digests=[(number, digest)])

    def require(self, connection: Connection) -> int:
        """Return the number of the head that is kept; 0 if there is none.

        Raises
        ------
        SealsMissing
            When the database lacks it: what is sealed now would replace seals that were removed.
        """
        if (kept := self.read()) is None:
            return 0
        if kept.error:
            raise SealsMissing(f"Nothing was sealed, because {self.path} can't be read ({kept.error}).")
        for number, digest in kept.digests:
            if seals.digest(connection, number) != digest:
                raise SealsMissing(
                    f"Nothing was sealed, because seal {number} was removed or replaced. To see more: flask --app wsgi "
                    "predictions verify. If a backup was restored: flask --app wsgi predictions seal --restored"
                )
        return kept.last_copied

    def follow(self, connection: Connection) -> None:
        """Keep the newest head, unless the database lacks the one that is kept.

        Raises
        ------
        SealsMissing
        """
        number = self.require(connection)
        newest = seals.last(connection)
        if newest and newest.number != number:
            self._keep(newest)

    def accept(self, connection: Connection) -> None:
        """Keep the newest head of a database that was restored, in the place of one that it lacks."""
        if newest := seals.last(connection):
            self._keep(newest)
        else:
            with suppress(OSError):
                self.path.unlink(missing_ok=True)

    def _keep(self, head: seals.SignedHead) -> None:
        try:
            make_folder(self.path.parent, 0o700)
            replace(self.path, orjson.dumps(head.to_dict()).decode() + "\n")
            # A person may have sealed, and the service has to read it.
            self.path.chmod(0o644)
        except OSError as error:
            logger.error("The head of seal %d could not be kept in SPOOL_DIR (%s)", head.number, type(error).__name__)
