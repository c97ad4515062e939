"""The head of a seal: the signed line of JSON, which covers all rows of the seal by their digests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any, NamedTuple

import orjson

from webapp.helpers.sealing.entries import leaves_of
from webapp.helpers.sealing.merkle import root_of

#: Stands in the first head for the digest of a previous head.
NO_HEAD = "0" * 64
#: Below all numbers of rows, so that no row comes before the first seal.
LOWEST = -(2**63)


class Goal(NamedTuple):
    """The numbers up to which rows are sealed."""

    predictions: int
    audit_events: int


@dataclass(frozen=True, kw_only=True)
class Span:
    """The rows of one table that a seal holds: those with a number above ``after``, up to ``up_to``."""

    after: int
    up_to: int
    count: int
    #: The root of the tree over their leaves, in hexadecimal as all digests here.
    root: str

    @classmethod
    def of(cls, after: int, up_to: int, packed: bytes) -> Span:
        """Return the span of these entries."""
        leaves = leaves_of(packed)
        return cls(after=after, up_to=up_to, count=len(leaves), root=root_of(leaves).hex())


@dataclass(frozen=True, kw_only=True)
class Head:
    """Everything that one seal states."""

    number: int
    created_at: str
    predictions: Span
    audit_events: Span
    #: The digest of the ids of rows whose authentication code was wrong when they were sealed.
    unproven: str
    #: The digest of the previous head.
    previous: str
    #: The short name of the signing key.
    key: str

    @property
    def text(self) -> str:
        """The signed text, byte for byte."""
        return orjson.dumps(asdict(self)).decode()

    @classmethod
    def read(cls, text: str) -> Head:
        """Read a head from its ``text``.

        Raises
        ------
        ValueError
            When it is not a head, because somebody changed it.
        """
        try:
            fields: Mapping[str, Any] = orjson.loads(text)
            spans = {name: Span(**fields[name]) for name in ("predictions", "audit_events")}
            head = cls(**{**fields, **spans})
        except (KeyError, TypeError) as error:
            raise ValueError from error
        numbers = (head.number, *(span for each in spans.values() for span in (each.after, each.up_to, each.count)))
        words = (head.created_at, head.unproven, head.previous, head.key)
        if not all(isinstance(number, int) for number in numbers) or not all(isinstance(word, str) for word in words):
            raise ValueError
        return head


def digest_of(text: str) -> str:
    """Return the digest of a head, by which the next head names it."""
    return sha256(text.encode()).hexdigest()
