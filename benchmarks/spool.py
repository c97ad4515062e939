"""Compares ways to keep rows on the disk: the spool's journal and SQLite.

Usage: PYTHONPATH=. python benchmarks/spool.py [FOLDER]

It takes under a minute and writes into a new folder inside FOLDER, or inside the current one, so that the disk is
the one that counts. Both wait until the disk has the rows: the journal by fdatasync, SQLite in WAL mode with
synchronous=FULL. They take turns. It prints one table in Markdown: the median time of one append, and how many
times longer SQLite took.
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
    """Append to the service's own spool."""
    return Spool(folder / "spool").append


def sqlite(folder: Path) -> Append:
    """Insert into a table in one transaction."""
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
    """Give the cells of one number of rows."""
    with TemporaryDirectory(dir=folder) as name:
        ways = [journal(Path(name)), sqlite(Path(name))]
        rows = [ROW] * size
        times = [[seconds(way, rows) for way in ways] for _ in range(RUNS)]
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
