"""The proof that a record is unchanged: digests, trees of digests, and signed heads."""

from __future__ import annotations

from webapp.helpers.sealing.head import LOWEST, NO_HEAD, Goal, Head, Span, digest_of
from webapp.helpers.sealing.leaf import SALT_SIZE, MacKey, leaf_of, payload_digest

__all__ = [
    "LOWEST",
    "NO_HEAD",
    "SALT_SIZE",
    "Goal",
    "Head",
    "MacKey",
    "Span",
    "digest_of",
    "leaf_of",
    "payload_digest",
]
