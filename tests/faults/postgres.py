"""A PostgreSQL of its own for each test that harms it."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import psycopg
from flask_migrate import upgrade

from tests.conftest import SECRET
from webapp import create_app
from webapp.config import Settings
from webapp.database import embedded


class Postgres:
    """A server that can be stopped, frozen and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = embedded.start(folder)
        # The programs of the very server that runs.
        self.programs = Path(psutil.Process(self.pid).exe()).parent

    @property
    def pid(self) -> int:
        return int((self.folder / "postmaster.pid").read_text().split()[0])

    def stop(self) -> None:
        """Stop it at once, cutting off whoever is connected."""
        self.control("stop", "-m", "immediate")

    def start(self) -> None:
        """Start it again, as it was started before."""
        self.control("restart", "-l", str(self.folder / "log"))

    def freeze(self) -> None:
        """Let none of its processes do anything: connections stay open, and nothing answers."""
        root = psutil.Process(self.pid)
        for process in [root, *root.children()]:
            process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        root = psutil.Process(self.pid)
        for process in [*root.children(), root]:
            process.send_signal(signal.SIGCONT)

    def read_only(self, on: bool) -> None:
        """Take no writes any more, except where a transaction asks for it; or take them again."""
        self.execute(f"ALTER SYSTEM SET default_transaction_read_only = {on}")
        self.execute("SELECT pg_reload_conf()")

    @contextmanager
    def read_only_sessions(self) -> Iterator[None]:
        """End all sessions, and let those that begin meanwhile take no writes, however long they last."""
        with psycopg.connect(self.url, autocommit=True) as administrator:
            administrator.execute("ALTER ROLE ALL SET default_transaction_read_only = on")
            administrator.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            )
            yield
            administrator.execute("ALTER ROLE ALL RESET default_transaction_read_only")

    def execute(self, statement: str, *values: Any) -> list[Any]:
        """Run one statement and give its rows, if it has any."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []

    def control(self, *arguments: str) -> None:
        self.run("pg_ctl", "-w", "-D", str(self.folder), *arguments)

    def run(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs as the user whom its data belong to."""
        user = "pgserver" if os.geteuid() == 0 else None
        command = [self.programs / program, *arguments]
        subprocess.run(command, user=user, cwd=self.folder.parent, check=True, capture_output=True)


def with_tables(folder: Path) -> Postgres:
    """Start a server whose data lie in this folder, and make the tables."""
    postgres = Postgres(folder / "postgres")
    app = create_app(Settings(database_url=postgres.url, secret_key=SECRET, models_dir=folder))
    with app.app_context():
        upgrade()
    app.extensions["scoredesk"].close()
    return postgres


def wait_until(condition: Any, seconds: float = 30, every: float = 0.05) -> Any:
    """Wait until something is so, and give it; the test fails if it does not come to be."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not come to be"
        time.sleep(every)
    return found
