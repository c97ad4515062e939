"""Compare two methods to store rows on disk: the spool's journal and SQLite.

Usage: PYTHONPATH=. python benchmarks/spool.py [FOLDER]

It takes less than a minute and writes into a new folder inside FOLDER (by default the current folder), so choose a
folder on the disk that the spool will use. Both methods wait until the rows are on disk: the journal with
fdatasync, SQLite in WAL mode with synchronous=FULL. They take turns. It prints one table in Markdown: the median
time of one append, and SQLite's time divided by the journal's.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import orjson
from report import markdown_table, surroundings

from webapp.services.spool import Spool

RUNS = 1500
ROW = orjson.dumps(
    {"id": "0" * 36, "inputs": {f"feature_{number}": number / 7 for number in range(14)}, "fill": "x" * 90}
)
SIZES = (1, 32)

Append = Callable[[list[bytes]], None]


def journal(folder: Path) -> Append:
    """Return the function that appends to the service's own spool."""
    return Spool(folder / "spool").append


def sqlite(folder: Path) -> Append:
    """Return the function that inserts into a table of SQLite in one transaction."""
    connection = sqlite3.connect(folder / "spool.db")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE spool (row BLOB NOT NULL)")

    def append(rows: list[bytes]) -> None:
        with connection:
            connection.executemany("INSERT INTO spool VALUES (?)", [(row,) for row in rows])

    return append


def seconds(append: Append, rows: list[bytes]) -> float:
    """Time one append."""
    begun = perf_counter()
    append(rows)
    return perf_counter() - begun


def compare(size: int, folder: Path) -> list[str]:
    """Return the cells of one number of rows."""
    with TemporaryDirectory(dir=folder) as name:
        methods = [journal(Path(name)), sqlite(Path(name))]
        rows = [ROW] * size
        times = [[seconds(append, rows) for append in methods] for _ in range(RUNS)]
    ours, theirs = (median(each) for each in zip(*times, strict=True))
    return [str(size), f"{ours * 1000:.2f}", f"{theirs * 1000:.2f}", f"{theirs / ours:.1f}"]


def main() -> None:
    """Measure appends of each size."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    print(surroundings("orjson") + f"; SQLite {sqlite3.sqlite_version}; rows of {len(ROW)} bytes", end="\n\n")
    header = ["rows", "journal, ms", "SQLite, ms", "ratio"]
    print(markdown_table(header, [compare(size, folder) for size in SIZES], words=0))


if __name__ == "__main__":
    main()
