"""Compare methods to insert rows into PostgreSQL: python benchmarks/inserting.py [rounds]

Each method stores similar rows in one committed statement or transaction, with fsync on; the methods take turns
on one connection. Prints the medians, and each as a ratio to the first method.
"""

from __future__ import annotations

import atexit
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from uuid import uuid4

import orjson
import psycopg
from report import markdown_table, surroundings

sys.path.insert(0, str(Path(__file__).parents[1]))

from webapp.database import embedded
from webapp.services.prediction_log.inserting import INSERT, INSERTED

Row = dict[str, object]
BATCHES = (1, 8, 32)
JSON = {"inputs", "output", "warnings"}
NAMES = ", ".join(INSERTED)
TYPED = ", ".join(f"{name} {kind}" for name, kind in INSERTED.items())
TABLE = f"CREATE TABLE predictions ({TYPED}, PRIMARY KEY (created_at, id))"
UNNEST = (
    f"INSERT INTO predictions ({NAMES}) SELECT * FROM unnest("  # noqa: S608
    + ", ".join(f"%s::{kind}[]" for kind in INSERTED.values())
    + ") ON CONFLICT DO NOTHING"
)


def one_json_array(connection: psycopg.Connection, rows: Sequence[Row]) -> None:
    connection.execute(INSERT, (orjson.dumps(rows).decode(),))


def unnest(connection: psycopg.Connection, rows: Sequence[Row]) -> None:
    connection.execute(UNNEST, [[_plain(row, name) for row in rows] for name in INSERTED])


def several_values(connection: psycopg.Connection, rows: Sequence[Row]) -> None:
    places = ", ".join(["(" + ", ".join(f"%s::{kind}" for kind in INSERTED.values()) + ")"] * len(rows))
    values = [_plain(row, name) for row in rows for name in INSERTED]
    connection.execute(f"INSERT INTO predictions ({NAMES}) VALUES {places} ON CONFLICT DO NOTHING", values)  # noqa: S608


def executemany(connection: psycopg.Connection, rows: Sequence[Row]) -> None:
    places = ", ".join(f"%s::{kind}" for kind in INSERTED.values())
    with connection.transaction(), connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO predictions ({NAMES}) VALUES ({places}) ON CONFLICT DO NOTHING",  # noqa: S608
            [[_plain(row, name) for name in INSERTED] for row in rows],
        )


def copy(connection: psycopg.Connection, rows: Sequence[Row]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY predictions ({NAMES}) FROM STDIN") as into:
        for row in rows:
            into.write_row([_plain(row, name) for name in INSERTED])


METHODS: dict[str, Callable[[psycopg.Connection, Sequence[Row]], None]] = {
    "one JSON array": one_json_array,
    "an array for each column (unnest)": unnest,
    "several VALUES": several_values,
    "executemany": executemany,
    "COPY": copy,
}


def main(rounds: int) -> None:
    found: dict[tuple[int, str], list[tuple[float, float]]] = defaultdict(list)
    folder = Path(mkdtemp(prefix="scoredesk-benchmark-"))
    # atexit runs this last, after PostgreSQL has stopped.
    atexit.register(rmtree, folder, ignore_errors=True)
    with psycopg.connect(embedded.start(folder / "postgres"), autocommit=True) as connection:
        connection.execute(TABLE)
        for count in BATCHES * rounds:
            for name, store in METHODS.items():
                found[count, name].append(_timed(store, connection, [_row() for _ in range(count)]))
    print(surroundings("psycopg", "orjson"), end="\n\n")
    print(markdown_table(["rows", "method", "ms", "ratio", "client's CPU µs"], _table(found), words=2))


def _timed(
    store: Callable[[psycopg.Connection, Sequence[Row]], None], connection: psycopg.Connection, rows: Sequence[Row]
) -> tuple[float, float]:
    """Return the seconds that passed, and the seconds of this process's CPU time."""
    began = time.perf_counter(), time.process_time()
    store(connection, rows)
    return time.perf_counter() - began[0], time.process_time() - began[1]


def _table(found: dict[tuple[int, str], list[tuple[float, float]]]) -> object:
    for count in BATCHES:
        first = statistics.median(wall for wall, _ in found[count, next(iter(METHODS))])
        for name in METHODS:
            wall, cpu = (statistics.median(each) for each in zip(*found[count, name], strict=True))
            yield [str(count), name, f"{wall * 1e3:.2f}", f"{wall / first:.2f}", f"{cpu * 1e6:.0f}"]


def _plain(row: Row, name: str) -> object:
    return orjson.dumps(row[name]).decode() if name in JSON else row[name]


def _row() -> Row:
    shares = {"Adelie": 0.30790139691203666, "Chinstrap": 0.6855378336381592, "Gentoo": 0.006560769449804104}
    return {
        "created_at": datetime.now(UTC),
        "id": uuid4(),
        "model": "penguins",
        "version": "85504299bbcd",
        "digest": "c3bcbc495ff8a0ddb7a78afad626b19f65d54292395f325599ff905b3d0bd930",
        "channel": "json",
        "actor": None,
        "request_id": uuid4().hex,
        "status": "answered",
        "inputs": {"bill_length_mm": 46.5, "bill_depth_mm": 17.9, "flipper_length_mm": 192.0, "island": "Dream"},
        "output": {"prediction": "Chinstrap", "probabilities": shares},
        "warnings": [],
        "duration": 0.0123,
        "salt": "\\x" + uuid4().hex,
        "mac": "\\x" + 2 * uuid4().hex,
    }


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
