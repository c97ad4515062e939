"""One text for all errors of a request, where a protocol has no place for a list."""

from __future__ import annotations

from collections.abc import Sequence

from webapp.types import Notice

#: How many errors are listed at most; the others are only counted.
MAX_ERRORS = 10


def one_sentence(message: str, errors: Sequence[Notice]) -> str:
    """Join a message and the notices about single inputs, each with the instance that it is about."""
    listed = [f"{_place(notice)}{notice.msg}" for notice in errors[:MAX_ERRORS]]
    more = [f"And {len(errors) - MAX_ERRORS} more."] if len(errors) > MAX_ERRORS else []
    return " ".join([message, *dict.fromkeys(listed), *more])


def _place(notice: Notice) -> str:
    number = next((part for part in notice.loc if isinstance(part, int)), None)
    return "" if number is None else f"Instance {number}: "
