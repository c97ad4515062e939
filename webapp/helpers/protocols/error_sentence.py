"""One text for all errors of a request, where a protocol has no place for a list."""

from __future__ import annotations

from collections.abc import Sequence

from webapp.types import Notice


def one_sentence(message: str, errors: Sequence[Notice]) -> str:
    """Join a message and the notices about single inputs, each with the instance that it is about."""
    return " ".join([message, *dict.fromkeys(f"{_place(notice)}{notice.msg}" for notice in errors)])


def _place(notice: Notice) -> str:
    number = next((part for part in notice.loc if isinstance(part, int)), None)
    return "" if number is None else f"Instance {number}: "
