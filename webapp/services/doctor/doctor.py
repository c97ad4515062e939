"""All checks, in the order in which an operator would mend what they find."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from sqlalchemy import Connection, Engine

from webapp.cell.lock import Protection
from webapp.database.faults import operator_sentence
from webapp.database.transactions import failing_as
from webapp.errors import PredictionLogUnavailable
from webapp.services.cells.environments import Environments
from webapp.services.doctor import database_checks, folder_checks, model_checks
from webapp.services.doctor.findings import Finding, checked
from webapp.services.model_store import ModelStore
from webapp.services.sealing import LastHead, Sealer
from webapp.services.sealing.key_check import KeyCheck
from webapp.services.spool import Spool


class Doctor:
    """Runs all checks, one after the other; it changes no data.

    Parameters
    ----------
    folders : mapping
        The folders that need space, by the names of their settings; MODELS_DIR is one of them.
    key_files : collection
        The files that hold keys or passwords.
    needs_users : bool
        Whether people log in with a password.
    """

    def __init__(
        self,
        *,
        engine: Engine,
        key_check: KeyCheck,
        sealer: Sealer,
        last_head: LastHead,
        spool: Spool,
        store: ModelStore,
        environments: Environments,
        folders: Mapping[str, Path],
        key_files: Collection[Path],
        protection: Protection,
        may_be_unlocked: bool,
        needs_users: bool,
    ) -> None:
        self._engine = engine
        self._key_check = key_check
        self._sealer = sealer
        self._last_head = last_head
        self._spool = spool
        self._store = store
        self._environments = environments
        self._folders = folders
        self._key_files = key_files
        self._protection = protection
        self._may_be_unlocked = may_be_unlocked
        self._needs_users = needs_users

    def examine(self) -> Iterator[Finding]:
        """Yield what each check finds."""
        yield checked("Sealing key", self._check_key)
        yield checked("Key files", lambda: folder_checks.check_key_files(self._key_files))
        yield checked("Spool", lambda: folder_checks.check_spool(self._spool))
        yield checked("Disk", lambda: folder_checks.check_space(self._folders))
        yield from self._examine_models()
        try:
            with failing_as(PredictionLogUnavailable), self._engine.connect() as connection:
                yield from self._examine_database(connection)
        except PredictionLogUnavailable as error:
            sentence = operator_sentence(error.__cause__, self._engine.url)
            yield Finding(name="Database", sentence=sentence, is_fault=True)

    def _examine_models(self) -> Iterator[Finding]:
        check = model_checks.check_protection
        yield checked("Models' processes", lambda: check(self._protection, may_be_unlocked=self._may_be_unlocked))
        yield checked("Environments", lambda: model_checks.describe_environments(self._environments))
        folder = checked("Models folder", lambda: folder_checks.check_models_folder(self._folders["MODELS_DIR"]))
        yield folder
        if not folder.is_fault:
            yield from model_checks.examine_models(self._store)

    def _examine_database(self, connection: Connection) -> Iterator[Finding]:
        server = checked("Database", lambda: database_checks.check_server(connection))
        yield server
        if server.is_fault:
            return
        yield checked("Clock", lambda: database_checks.check_clock(self._engine))
        tables = checked("Tables", lambda: database_checks.check_tables(self._engine, connection))
        yield tables
        if tables.is_fault:
            return
        yield checked("Keys", self._check_keys)
        yield checked("Role", lambda: database_checks.check_role(connection))
        if self._needs_users:
            yield checked("Users", lambda: database_checks.check_users(connection))
        yield from database_checks.examine_catalog(connection)
        yield checked("Seals", lambda: self._check_seals(connection))

    def _check_keys(self) -> str:
        self._key_check.check(register=False)
        return "those of the database."

    def _check_key(self) -> str:
        self._sealer.check_key()
        return "can sign."

    def _check_seals(self, connection: Connection) -> str:
        number = self._last_head.require(connection)
        return f"seal {number}, the newest that this machine saw, is in the database." if number else "none seen yet."
