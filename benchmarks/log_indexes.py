"""Measure what each index of the log costs when predictions are recorded: ``log_indexes.py [rounds]``

Inserts similar rows in turn into tables that differ in one index, with the statement that records predictions,
32 rows at a time. Each table holds 200,000 rows before. Prints the CPU time and the bytes that PostgreSQL needs
for each row, which other programs on the machine don't affect, and each as a ratio to the current indexes.
"""

from __future__ import annotations

import atexit
import random
import sys
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from uuid import uuid4

import orjson
import psycopg
from inserting import TYPED, Row, _row
from report import markdown_table, surroundings

sys.path.insert(0, str(Path(__file__).parents[1]))

from webapp.database import embedded
from webapp.services.prediction_log.inserting import INSERT

ROWS_BEFORE = 200_000
RANDOM = random.Random(1)  # noqa: S311
BATCH = 32
MODEL = "CREATE INDEX ON {} (model, created_at, id)"
UNANSWERED = "CREATE INDEX ON {} (status, created_at, id) WHERE status <> 'answered'"
CURRENT_INDEXES = [MODEL, UNANSWERED]
CURRENT = "current indexes"
TABLES = {
    CURRENT: CURRENT_INDEXES,
    "without the index of unanswered predictions": [MODEL],
    "with BRIN on created_at": [*CURRENT_INDEXES, "CREATE INDEX ON {} USING brin (created_at)"],
    "with (version, created_at, id)": [*CURRENT_INDEXES, "CREATE INDEX ON {} (version, created_at, id)"],
    "with the answer": [*CURRENT_INDEXES, "CREATE INDEX ON {} ((output ->> 'prediction'), created_at, id)"],
    "with GIN on the inputs": [*CURRENT_INDEXES, "CREATE INDEX ON {} USING gin (inputs jsonb_path_ops)"],
}


def main(rounds: int) -> None:
    folder = Path(mkdtemp(prefix="scoredesk-benchmark-"))
    # atexit runs this last, after PostgreSQL has stopped.
    atexit.register(rmtree, folder, ignore_errors=True)
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    with psycopg.connect(embedded.start(folder / "postgres"), autocommit=True) as connection:
        sizes = {name: _make(connection, f"predictions_{n}", TABLES[name]) for n, name in enumerate(TABLES)}
        for _ in range(rounds):
            for n, name in enumerate(TABLES):
                rows = orjson.dumps([_varied_row() for _ in range(BATCH)]).decode()
                found[name].append(_insert_batch(connection, f"predictions_{n}", rows))
    print(surroundings("psycopg"), end="\n\n")
    header = ["table", "CPU µs per row", "ratio", "bytes written per row", "ratio", "indexes, MB"]
    print(markdown_table(header, _table(found, sizes), words=1))


def _make(connection: psycopg.Connection, table: str, indexes: list[str]) -> float:
    connection.execute(f"CREATE TABLE {table} ({TYPED}, PRIMARY KEY (created_at, id))")
    for index in indexes:
        connection.execute(index.format(table))
    for _ in range(ROWS_BEFORE // 5_000):
        connection.execute(_into(table), (orjson.dumps([_varied_row() for _ in range(5_000)]).decode(),))
    connection.execute(f"VACUUM (ANALYZE) {table}")
    return connection.execute("SELECT pg_indexes_size(%s) / 1e6", (table,)).fetchone()[0]


def _into(table: str) -> str:
    return INSERT.replace("INTO predictions", f"INTO {table}")


def _varied_row() -> Row:
    row = _row()
    measured = {name: round(RANDOM.uniform(30, 60), 1) for name in ("bill_length_mm", "bill_depth_mm", "body_mass_g")}
    inputs = measured | {"island": RANDOM.choice(["Biscoe", "Dream", "Torgersen"]), "sex": None, "visit": uuid4().hex}
    status = "failed" if RANDOM.random() < 0.01 else "answered"
    return row | {"created_at": datetime.now(UTC), "inputs": inputs, "status": status}


def _insert_batch(connection: psycopg.Connection, table: str, rows: str) -> tuple[int, int]:
    """Return the nanoseconds of CPU time and the bytes of write-ahead log that PostgreSQL needs for these rows."""
    before = _cpu(connection), _written(connection)
    connection.execute(_into(table), (rows,))
    return _cpu(connection) - before[0], _written(connection) - before[1]


def _cpu(connection: psycopg.Connection) -> int:
    return int(Path(f"/proc/{connection.info.backend_pid}/schedstat").read_text().split()[0])


def _written(connection: psycopg.Connection) -> int:
    return connection.execute("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn").fetchone()[0]


def _table(found: dict[str, list[tuple[int, int]]], sizes: dict[str, float]) -> object:
    current = _means(found[CURRENT])
    for name in TABLES:
        work, written = _means(found[name])
        yield [
            name,
            f"{work / 1e3:.1f}",
            f"{work / current[0]:.2f}",
            f"{written:.0f}",
            f"{written / current[1]:.2f}",
            f"{sizes[name]:.0f}",
        ]


def _means(spent: list[tuple[int, int]]) -> tuple[float, float]:
    work, written = zip(*spent, strict=True)
    return sum(work) / len(spent) / BATCH, sum(written) / len(spent) / BATCH


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 400)
