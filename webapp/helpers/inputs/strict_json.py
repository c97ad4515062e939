"""JSON without its surprises."""

from __future__ import annotations

import json
from typing import Any

import orjson

from webapp.errors import MalformedJSON
from webapp.helpers.inputs.messages import shown

TOO_DEEP = "The body is nested too deeply."


def decode(body: bytes) -> Any:
    """Decode a JSON body.

    NaN, Infinity and numbers too large for a float come through as such, for the schema to refuse
    at their places.

    Raises
    ------
    MalformedJSON
        When it isn't JSON, names a key twice in one object, or is nested too deeply to read.
    """
    try:
        decoded = orjson.loads(body)
    except orjson.JSONDecodeError:
        # The slower reader says what is wrong, and lets through what the schema has words for.
        return _decode_slowly(body)
    try:
        return decoded if _is_plain(body, decoded) else _decode_slowly(body)
    except RecursionError:
        raise MalformedJSON(TOO_DEEP) from None


def _is_plain(body: bytes, decoded: Any) -> bool:
    """Tell whether nothing in a body got lost when it was decoded: no key that occurs twice.

    Where no backslash stands, each text stands between two quotation marks, and a key that is
    there twice has more of them in the body than are left.
    """
    return b"\\" not in body and body.count(b'"') == 2 * _texts(decoded)


def _texts(decoded: Any) -> int:
    if isinstance(decoded, str):
        return 1
    if isinstance(decoded, list):
        return sum(map(_texts, decoded))
    if isinstance(decoded, dict):
        return len(decoded) + sum(_texts(value) for value in decoded.values() if isinstance(value, str | list | dict))
    return 0


def _decode_slowly(body: bytes) -> Any:
    try:
        return json.loads(body.decode(), object_pairs_hook=_object)
    except RecursionError:
        raise MalformedJSON(TOO_DEEP) from None
    except UnicodeDecodeError:
        raise MalformedJSON("The body is not UTF-8.") from None
    except json.JSONDecodeError as error:
        raise MalformedJSON(f"The body is not valid JSON (line {error.lineno}, column {error.colno}).") from None
    except ValueError:
        raise MalformedJSON("A number in the body has too many digits.") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise MalformedJSON(f"“{shown(twice)}” occurs twice in one object.")
    return made
