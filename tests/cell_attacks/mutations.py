"""Changes frames, reports and plans at random, in their bytes or in their JSON."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from copy import deepcopy
from typing import Any

#: What a hostile cell may put anywhere in JSON.
VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 2, 2**31, 2**63 - 1, 2**63, -(2**63), 2**64, 10**400, 0.5, 1e308, 5e-324, -0.0),
    *(float("nan"), float("inf"), -float("inf"), "", "a", "\0", "\ud800", "x0", "number", "category", "text", "frame"),
    *([], {}, [[]], [None], ["a", "a"], [0, 0.0, False], {"name": "a"}, "a" * 20_000, list(range(2000))),
)


def mutated(data: bytes, chance: random.Random) -> bytes:
    """Return bytes with a few changes."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(changed) + 1)
        kind = chance.randrange(4)
        if kind == 0:
            changed[place : place + 1] = bytes([chance.choice((0, 1, 127, 128, 255, chance.randrange(256)))])
        elif kind == 1:
            changed[place : place + chance.randint(1, 9)] = b""
        elif kind == 2:
            changed[place:place] = chance.randbytes(chance.randint(1, 9))
        else:
            changed[place : place + 8] = chance.choice(
                (b"\xff" * 8, b"\0" * 8, b"\0\0\0\0\0\0\xf8\x7f", b"\1" + b"\0" * 7)
            )
    return bytes(changed)


def mutated_json(document: Any, chance: random.Random) -> Any:
    """Return a copy of a document with one to three values replaced, added, repeated or removed."""
    document = json.loads(json.dumps(document))
    for _ in range(chance.randint(1, 3)):
        places = list(_places(document))
        if not places:
            return document
        holder, key = chance.choice(places)
        kind = chance.randrange(4)
        if kind == 0 and isinstance(holder, list):
            holder.insert(key, json.loads(json.dumps(holder[key])))
        elif kind == 1:
            del holder[key]
        elif kind == 2 and isinstance(holder, dict):
            holder[chance.choice(("a", "name", "kind", "x", "classes", str(key) * 2))] = deepcopy(chance.choice(VALUES))
        else:
            holder[key] = deepcopy(chance.choice(VALUES))
    return document


def _places(document: Any) -> Any:
    keys: Any = range(len(document)) if isinstance(document, list) else document
    for key in keys:
        yield document, key
        if isinstance(document[key], list | dict):
            yield from _places(document[key])


def as_json(document: Any) -> bytes:
    return json.dumps(document).encode("utf-8", "surrogatepass")


def fuzz(times: int, seed: int, attempt: Callable[[random.Random], bool]) -> int:
    """Attempt something this many times; return how often it was accepted."""
    return sum(attempt(random.Random(f"{seed} {number}")) for number in range(times))  # noqa: S311
