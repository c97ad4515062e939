"""The history of versions: champions, and the digest of each version. Only this module reads and writes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine, func, insert, select, text

from webapp.database.tables.versions import VersionEvent
from webapp.database.transactions import transaction, write
from webapp.errors import NotPromotable, VersionHistoryUnavailable
from webapp.services.audit import Action, record_in
from webapp.services.model_store.champions import LOADED, PROMOTED, PUBLISHED, ROLLED_BACK, UNLOADED, line_of

TABLE = VersionEvent.__table__
AUDIT_ACTIONS = {
    PUBLISHED: Action.PUBLISHED,
    PROMOTED: Action.PROMOTED,
    ROLLED_BACK: Action.ROLLED_BACK,
    UNLOADED: Action.UNLOADED,
    LOADED: Action.LOADED,
}
#: Held while an event is added, so that events are decided one after the other.
LOCK = text("SELECT pg_advisory_xact_lock(hashtext('version_events'))")


@dataclass(frozen=True, kw_only=True)
class ModelHistory:
    """The history of one model."""

    #: The champion and its predecessors, newest first.
    line: Sequence[str] = ()
    #: The digest of each version that was ever published or promoted.
    digests: Mapping[str, str] = field(default_factory=dict)
    #: Whether it was unloaded and not loaded again.
    unloaded: bool = False


class VersionHistory:
    """Records publications and promotions, one row each."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._known: tuple[int, Mapping[str, ModelHistory]] = (0, {})

    def read(self) -> Mapping[str, ModelHistory]:
        """Return the history of each model; the rows are only read again after one was added.

        Raises
        ------
        VersionHistoryUnavailable
        """
        count, models = self._known
        with self._transaction() as connection:
            # Rows are never removed, so their number shows whether one was added.
            rows = connection.execute(select(func.count()).select_from(TABLE)).scalar_one()
            if rows != count:
                models = _read(connection)
                self._known = rows, models
        return models

    def promote(self, name: str, version: str, digest: str, actor: str | None) -> None:
        """Make a version the champion.

        Raises
        ------
        VersionHistoryUnavailable
        """
        with self._locked_transaction() as connection:
            if _line(connection, name)[:1] != (version,):
                _add(connection, name, version, digest, PROMOTED, actor)

    def roll_back(self, name: str, version: str, digest: str, actor: str | None) -> None:
        """Make the previous champion, which must still be this version, the champion again.

        Raises
        ------
        NotPromotable
        VersionHistoryUnavailable
        """
        with self._locked_transaction() as connection:
            if _line(connection, name)[1:2] != (version,):
                raise NotPromotable("The champion has just been changed. Look at the versions and try again.")
            _add(connection, name, version, digest, ROLLED_BACK, actor)

    def unload(self, name: str, version: str, digest: str, actor: str | None) -> None:
        """Record that a model, whose champion this is, was taken out of service.

        Raises
        ------
        VersionHistoryUnavailable
        """
        with self._locked_transaction() as connection:
            if not _is_unloaded(_actions(connection, name)):
                _add(connection, name, version, digest, UNLOADED, actor)

    def load(self, name: str, actor: str | None) -> None:
        """Record that a model was put back into service.

        Raises
        ------
        VersionHistoryUnavailable
        """
        with self._locked_transaction() as connection:
            if _is_unloaded(_actions(connection, name)):
                query = select(TABLE.c.version, TABLE.c.digest).where(TABLE.c.model == name, TABLE.c.action == UNLOADED)
                last = connection.execute(query.order_by(TABLE.c.id.desc()).limit(1)).one()
                _add(connection, name, last.version, last.digest, LOADED, actor)

    @contextmanager
    def publishing(self, name: str) -> Iterator[Publication]:
        """Block other changes during the block, and commit its records if it succeeds."""
        with self._locked_transaction() as connection:
            yield Publication(connection, name)

    @contextmanager
    def _locked_transaction(self) -> Iterator[Connection]:
        with self._transaction() as connection:
            connection.execute(LOCK)
            yield connection

    def _transaction(self) -> AbstractContextManager[Connection]:
        return transaction(self._engine, VersionHistoryUnavailable)


class Publication:
    """A publication in progress, inside its transaction."""

    def __init__(self, connection: Connection, name: str) -> None:
        self._connection = connection
        self._name = name

    @property
    def has_champion(self) -> bool:
        """Whether a promotion has chosen a champion."""
        return bool(_line(self._connection, self._name))

    def known_versions(self) -> list[str]:
        """Return all versions that were ever published or promoted."""
        query = select(TABLE.c.version).where(TABLE.c.model == self._name).distinct()
        return list(self._connection.execute(query).scalars())

    def publish(self, version: str, digest: str, actor: str | None) -> None:
        """Record that a version was published."""
        _add(self._connection, self._name, version, digest, PUBLISHED, actor)

    def promote(self, version: str, digest: str, actor: str | None) -> None:
        """Make a version the champion."""
        _add(self._connection, self._name, version, digest, PROMOTED, actor)


def _add(connection: Connection, name: str, version: str, digest: str, action: str, actor: str | None) -> None:
    row = {"model": name, "version": version, "digest": digest, "action": action, "actor": actor}
    write(connection, insert(VersionEvent), row)
    record_in(connection, AUDIT_ACTIONS[action], name, actor, version=version)


def _line(connection: Connection, name: str) -> tuple[str, ...]:
    return line_of(_actions(connection, name))


def _actions(connection: Connection, name: str) -> list[tuple[str, str]]:
    query = select(TABLE.c.version, TABLE.c.action).where(TABLE.c.model == name).order_by(TABLE.c.id)
    return [(row.version, row.action) for row in connection.execute(query)]


def _is_unloaded(events: Sequence[tuple[str, str]]) -> bool:
    """Return whether a model is out of service, from its (version, action) pairs, oldest first."""
    return next((action for _, action in reversed(events) if action in (UNLOADED, LOADED)), LOADED) == UNLOADED


def _read(connection: Connection) -> dict[str, ModelHistory]:
    events: dict[str, list[tuple[str, str]]] = {}
    digests: dict[str, dict[str, str]] = {}
    query = select(TABLE.c.model, TABLE.c.version, TABLE.c.action, TABLE.c.digest).order_by(TABLE.c.id)
    for row in connection.execute(query):
        events.setdefault(row.model, []).append((row.version, row.action))
        digests.setdefault(row.model, {})[row.version] = row.digest
    return {
        name: ModelHistory(line=line_of(pairs), digests=digests[name], unloaded=_is_unloaded(pairs))
        for name, pairs in events.items()
    }
