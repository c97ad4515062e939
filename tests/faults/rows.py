"""Rows as the spool holds them, and what is found of them later."""

from __future__ import annotations

import secrets
import time
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson

from webapp.errors import DamagedLine
from webapp.helpers.uuid7 import time_of, uuid7
from webapp.services.spool import Spool, journal


def an_id() -> UUID:
    return uuid7(time.time_ns() // 1_000_000, 0, secrets.randbits(62))


def a_row(id: UUID | None = None, **other: Any) -> bytes:
    id = id or an_id()
    row = {
        "id": id,
        "created_at": time_of(id),
        "model": "penguins",
        "version": "1",
        "digest": "0" * 64,
        "channel": "json",
        "actor": None,
        "request_id": "r",
        "status": "answered",
        "inputs": {"a": 0.1, "b": None, "c": "ü🐧", "d": True},
        "output": {"prediction": "x", "probabilities": {"z": 0.3, "y": 0.7}},
        "warnings": [],
        "duration": 0.5,
    }
    return orjson.dumps(row | other)


def ids(rows: list[bytes]) -> list[str]:
    return [orjson.loads(row)["id"] for row in rows]


def read(folder: Path) -> tuple[list[bytes], list[bytes]]:
    """The rows in a spool's folder, and the lines that are damaged."""
    rows, damaged = [], []
    for path in sorted(folder.glob("*.journal")):
        for line in journal.split(path.read_bytes()):
            try:
                rows.append(journal.decode(line))
            except DamagedLine:
                damaged.append(line)
    return rows, damaged


def spooled(folder: Path, rows: list[bytes]) -> Spool:
    """A spool with these rows in a sealed segment."""
    spool = Spool(folder)
    spool.append(rows)
    spool.seal()
    return spool


def set_aside(folder: Path) -> list[dict[str, str]]:
    path = folder / "set-aside.jsonl"
    return [orjson.loads(line) for line in path.read_bytes().splitlines()] if path.exists() else []
