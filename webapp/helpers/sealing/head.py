"""The head of a seal: what is signed, in one line of JSON that holds everything by its digest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any, NamedTuple

import orjson

from webapp.helpers.sealing.entries import leaves_of
from webapp.helpers.sealing.merkle import root_of

#: What stands in the first head for the one before.
NO_HEAD = "0" * 64
#: Below all numbers of rows, so that no row comes before the first seal.
LOWEST = -(2**63)


class Goal(NamedTuple):
    """The numbers up to which rows are sealed."""

    predictions: int
    audit_events: int


@dataclass(frozen=True, kw_only=True)
class Span:
    """The rows of one table that a seal holds: those after one number, up to another."""

    after: int
    up_to: int
    count: int
    #: The root of the tree over their leaves, in hexadecimal as all digests here.
    root: str

    @classmethod
    def of(cls, after: int, up_to: int, packed: bytes) -> Span:
        """Give the span of these entries."""
        leaves = leaves_of(packed)
        return cls(after=after, up_to=up_to, count=len(leaves), root=root_of(leaves).hex())


@dataclass(frozen=True, kw_only=True)
class Head:
    """All that one seal says."""

    number: int
    created_at: str
    predictions: Span
    audit_events: Span
    #: The digest of the ids of rows whose code was wrong when they were sealed.
    unproven: str
    #: The digest of the head before.
    previous: str
    #: The short name of the key that signed.
    key: str

    @property
    def text(self) -> str:
        """What is signed, byte for byte."""
        return orjson.dumps(asdict(self)).decode()

    @classmethod
    def read(cls, text: str) -> Head:
        """Read what ``text`` gave.

        Raises
        ------
        ValueError
            When it is no head, because somebody changed it.
        """
        try:
            told: Mapping[str, Any] = orjson.loads(text)
            spans = {name: Span(**told[name]) for name in ("predictions", "audit_events")}
            head = cls(**{**told, **spans})
        except (KeyError, TypeError) as error:
            raise ValueError from error
        numbers = (head.number, *(span for each in spans.values() for span in (each.after, each.up_to, each.count)))
        words = (head.created_at, head.unproven, head.previous, head.key)
        if not all(isinstance(number, int) for number in numbers) or not all(isinstance(word, str) for word in words):
            raise ValueError
        return head


def digest_of(text: str) -> str:
    """Give the digest of a head, by which the next one names it."""
    return sha256(text.encode()).hexdigest()
