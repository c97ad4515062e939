"""API keys: ``sd_<id>_<secret>``, shown once."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hmac import compare_digest
from typing import Any

from sqlalchemy import Connection, Engine, func, insert, select, text, update

from webapp.database.tables.accounts import KeyRecord
from webapp.database.transactions import transaction, write
from webapp.errors import AccountInvalid, AccountsUnavailable
from webapp.helpers.accounts.roles import Grant, Principal, Role
from webapp.services.accounts.grants import ModelNames, require_models
from webapp.services.accounts.user_rows import readable_name
from webapp.services.audit import Action, record_in

KEYS = KeyRecord.__table__
TOKEN = re.compile(r"sd_([0-9a-f]{12})_([A-Za-z0-9_-]{43})", re.ASCII)
#: Shortest time between two updates of when a key was last used.
LAST_USED_INTERVAL = timedelta(minutes=1)
#: Held while a key is made, so that two keys of one name are never made at once.
LOCK = text("SELECT pg_advisory_xact_lock(hashtext('api_keys'))")


@dataclass(frozen=True, kw_only=True)
class Key:
    """One API key, without its secret."""

    id: str
    name: str
    role: str
    models: Sequence[str] | None
    created_by: str | None
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None

    def is_usable(self, now: datetime) -> bool:
        """Return whether the key is neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now)


class Keys:
    """Makes, finds and revokes API keys."""

    def __init__(self, engine: Engine, *, model_names: ModelNames) -> None:
        self._engine = engine
        self._model_names = model_names

    def make(
        self,
        name: str,
        role: Role,
        *,
        models: Sequence[str] | None = None,
        expires_at: datetime | None = None,
        created_by: str | None = None,
    ) -> str:
        """Make a key and return it; it can't be shown again.

        The log names a script by the name of its key. So two usable keys of one name (while one replaces the other)
        must allow the same; otherwise a reader of the log could not tell what the script was allowed to do.

        Raises
        ------
        AccountInvalid, AccountsUnavailable
        """
        require_models(models or [], self._model_names)
        id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
        row = {
            "id": id,
            "name": readable_name(name),
            "secret_digest": _digest(secret),
            "role": role.word,
            "models": list(models) if models else None,
            "expires_at": expires_at,
            "created_by": created_by,
        }
        with transaction(self._engine, AccountsUnavailable) as connection:
            connection.execute(LOCK)
            _refuse_different(connection, row)
            write(connection, insert(KeyRecord), row)
            details = {"id": id, "role": role.word, "models": row["models"]}
            record_in(connection, Action.KEY_CREATED, name, created_by, **details)
        return f"sd_{id}_{secret}"

    def find(self, token: str) -> Principal | None:
        """Return the script whose key this is, if the key is neither expired nor revoked.

        Raises
        ------
        AccountsUnavailable
        """
        if not (parts := TOKEN.fullmatch(token)):
            return None
        id, secret = parts.groups()
        now = datetime.now(UTC)
        with transaction(self._engine, AccountsUnavailable) as connection:
            row = connection.execute(select(KEYS).where(KEYS.c.id == id)).one_or_none()
            if row is None or not compare_digest(row.secret_digest, _digest(secret)):
                return None
            if row.revoked_at or (row.expires_at and row.expires_at <= now):
                return None
            if row.last_used_at is None or row.last_used_at < now - LAST_USED_INTERVAL:
                _update_last_used(connection, id, now)
        role = Role.named(row.role)
        models = row.models or [None]
        return Principal(name=f"key:{row.name}", grants=tuple(Grant(role=role, model=model) for model in models))

    def revoke(self, id: str, *, actor: str | None) -> Key:
        """Revoke a key, from now on.

        Raises
        ------
        AccountInvalid, AccountsUnavailable
        """
        is_key = KEYS.c.id == id
        with transaction(self._engine, AccountsUnavailable) as connection:
            revocation = update(KeyRecord).where(is_key).values(revoked_at=func.coalesce(KEYS.c.revoked_at, func.now()))
            if connection.execute(select(KEYS.c.id).where(is_key)).one_or_none() is None:
                raise AccountInvalid("There is no key with this id.")
            write(connection, revocation)
            row = connection.execute(select(*_COLUMNS).where(is_key)).one()
            record_in(connection, Action.KEY_REVOKED, row.name, actor, id=id)
        return Key(**row._mapping)

    def all(self) -> list[Key]:
        """Return all keys, the newest first.

        Raises
        ------
        AccountsUnavailable
        """
        with transaction(self._engine, AccountsUnavailable) as connection:
            return [
                Key(**row._mapping) for row in connection.execute(select(*_COLUMNS).order_by(KEYS.c.created_at.desc()))
            ]


_COLUMNS = [column for column in KEYS.c if column.name != "secret_digest"]


def _refuse_different(connection: Connection, row: Mapping[str, Any]) -> None:
    """Raise AccountInvalid if a usable key of the same name has another role or other models."""
    now = datetime.now(UTC)
    query = select(*_COLUMNS).where(KEYS.c.name == row["name"]).order_by(KEYS.c.created_at)
    for other in (Key(**mapping) for mapping in connection.execute(query).mappings()):
        is_same = other.role == row["role"] and set(other.models or ()) == set(row["models"] or ())
        if other.is_usable(now) and not is_same:
            role = f"{other.role}: {', '.join(other.models or ['all models'])}"
            raise AccountInvalid(
                f"There is a key of this name with another role or other models ({role}). "
                "Choose another name, or revoke that key first."
            )


def _update_last_used(connection: Connection, id: str, now: datetime) -> None:
    connection.execute(update(KeyRecord).where(KEYS.c.id == id).values(last_used_at=now))


def _digest(secret: str) -> bytes:
    # The secret has 256 random bits, so a fast hash is as good as a slow one.
    return hashlib.sha256(secret.encode()).digest()
