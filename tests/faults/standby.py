"""Two PostgreSQL servers, of which one repeats what the other commits, and takes its place when it is gone."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from tests.faults.postgres import Postgres, wait_until
from tests.serving import free_port

#: Replication needs no more, and the answer to a commit waits until the standby has it on its disk.
CONFIG = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 60
"""
TRUST = "host all all 127.0.0.1/32 trust\nhost replication all 127.0.0.1/32 trust\n"


class Server(Postgres):
    """One of the two, on a port of this machine."""

    def __init__(self, programs: Path, folder: Path, port: int) -> None:
        self.programs, self.folder, self.port = programs, folder, port
        self.url = f"postgresql://postgres@127.0.0.1:{port}/postgres"

    def start_first(self) -> None:
        """Start it with its port, with which it is started again later."""
        self.control("start", "-l", str(self.folder / "log"), "-o", f"-p {self.port}")

    def kill(self) -> None:
        """Kill all its processes at once, as a power cut does."""
        root = psutil.Process(self.pid)
        processes = [root, *root.children()]
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(processes, timeout=10)


class Pair:
    """A primary and its synchronous standby; ``url`` names both and means the one that takes writes."""

    def __init__(self, source: Postgres, folder: Path) -> None:
        """Make them from a server that has the tables, which is stopped."""
        source.stop()
        self.primary, self.standby = (
            Server(source.programs, folder / name, free_port()) for name in ("primary", "standby")
        )
        shutil.copytree(source.folder, self.primary.folder, ignore=shutil.ignore_patterns(".s.*", "*.pid"))
        (self.primary.folder / "pg_hba.conf").write_text(TRUST)
        with (self.primary.folder / "postgresql.conf").open("a") as config:
            config.write(CONFIG)
        if os.geteuid() == 0:
            for path in [folder, self.primary.folder, *self.primary.folder.rglob("*")]:
                shutil.chown(path, "pgserver")
        self.primary.start_first()
        self.url = (
            f"postgresql://postgres@127.0.0.1:{self.primary.port},127.0.0.1:{self.standby.port}/postgres"
            "?target_session_attrs=read-write"
        )
        self.make_standby()

    def make_standby(self) -> None:
        """Copy the primary, and let the copy follow it, in the place of a standby that may be there."""
        self._end(self.standby)
        shutil.rmtree(self.standby.folder, ignore_errors=True)
        target = ["-D", str(self.standby.folder), "-d", f"host=127.0.0.1 port={self.primary.port} user=postgres"]
        self.standby.run("pg_basebackup", *target, "--write-recovery-conf", "--checkpoint=fast")
        self.standby.start_first()
        self._wait_for_standbys("*")
        wait_until(lambda: self.primary.execute("SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'"))

    def promote(self) -> None:
        """Promote the standby. From now on, ``standby`` is the old primary, which was killed."""
        self.standby.control("promote")
        self.primary, self.standby = self.standby, self.primary
        self._wait_for_standbys("")

    def _wait_for_standbys(self, names: str) -> None:
        """Let the primary's commits wait for these standbys."""
        self.primary.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{names}'")
        self.primary.execute("SELECT pg_reload_conf()")

    def execute(self, statement: str, *values: Any) -> list[Any]:
        """Run a statement on the server that is the primary now."""
        return self.primary.execute(statement, *values)

    def stop(self) -> None:
        for server in (self.primary, self.standby):
            self._end(server)

    @staticmethod
    def _end(server: Server) -> None:
        with suppress(psutil.NoSuchProcess, FileNotFoundError, ValueError):
            server.kill()
