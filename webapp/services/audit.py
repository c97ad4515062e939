"""The audit log: who did what to the service and to its records. Rows are added, never changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, Engine, insert, select

from webapp.database.tables.audit import AuditEventRecord
from webapp.database.transactions import transaction, write
from webapp.errors import AuditUnavailable

TABLE = AuditEventRecord.__table__


class Action(StrEnum):
    """What the audit log records; people read the word, and it is stored."""

    LOGGED_IN = "logged in"
    LOGIN_REFUSED = "was refused at login"
    CHANGE_REFUSED = "gave a wrong password when changing it"
    LOGGED_OUT = "logged out"
    USER_CREATED = "created a user"
    USER_CHANGED = "changed a user"
    KEY_CREATED = "made a key"
    KEY_REVOKED = "revoked a key"
    PUBLISHED = "published a version"
    PROMOTED = "promoted a version"
    ROLLED_BACK = "rolled a version back"
    UNLOADED = "unloaded a model"
    LOADED = "loaded a model"
    EXPORTED = "exported predictions"
    FORGOT = "forgot inputs"
    PRUNED = "pruned predictions"
    SEALED = "sealed the log"
    KEYS_ACCEPTED = "accepted changed keys"


@dataclass(frozen=True, kw_only=True)
class AuditEvent:
    """One thing that was done."""

    id: int
    created_at: datetime
    action: str
    actor: str | None
    #: The model, user, key or filter that it was done to.
    subject: str
    details: Mapping[str, object]


class AuditLog:
    """Adds events, and reads them, the newest first."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def record(self, action: Action, subject: str, actor: str | None, **details: object) -> None:
        """Write one event; when this returns, it is durable.

        Raises
        ------
        AuditUnavailable
        """
        with transaction(self._engine, AuditUnavailable) as connection:
            record_in(connection, action, subject, actor, **details)

    def page(self, before: int | None = None, size: int = 50) -> Sequence[AuditEvent]:
        """Return the newest events, or those before the event with the id ``before``.

        Raises
        ------
        AuditUnavailable
        """
        query = select(TABLE).order_by(TABLE.c.id.desc()).limit(size)
        if before is not None:
            query = query.where(TABLE.c.id < before)
        with transaction(self._engine, AuditUnavailable) as connection:
            return [AuditEvent(**row) for row in connection.execute(query).mappings()]


def record_in(connection: Connection, action: Action, subject: str, actor: str | None, **details: object) -> None:
    """Write an event in the transaction of what it records, so that both are kept or neither."""
    row = {"action": action.value, "subject": subject, "actor": actor, "details": details}
    write(connection, insert(AuditEventRecord), row)
