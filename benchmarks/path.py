"""Measure what recording adds to a request: python benchmarks/path.py [seconds] [rounds]

Serves one very cheap estimator with four apps on the same gunicorn and the same PostgreSQL (fsync on). wrk loads
the apps in turn. Prints the medians as a table.
"""

from __future__ import annotations

import statistics
import sys
from collections import defaultdict
from contextlib import ExitStack
from operator import attrgetter
from pathlib import Path
from tempfile import TemporaryDirectory

import joblib
import numpy as np
from load import Measurement, Server, drive, free_port, running
from report import markdown_table, surroundings
from sklearn.linear_model import LinearRegression

CONNECTIONS = (1, 32, 64)
WORKERS, THREADS = 2, 32
APPS = {
    "hello": "Flask's hello world",
    "no_log": "no log",
    "one_insert": "one INSERT for each request",
    "lane": "leader and followers",
}
BODY = {"inputs": {f"x{each}": each / 3 for each in range(6)}}


def main(seconds: int, rounds: int) -> None:
    found: dict[tuple[str, int], list[Measurement]] = defaultdict(list)
    with TemporaryDirectory() as folder, ExitStack() as stack:
        X = np.random.default_rng(0).normal(size=(100, 6))
        joblib.dump(LinearRegression().fit(X, X.sum(axis=1)), Path(folder) / "sum.joblib")
        servers = {name: stack.enter_context(_serving(name, Path(folder))) for name in APPS}
        for _ in range(rounds):
            for connections in CONNECTIONS:
                for name, server in servers.items():
                    found[name, connections].append(_measure(name, server, connections, seconds))
    header = ["connections", "", "requests/s", "p50 ms", "p99 ms", "CPU ms"]
    print(surroundings("Flask", "gunicorn", "psycopg", "SQLAlchemy"), end="\n\n")
    print(markdown_table(header, _rows(found), words=2))
    hello, silent, recorded = (_median(found[name, 32], "server.cpu") for name in ("hello", "no_log", "lane"))
    print(f"\nAt 32 connections, recording costs {(recorded - silent) / hello:.2f} times the CPU of hello world.")
    alone, together = (_median(found[name, 1], "p50") for name in ("one_insert", "lane"))
    print(f"At 1 connection, the lane takes {together / alone:.2f} times as long as one INSERT for each request.")


def _serving(name: str, folder: Path) -> object:
    port = free_port()
    settings = {
        "MODELS_DIR": str(folder),
        "INSTANCE_DIR": str(folder / "instance"),
        "PORT": str(port),
        "WEB_CONCURRENCY": str(WORKERS),
        "THREADS": str(THREADS),
    }
    command = [sys.executable, "-m", "gunicorn", f"benchmarks.path_apps:{name}()"]
    if name == "hello":
        command += ["-c", "/dev/null", "-k", "gthread", "-b", f"127.0.0.1:{port}"]
        command += ["-w", str(WORKERS), "--threads", str(THREADS), "--log-level", "warning"]
    return running(command, port, settings, "/" if name == "hello" else "/readyz")


def _measure(name: str, server: Server, connections: int, seconds: int) -> Measurement:
    path = "/" if name == "hello" else "/api/v1/models/sum/predict"
    measured = drive(server, path, [BODY], connections, seconds)
    if measured.failures:
        sys.exit(f"{name}: {measured.failures} requests failed")
    return measured


def _rows(found: dict[tuple[str, int], list[Measurement]]) -> object:
    for connections in CONNECTIONS:
        for name, title in APPS.items():
            runs = found[name, connections]
            figures = [_median(runs, each) for each in ("requests_per_second", "p50", "p99", "server.cpu")]
            yield [str(connections), title, f"{figures[0]:.0f}", *(f"{each:.2f}" for each in figures[1:])]


def _median(runs: list[Measurement], figure: str) -> float:
    return statistics.median(map(attrgetter(figure), runs))


if __name__ == "__main__":
    main(*(int(each) for each in (sys.argv[1:] + ["5", "3"][len(sys.argv) - 1 :])))
