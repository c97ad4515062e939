"""The bytes of a row from which its digests are computed.

They are the same before a row is recorded and after PostgreSQL returns it. PostgreSQL keeps the
payload as JSONB, which writes some numbers differently and has no negative zero, so these bytes
depend on the values and not on how they are written.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import orjson

#: From this value on orjson writes a double with an exponent, JSONB as a whole number.
EXPONENT_FROM = 1e16


def metadata(values: Sequence[object], output: bytes) -> bytes:
    """Return the bytes of all that is never deleted; the output enters as its text, unchanged."""
    return orjson.dumps([*values, orjson.Fragment(output)])


def payload(inputs: Mapping[str, Any] | None, warnings: Sequence[object]) -> bytes:
    """Return the bytes of what can be deleted: the inputs, and the warnings about them."""
    rare = isinstance(inputs, Mapping) and _any_rare(inputs.values())
    return _spelled([_plain(inputs) if rare else inputs, warnings])


def canonical(value: object) -> bytes:
    """Return the bytes of any value that JSONB can keep."""
    return _spelled(_plain(value))


def _spelled(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _any_rare(values: Iterable[object]) -> bool:
    """Return whether JSONB may write a value differently; checking this first saves most of the time here."""
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
