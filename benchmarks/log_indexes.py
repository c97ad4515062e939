"""What each index of the log costs when a prediction is recorded: ``log_indexes.py [rounds]``

The same rows go in turns into tables that differ in one index, each filled with 500,000 rows before,
by the statement that records predictions. Prints medians, as ratios to the table as it is too.
"""

from __future__ import annotations

import atexit
import random
import statistics
import sys
import time
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
from webapp.services.prediction_log.rows import INSERT

FILLED = 500_000
CHANCE = random.Random(1)  # noqa: S311
BATCHES = (1, 32)
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
    found: dict[tuple[int, str], list[float]] = defaultdict(list)
    with psycopg.connect(embedded.start(folder / "postgres"), autocommit=True) as connection:
        sizes = {name: _make(connection, f"predictions_{n}", TABLES[name]) for n, name in enumerate(TABLES)}
        for count in BATCHES * rounds:
            for n, name in enumerate(TABLES):
                rows = orjson.dumps([_one() for _ in range(count)]).decode()
                found[count, name].append(_timed(connection, f"predictions_{n}", rows))
    print(surroundings("psycopg"), end="\n\n")
    print(
        markdown_table(
            ["table", "1 row, ms", "ratio", "32 rows, ms", "ratio", "indexes, MB"], _table(found, sizes), words=1
        )
    )


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


def _timed(connection: psycopg.Connection, table: str, rows: str) -> float:
    began = time.perf_counter()
    connection.execute(_into(table), (rows,))
    return time.perf_counter() - began


def _table(found: dict[tuple[int, str], list[float]], sizes: dict[str, float]) -> object:
    for name in TABLES:
        cells = [name]
        for count in BATCHES:
            took, usual = (statistics.median(found[count, each]) for each in (name, "as it is"))
            cells += [f"{took * 1e3:.2f}", f"{took / usual:.2f}"]
        yield [*cells, f"{sizes[name]:.0f}"]


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
