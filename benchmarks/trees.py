"""Serve models with the service of any folder that holds a Scoredesk."""

from __future__ import annotations

import json
import re
import shutil
import sys
import time
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from load import NotServingError, Server, family, free_port, postgres_of, running

WORKERS = 2
#: A mapping in /proc/<process>/smaps: its line, and the lines of its figures.
MAPPING = re.compile(r"^([0-9a-f]+-[0-9a-f]+ .*)\n((?:\w+: .*\n)+)", re.MULTILINE)
SIZE = re.compile(r"^(\w+): +(\d+) kB$", re.MULTILINE)
#: Files that are memory, and that the kernel counts as such.
SHARED_MEMORY = ("/dev/shm/", "/memfd:", "/dev/zero", "/SYSV")  # noqa: S108
#: For hundreds of models on a busy machine.
TIMEOUT_SECONDS = 600


@dataclass(frozen=True, kw_only=True)
class Tree:
    """A checkout of Scoredesk."""

    name: str
    folder: Path


@dataclass(frozen=True, kw_only=True)
class Service:
    """A running service, the folder that it serves, and how long it took until all models were served."""

    server: Server
    models: Path
    seconds: float

    def get(self, path: str) -> Any:
        return json.load(self.open(path))

    def open(self, path: str, body: object = None) -> Any:
        """Send a request over a connection of its own."""
        url = f"http://127.0.0.1:{self.server.port}{path}"
        data = None if body is None else json.dumps(body).encode()
        return urllib.request.urlopen(
            urllib.request.Request(url, data, {"Content-Type": "application/json"}), timeout=60
        )

    def bodies(self, model: str, rows: list[list[Any]]) -> list[dict[str, Any]]:
        """Return a request for each row."""
        names = [each["name"] for each in self.get(f"/api/v1/models/{model}")["inputs"]]
        return [{"inputs": dict(zip(names, row, strict=True))} for row in rows]

    def lists(self, model: str, rows: list[list[Any]], length: int) -> list[dict[str, Any]]:
        """Return a few requests of this many rows each."""
        instances = [body["inputs"] for body in self.bodies(model, rows)]
        repeated = instances * (4 * length // len(instances) + 1)
        return [{"inputs": repeated[part * length : (part + 1) * length]} for part in range(4)]


def address(model: str) -> str:
    return f"/api/v1/models/{model}/predict"


@contextmanager
def serving(tree: Tree, models: Path, instance: Path | None = None) -> Iterator[Service]:
    """Serve a copy of the models, with a new PostgreSQL unless ``instance`` names the folder of an earlier one."""
    with TemporaryDirectory(prefix="scoredesk-bench-", ignore_cleanup_errors=True) as folder:
        copy = Path(shutil.copytree(models, Path(folder) / "models"))
        instance, port, log = instance or Path(folder) / "instance", free_port(), Path(folder) / "log.txt"
        environ = {
            "MODELS_DIR": str(copy),
            "INSTANCE_DIR": str(instance),
            "DATABASE_URL": "",
            "DATABASE_URL_FILE": "",
            "AUTH": "none",
            "PORT": str(port),
            "WEB_CONCURRENCY": str(WORKERS),
        }
        command, began = [sys.executable, "-m", "gunicorn"], time.monotonic()
        options: dict[str, Any] = {"folder": tree.folder, "log": log, "timeout": TIMEOUT_SECONDS}
        with running(command, port, environ, "/readyz", **options) as server:
            service = Service(server=replace(server, database=postgres_of(instance)), models=copy, seconds=0)
            _wait_for_all(service)
            yield replace(service, seconds=time.monotonic() - began)


def _wait_for_all(service: Service) -> None:
    wanted, deadline = len(list(service.models.glob("*.joblib"))), time.monotonic() + TIMEOUT_SECONDS
    served = 0
    while served < wanted:
        if time.monotonic() > deadline:
            raise NotServingError(f"it served {served} of {wanted} models within {TIMEOUT_SECONDS} seconds")
        time.sleep(0.05)
        with suppress(OSError):
            served = sum(each["ready"] for each in service.get("/api/v1/models")["models"])


@dataclass(frozen=True, kw_only=True)
class Memory:
    """Megabytes of all processes of a service without PostgreSQL; memory that they share is counted once."""

    #: As the kernel counts it: less of a file while other programs map it too.
    pss: float
    #: As if no other program mapped the same files.
    alone: float
    processes: int


def memory_of(server: Server) -> Memory:
    """Read the memory of a service from the kernel."""
    pss = own = processes = 0
    files: dict[tuple[str, ...], int] = defaultdict(int)
    for each in family(server.process):
        # One that has just ended has no memory.
        with suppress(OSError):
            lines = Path(f"/proc/{each.pid}/smaps_rollup").read_text().splitlines()[1:]
            kinds = {kind: int(size) for kind, size, _ in map(str.split, lines)}
            for mapping, size in _parts_of_files(each.pid):
                files[mapping] = max(files[mapping], size)
            pss, own, processes = pss + kinds["Pss:"], own + kinds["Pss_Anon:"] + kinds["Pss_Shmem:"], processes + 1
    kilobyte = 1024 / 1e6
    return Memory(pss=pss * kilobyte, alone=(own + sum(files.values())) * kilobyte, processes=processes)


def _parts_of_files(process: int) -> Iterator[tuple[tuple[str, ...], int]]:
    """Yield each part of a file that a process maps, and how many kilobytes of it are in memory."""
    for head, body in MAPPING.findall(Path(f"/proc/{process}/smaps").read_text()):
        addresses, _rights, offset, _device, inode, *path = head.split(maxsplit=5)
        if inode != "0" and not path[0].startswith(SHARED_MEMORY):
            first, last = (int(each, 16) for each in addresses.split("-"))
            sizes = dict(SIZE.findall(body))
            yield (path[0], offset, str(last - first)), int(sizes["Rss"]) - int(sizes["Anonymous"])
