"""Merkle trees as in RFC 6962: one root stands for all leaves, and a short path proves one of them."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

NODE = b"\1"
#: The root of a tree without leaves.
EMPTY = sha256(b"").digest()


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Return the root over leaves that are digests already."""
    level = list(leaves)
    while len(level) > 1:
        level = _above(level)
    return level[0] if level else EMPTY


def path_of(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return the digests that lead from one leaf to the root, from the bottom up."""
    level, path = list(leaves), []
    while len(level) > 1:
        sibling = index ^ 1
        if sibling < len(level):
            path.append(level[sibling])
        level, index = _above(level), index // 2
    return path


def _above(level: list[bytes]) -> list[bytes]:
    """Join neighbours; the last of an odd number goes up as it is."""
    pairs = zip(level[::2], level[1::2], strict=False)
    joined = [sha256(NODE + left + right).digest() for left, right in pairs]
    return joined + level[len(level) - len(level) % 2 :]
