"""Several files in one, on their way into a cell, which puts them together: transformers, their model, its names."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

Role = Literal["before", "model", "names", "names as text"]
#: What such a file begins with; no pickle does.
MARK = b"scoredesk parts\n"
MAX_PARTS, MAX_HEADER_BYTES, MAX_NAME_LENGTH = 20, 16 * 1024, 100


@dataclass(frozen=True, kw_only=True)
class FilePart:
    """One of the files."""

    role: Role
    #: The name of the file, for sentences about it.
    name: str
    data: bytes

    @property
    def is_loaded(self) -> bool:
        """Whether it is a model's file or a pickle, and no text."""
        return self.role != "names as text"


class PartsInvalid(Exception):
    """The file was not written by ``write_parts``."""


def write_parts(parts: Sequence[FilePart]) -> bytes:
    """Return the files as one: a line of JSON, and their contents."""
    header = [{"role": part.role, "name": part.name[:MAX_NAME_LENGTH], "size": len(part.data)} for part in parts]
    return MARK + json.dumps(header).encode() + b"\n" + b"".join(part.data for part in parts)


def read_parts(data: bytes) -> list[FilePart]:
    """Return the files again.

    Raises
    ------
    PartsInvalid
    """
    line, newline, _ = data[: len(MARK) + MAX_HEADER_BYTES].removeprefix(MARK).partition(b"\n")
    try:
        header = json.loads(line)
        parts = [_described(each) for each in header]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise PartsInvalid from None
    start = len(MARK) + len(line) + len(newline)
    if len(parts) > MAX_PARTS or start + sum(size for _, _, size in parts) != len(data):
        raise PartsInvalid
    found = []
    for role, name, size in parts:
        found.append(FilePart(role=role, name=name, data=data[start : start + size]))
        start += size
    return found


def _described(each: Any) -> tuple[Role, str, int]:
    role, name, size = each["role"], each["name"], each["size"]
    if role not in get_args(Role) or type(name) is not str or type(size) is not int or size < 0:
        raise ValueError
    return role, name[:MAX_NAME_LENGTH], size
