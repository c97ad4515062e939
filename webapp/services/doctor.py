"""Checks what an operator has to provide: the database, its tables and roles, the keys and the folders."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, text

from webapp.cell.lock import Protection
from webapp.database import catalog, postgres_roles
from webapp.database.address import describe
from webapp.database.clock import clock_warning
from webapp.database.privileges import TABLES
from webapp.database.revision import require_tables
from webapp.database.transactions import failing_as
from webapp.errors import PredictionLogUnavailable, ScoredeskError, SettingsError
from webapp.services.sealing import LastHead, Sealer
from webapp.services.sealing.key_check import KeyCheck

#: The oldest version of PostgreSQL that the tables and queries work with.
MIN_POSTGRES = 15
#: File systems whose files end with the machine or the container.
NOT_PERSISTENT = ("tmpfs", "ramfs", "overlay")
MISSING = """
    SELECT format('%s on %s', privilege, name)
    FROM unnest(CAST(:tables AS text[]), CAST(:privileges AS text[])) AS needed (name, privilege)
    WHERE NOT CASE WHEN privilege = 'DELETE' THEN has_table_privilege(to_regclass(quote_ident(name)), privilege)
                   ELSE has_any_column_privilege(to_regclass(quote_ident(name)), privilege) END
    ORDER BY 1"""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """The result of one check."""

    name: str
    #: What was found, or what to do.
    sentence: str
    is_fault: bool = False


class Doctor:
    """Runs all checks, one after the other; it changes and makes nothing."""

    def __init__(
        self,
        *,
        engine: Engine,
        key_check: KeyCheck,
        sealer: Sealer,
        last_head: LastHead,
        spool: Path,
        models: Path,
        protection: Protection,
        may_be_unlocked: bool,
    ) -> None:
        self._engine = engine
        self._key_check = key_check
        self._sealer = sealer
        self._last_head = last_head
        self._spool = spool
        self._models = models
        self._protection = protection
        self._may_be_unlocked = may_be_unlocked

    def examine(self) -> Iterator[Finding]:
        """Yield what each check finds."""
        yield _checked("Sealing key", self._check_key)
        yield _checked("Spool", lambda: _check_spool(self._spool))
        yield _checked("Models folder", lambda: _check_models(self._models))
        yield _checked("Models' processes", self._check_protection)
        try:
            with failing_as(PredictionLogUnavailable), self._engine.connect() as connection:
                yield from self._examine_database(connection)
        except PredictionLogUnavailable:
            yield Finding(name="Database", sentence=postgres_roles.UNREACHABLE, is_fault=True)

    def _examine_database(self, connection: Connection) -> Iterator[Finding]:
        yield _checked("Database", lambda: _check_version(connection))
        yield _checked("Clock", self._check_clock)
        tables = _checked("Tables", self._check_tables)
        yield tables
        if tables.is_fault:
            return
        yield _checked("Keys", self._check_keys)
        yield _checked("Role", lambda: _check_role(connection))
        yield from _examine_catalog(connection)
        yield _checked("Seals", lambda: self._check_seals(connection))

    def _check_protection(self) -> str:
        sentence = self._protection.sentence
        if sentence and not (self._protection.is_locked or self._may_be_unlocked):
            raise SettingsError(f"{sentence} No model is served. To serve them all the same: CELLS=unlocked")
        return sentence or "are locked by Landlock and seccomp."

    def _check_clock(self) -> str:
        if sentence := clock_warning(self._engine):
            raise SettingsError(f"{sentence}.")
        return "as the database's."

    def _check_keys(self) -> str:
        self._key_check.check(register=False)
        return "those of the database."

    def _check_key(self) -> str:
        self._sealer.check_key()
        return "can sign."

    def _check_tables(self) -> str:
        require_tables(self._engine)
        return "up to date."

    def _check_seals(self, connection: Connection) -> str:
        number = self._last_head.require(connection)
        return f"seal {number}, the newest that this machine saw, is in the database." if number else "none seen yet."


def _checked(name: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(name=name, sentence=check())
    except ScoredeskError as error:
        return Finding(name=name, sentence=error.message, is_fault=True)


def _check_version(connection: Connection) -> str:
    version = int(connection.execute(text("SHOW server_version_num")).scalar_one()) // 10_000
    place = describe(connection.engine.url.render_as_string())
    if version < MIN_POSTGRES:
        raise SettingsError(f"{place} is version {version}. Use PostgreSQL {MIN_POSTGRES} or later.")
    return f"{place}, version {version}."


def _check_role(connection: Connection) -> str:
    role = str(connection.scalar(text("SELECT current_user")))
    needed = [(table, each.split()[0]) for table, granted in TABLES.items() for each in granted]
    tables, privileges = map(list, zip(*needed, strict=True))
    missing = list(connection.scalars(text(MISSING), {"tables": tables, "privileges": privileges}))
    if missing:
        raise SettingsError(
            f"“{role}” lacks {', '.join(missing[:3])}. As the owner, run: flask --app wsgi database grant {role}"
        )
    if postgres_roles.excess(connection, role):
        return f"“{role}” can also change the log; the service needs only a role that database grant made."
    return f"“{role}” can add to the log, but not change it."


def _examine_catalog(connection: Connection) -> Iterator[Finding]:
    sentences = list(catalog.problems(connection))
    for sentence in sentences:
        yield Finding(name="Triggers", sentence=f"{sentence} Ask the owner of the tables why.", is_fault=True)
    if not sentences:
        yield Finding(name="Triggers", sentence="only the service's own act on the tables.")


def _check_spool(folder: Path) -> str:
    # It is made with the first record, by the user that the service runs as.
    existing = next(each for each in (folder, *folder.parents) if each.exists())
    if not (existing.is_dir() and os.access(existing, os.W_OK | os.X_OK)):
        raise SettingsError(f"{existing} can't be written. Give the service's user access, or change SPOOL_DIR.")
    kind = _file_system(existing)
    if kind in NOT_PERSISTENT:
        raise SettingsError(f"{folder} is on {kind}, which does not last. Let SPOOL_DIR name a persistent disk.")
    return f"{folder} can be written."


def _check_models(folder: Path) -> str:
    if not (folder.is_dir() and os.access(folder, os.R_OK | os.X_OK)):
        raise SettingsError(f"{folder} can't be read. Make it, give the service's user access, or change MODELS_DIR.")
    return f"{folder} can be read."


def _file_system(folder: Path) -> str:
    """Return the kind of the file system that a folder is on, empty where the kernel does not say."""
    device = f"{os.major(folder.stat().st_dev)}:{os.minor(folder.stat().st_dev)}"
    with suppress(OSError):
        for line in Path("/proc/self/mountinfo").read_text().splitlines():
            if line.split()[2] == device:
                return line.partition(" - ")[2].split()[0]
    return ""
