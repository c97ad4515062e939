"""The bytes of a row that its digests are taken of.

They come out the same from what is about to be recorded and from what PostgreSQL gives back. The
payload is kept as JSONB, which spells some numbers otherwise and knows no negative zero, so what is
told here is the value and not its spelling.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import orjson

#: orjson writes a double with an exponent from here on, JSONB as a whole number.
EXPONENT_FROM = 1e16


def metadata(values: Sequence[object], output: bytes) -> bytes:
    """Return the bytes of all that is never forgotten; the output is hashed as the very text that is stored."""
    return orjson.dumps([*values, orjson.Fragment(output)])


def payload(inputs: Mapping[str, Any] | None, warnings: Sequence[object]) -> bytes:
    """Give the bytes of what can be forgotten: what was put in, and what was said about it."""
    rare = inputs is not None and _any_rare(inputs.values())
    return _spelled([_plain(inputs) if rare else inputs, warnings])


def canonical(value: object) -> bytes:
    """Give the bytes of anything that JSONB keeps."""
    return _spelled(_plain(value))


def _spelled(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _any_rare(values: Iterable[object]) -> bool:
    """Tell whether JSONB may spell a value otherwise; looking for these first is most of the speed here."""
    for value in values:
        if isinstance(value, float) and not 0 < value < EXPONENT_FROM:
            if value != 0 and -EXPONENT_FROM < value < 0:
                continue
            if value != 0 or math.copysign(1, value) < 0:
                return True
    return False


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return _number(value) if isinstance(value, float) else value


def _number(value: float) -> object:
    if value == 0:
        return 0.0
    if not math.isfinite(value) or abs(value) < EXPONENT_FROM:
        return value
    return orjson.Fragment(str(int(Decimal(repr(value)))))
