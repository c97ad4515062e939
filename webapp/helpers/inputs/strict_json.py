"""Decodes JSON strictly: a key that occurs twice is an error."""

from __future__ import annotations

import json
from typing import Any

import orjson

from webapp.errors import MalformedJSON
from webapp.helpers.inputs.messages import printable

TOO_DEEP = "The body is nested too deeply."


def decode(body: bytes) -> Any:
    """Decode a JSON body.

    NaN, Infinity and numbers too large for a float are kept, so that the schema can reject them
    with their places.

    Raises
    ------
    MalformedJSON
        When the body isn't JSON, has a key twice in one object, or is nested too deeply.
    """
    try:
        decoded = orjson.loads(body)
    except orjson.JSONDecodeError:
        # The slower parser says where the error is, and keeps NaN and Infinity for the schema.
        return _decode_slowly(body)
    try:
        return decoded if _has_unique_keys(body, decoded) else _decode_slowly(body)
    except RecursionError:
        raise MalformedJSON(TOO_DEEP) from None


def _has_unique_keys(body: bytes, decoded: Any) -> bool:
    """Return whether decoding lost no duplicate key.

    Without backslashes, every text has exactly two quotation marks. If a key occurs twice, the body has more
    quotation marks than the decoded texts account for.
    """
    return b"\\" not in body and body.count(b'"') == 2 * _count_texts(decoded)


def _count_texts(decoded: Any) -> int:
    if isinstance(decoded, str):
        return 1
    if isinstance(decoded, list):
        return sum(map(_count_texts, decoded))
    if isinstance(decoded, dict):
        return len(decoded) + sum(
            _count_texts(value) for value in decoded.values() if isinstance(value, str | list | dict)
        )
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
    decoded = dict(pairs)
    if len(decoded) < len(pairs):
        seen: set[str] = set()
        duplicate = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise MalformedJSON(f"“{printable(duplicate)}” occurs twice in one object.")
    return decoded
