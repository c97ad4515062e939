"""One sentence for all that is wrong, where a protocol has no place for more."""

from __future__ import annotations

from collections.abc import Sequence

from webapp.types import Notice

#: Of many mistakes so many are told.
MOST = 10


def one_sentence(message: str, errors: Sequence[Notice]) -> str:
    """Join a message and the notices about single inputs, each with the instance that it is about."""
    told = [f"{_whose(notice)}{notice.msg}" for notice in errors[:MOST]]
    more = [f"And {len(errors) - MOST} more."] if len(errors) > MOST else []
    return " ".join([message, *dict.fromkeys(told), *more])


def _whose(notice: Notice) -> str:
    number = next((part for part in notice.loc if isinstance(part, int)), None)
    return "" if number is None else f"Instance {number}: "
