"""What each index of the log costs when predictions are recorded: ``log_indexes.py [rounds]``

The same kind of rows goes in turns into tables that differ in one index, each filled with 200,000 rows
before, by the statement that records predictions, 32 rows at a time. Prints what PostgreSQL worked and
wrote for each row, which no neighbour on the machine changes, and each as a ratio to the table as it is.
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

FILLED = 200_000
CHANCE = random.Random(1)  # noqa: S311
BATCH = 32
MODEL = "CREATE INDEX ON {} (model, created_at, id)"
UNANSWERED = "CREATE INDEX ON {} (status, created_at, id) WHERE status <> 'answered'"
AS_IT_IS = [MODEL, UNANSWERED]
TABLES = {
    "as it is": AS_IT_IS,
    "without the index of what was not answered": [MODEL],
    "and BRIN on created_at": [*AS_IT_IS, "CREATE INDEX ON {} USING brin (created_at)"],
    "and (version, created_at, id)": [*AS_IT_IS, "CREATE INDEX ON {} (version, created_at, id)"],
    "and the answer": [*AS_IT_IS, "CREATE INDEX ON {} ((output ->> 'prediction'), created_at, id)"],
    "and GIN on the inputs": [*AS_IT_IS, "CREATE INDEX ON {} USING gin (inputs jsonb_path_ops)"],
}


def main(rounds: int) -> None:
    folder = Path(mkdtemp(prefix="scoredesk-benchmark-"))
    # What was registered first is done last, after the server has stopped.
    atexit.register(rmtree, folder, ignore_errors=True)
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    with psycopg.connect(embedded.start(folder / "postgres"), autocommit=True) as connection:
        sizes = {name: _make(connection, f"predictions_{n}", TABLES[name]) for n, name in enumerate(TABLES)}
        for _ in range(rounds):
            for n, name in enumerate(TABLES):
                rows = orjson.dumps([_one() for _ in range(BATCH)]).decode()
                found[name].append(_spent(connection, f"predictions_{n}", rows))
    print(surroundings("psycopg"), end="\n\n")
    header = ["table", "CPU µs a row", "ratio", "written, bytes a row", "ratio", "indexes, MB"]
    print(markdown_table(header, _table(found, sizes), words=1))


def _make(connection: psycopg.Connection, table: str, indexes: list[str]) -> float:
    connection.execute(f"CREATE TABLE {table} ({TYPED}, PRIMARY KEY (created_at, id))")
    for index in indexes:
        connection.execute(index.format(table))
    for _ in range(FILLED // 5_000):
        connection.execute(_into(table), (orjson.dumps([_one() for _ in range(5_000)]).decode(),))
    connection.execute(f"VACUUM (ANALYZE) {table}")
    return connection.execute("SELECT pg_indexes_size(%s) / 1e6", (table,)).fetchone()[0]


def _into(table: str) -> str:
    return INSERT.replace("INTO predictions", f"INTO {table}")


def _one() -> Row:
    row = _row()
    measured = {name: round(CHANCE.uniform(30, 60), 1) for name in ("bill_length_mm", "bill_depth_mm", "body_mass_g")}
    inputs = measured | {"island": CHANCE.choice(["Biscoe", "Dream", "Torgersen"]), "sex": None, "visit": uuid4().hex}
    status = "failed" if CHANCE.random() < 0.01 else "answered"
    return row | {"created_at": datetime.now(UTC), "inputs": inputs, "status": status}


def _spent(connection: psycopg.Connection, table: str, rows: str) -> tuple[int, int]:
    """Give the nanoseconds that PostgreSQL worked for these rows, and the bytes of its write-ahead log."""
    before = _work(connection), _written(connection)
    connection.execute(_into(table), (rows,))
    return _work(connection) - before[0], _written(connection) - before[1]


def _work(connection: psycopg.Connection) -> int:
    return int(Path(f"/proc/{connection.info.backend_pid}/schedstat").read_text().split()[0])


def _written(connection: psycopg.Connection) -> int:
    return connection.execute("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn").fetchone()[0]


def _table(found: dict[str, list[tuple[int, int]]], sizes: dict[str, float]) -> object:
    usual = _means(found["as it is"])
    for name in TABLES:
        work, written = _means(found[name])
        yield [
            name,
            f"{work / 1e3:.1f}",
            f"{work / usual[0]:.2f}",
            f"{written:.0f}",
            f"{written / usual[1]:.2f}",
            f"{sizes[name]:.0f}",
        ]


def _means(spent: list[tuple[int, int]]) -> tuple[float, float]:
    work, written = zip(*spent, strict=True)
    return sum(work) / len(spent) / BATCH, sum(written) / len(spent) / BATCH


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 400)
