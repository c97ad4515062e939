"""PgBouncer before a PostgreSQL, on a free port of this machine."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import pytest
from psycopg.conninfo import conninfo_to_dict

from tests.serving import free_port

PGBOUNCER = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
Mode = Literal["session", "transaction"]
#: It gives up its connections to PostgreSQL as late as it does by default, and knows no start-up parameter beyond its
#: own five. With one connection to PostgreSQL for several clients, what one leaves behind reaches the next.
CONFIG = """
[databases]
* = host={host} port={port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen_port}
unix_socket_dir =
auth_type = trust
auth_file = {folder}/users.txt
pool_mode = {mode}
default_pool_size = {size}
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
    parts, listen_port = conninfo_to_dict(url), free_port()
    folder.chmod(0o755)
    (folder / "users.txt").write_text('"postgres" ""\n"scoredesk_web" ""\n')
    (folder / "pgbouncer.ini").write_text(
        CONFIG.format(
            host=parts["host"],
            port=parts.get("port", 5432),
            listen_port=listen_port,
            folder=folder,
            mode=mode,
            size=size,
        )
    )
    # It refuses to run as root, as PostgreSQL does; that one's user may read its socket.
    user = "pgserver" if os.geteuid() == 0 else None
    with (folder / "log").open("w") as log:
        command = [PGBOUNCER, str(folder / "pgbouncer.ini")]
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, user=user)
    try:
        _wait_for(process, listen_port, folder / "log")
        yield f"postgresql://{parts['user']}@127.0.0.1:{listen_port}/{parts['dbname']}"
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(log.read_text())
