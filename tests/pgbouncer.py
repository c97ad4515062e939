"""PgBouncer before a PostgreSQL, on a socket in a folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import pytest
from psycopg.conninfo import conninfo_to_dict

PGBOUNCER = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
Mode = Literal["session", "transaction"]
#: It gives up its connections to PostgreSQL as late as it does by default, and knows no start-up parameter beyond its
#: own five. With one connection to PostgreSQL for several clients, what one leaves behind reaches the next.
CONFIG = """
[databases]
* = host={host} port={port}
[pgbouncer]
listen_addr =
unix_socket_dir = {folder}
auth_type = trust
auth_file = {folder}/users.txt
pool_mode = {mode}
default_pool_size = {size}
listen_port = 5432
max_client_conn = 200
server_login_retry = 1
"""


@contextmanager
def pgbouncer_before(url: str, folder: Path, mode: Mode, size: int = 20) -> Iterator[str]:
    """Start it before the PostgreSQL at ``url``, and give the address at which it answers."""
    if PGBOUNCER is None:
        if os.environ.get("CI"):
            pytest.fail("pgbouncer is missing")
        pytest.skip("pgbouncer is not installed")
    parts = conninfo_to_dict(url)
    (folder / "users.txt").write_text('"postgres" ""\n"scoredesk_web" ""\n')
    (folder / "pgbouncer.ini").write_text(
        CONFIG.format(
            host=parts["host"],
            port=parts.get("port", 5432),
            folder=folder,
            mode=mode,
            size=size,
        )
    )
    # It refuses to run as root, as PostgreSQL does; that one's user may read its socket.
    user = "pgserver" if os.geteuid() == 0 else None
    with (folder / "log").open("w") as log:
        if user:
            shutil.chown(folder, user)
        command = [PGBOUNCER, str(folder / "pgbouncer.ini")]
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, user=user)
    try:
        _wait_for(process, folder)
        yield f"postgresql://{parts['user']}@/{parts['dbname']}?host={folder}"
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(process: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + 10
    while not (folder / ".s.PGSQL.5432").exists():
        assert process.poll() is None, (folder / "log").read_text()
        assert time.monotonic() < deadline, (folder / "log").read_text()
        time.sleep(0.05)
