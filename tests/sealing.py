"""A log with rows in it, and what seals and verifies it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from psycopg.conninfo import make_conninfo

from tests.conftest import SECRET
from tests.logs import KEY, a_log
from tests.unit.services.prediction_log.test_log import a_prediction
from webapp.config import Settings
from webapp.database.engines import maintenance_engine
from webapp.helpers.records.redaction import Redaction
from webapp.services.audit import Action, AuditLog
from webapp.services.retention import Retention
from webapp.services.sealing import Copies, LastHead, Sealer

SEALING_SECRET = "11" * 32
TIME = datetime(2026, 11, 23, 12, tzinfo=UTC)


@dataclass
class SealedLog:
    """A log on a database of its own, with all that is done to it."""

    url: str
    folder: Path
    to: str | None = None
    secret: str = SEALING_SECRET
    #: The user of the database who seals, if it is another than its owner.
    role: str = ""

    def __post_init__(self) -> None:
        self.log = a_log(self.url)
        url = make_conninfo(self.url, user=self.role) if self.role else self.url
        self.engine = maintenance_engine(Settings(database_url=url))
        self.last_head = LastHead(self.folder, self.engine.url)
        self.sealer = Sealer(
            engine=self.engine,
            mac_key=KEY,
            read_secret=lambda: self.secret,
            copies=Copies(self.to, self.folder),
            last_head=self.last_head,
        )
        self.retention = Retention(self.sealer, Redaction(SECRET))
        self.audit = AuditLog(self.engine)
        # The first row of a month is recorded at the second try, and so gets the second number.
        self.run("SELECT make_predictions_partition('2026-11-01')")

    def record(self, count: int = 1, start: int = 0, time: datetime = TIME, **other: Any) -> list[UUID]:
        """Record predictions, and give their ids."""
        made = [a_prediction(time, start + number, **other) for number in range(count)]
        self.log.record(made)
        return [each.id for each in made]

    def note(self, subject: str) -> None:
        """Record an audit event."""
        self.audit.record(Action.PROMOTED, subject, "ada", version="2")

    def problems(self) -> list[str]:
        """Verify all."""
        return list(self.sealer.verifier().problems())

    def run(self, *statements: str) -> list[tuple[Any, ...]]:
        """Do as the owner of the database whatever somebody wants, past the triggers, and give the last rows."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("SET session_replication_role = replica")
            for statement in statements:
                cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def change(self, id: UUID, what: str) -> None:
        """Change one prediction as the owner of the database can."""
        self.run(f"UPDATE predictions SET {what} WHERE id = '{id}'")  # noqa: S608

    def close(self) -> None:
        self.log.close()


@contextmanager
def sealed_log(url: str, folder: Path, **options: Any) -> Iterator[SealedLog]:
    log = SealedLog(url, folder, **options)
    try:
        yield log
    finally:
        log.close()
