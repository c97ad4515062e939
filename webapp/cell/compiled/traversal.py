"""Traversing many trees at once, level by level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from webapp.cell.compiled.registry import Block, require_finite

#: Maximum number of nodes of a forest; the nodes of a larger one are not copied.
MAX_NODES = 1_000_000
#: Maximum number of rows for which all trees are traversed at once; with more, one tree after another is faster.
MAX_GROVE_ROWS = 64


@dataclass(frozen=True)
class Nodes:
    """The nodes of one tree; a leaf has itself for both children."""

    feature: Block
    threshold: Block
    left: Block
    right: Block
    is_leaf: Block
    depth: int
    missing_left: Block | None = None


class Grove:
    """Many trees, as arrays over the nodes of all of them."""

    def __init__(self, trees: Sequence[Nodes]) -> None:
        sizes = [len(tree.feature) for tree in trees]
        starts = np.cumsum([0, *sizes[:-1]])
        own = np.arange(sum(sizes), dtype=np.int32)
        offset = np.repeat(starts, sizes)
        leaf = _all(trees, "is_leaf").astype(bool)
        self._roots = starts.astype(np.int32)
        self._depth = max(tree.depth for tree in trees)
        self._feature = np.where(leaf, 0, _all(trees, "feature")).astype(np.int32)
        self._threshold = np.where(leaf, np.inf, _all(trees, "threshold"))
        # The two children of a node are next to each other, the left one first.
        children = np.column_stack([_all(trees, "left") + offset, _all(trees, "right") + offset])
        self._children = np.where(leaf[:, np.newaxis], own[:, np.newaxis], children).astype(np.int32).ravel()
        has_missing = all(tree.missing_left is not None for tree in trees)
        self._missing_left = _all(trees, "missing_left").astype(bool) if has_missing else None

    def leaves(self, X: Block) -> Block:
        """Return the index of the leaf that each row reaches in each tree: trees by rows."""
        rows, columns = X.shape
        flat, begin = X.ravel(), np.arange(rows, dtype=np.int32) * np.int32(columns)
        node = np.repeat(self._roots[:, np.newaxis], rows, axis=1)
        has_blanks = self._missing_left is not None and bool(np.isnan(flat).any())
        for _ in range(self._depth):
            value = flat.take(self._feature.take(node) + begin)
            right = value > self._threshold.take(node)
            if has_blanks:
                assert self._missing_left is not None  # noqa: S101  # nosec B101  # for mypy; has_blanks implies it
                right = np.where(np.isnan(value), ~self._missing_left.take(node), right)
            node = self._children.take(2 * node + right)
        return node


def as_float32(X: Block) -> Block:
    """Convert numbers to 32 bits, in which scikit-learn's trees compare them.

    Raises
    ------
    Unsure
        When one is blank or too large for 32 bits; scikit-learn has error messages for both.
    """
    with np.errstate(over="ignore"):
        return require_finite(np.ascontiguousarray(X, dtype=np.float32))


def _all(trees: Sequence[Nodes], name: str) -> Any:
    return np.concatenate([getattr(tree, name) for tree in trees])
