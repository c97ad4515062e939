"""Traversing many trees at once, level by level."""

from __future__ import annotations

import numpy as np

from webapp.models.compiled.blocks import Block
from webapp.models.compiled.fields import Fields
from webapp.models.compiled.refusals import PlanInvalid

#: Maximum number of nodes of all trees.
MAX_NODES = 1_000_000
MAX_DEPTH = 2000
#: How many rows go through all trees at once: what they read then fits into the processor's caches.
MAX_GROVE_ROWS = 64
#: Maximum number of rows for which a single tree is walked down in plain Python; with more, NumPy is faster.
MAX_WALKED_ROWS = 64


class Grove:
    """Trees, as arrays over the nodes of all of them; a leaf has itself for both children."""

    def __init__(self, fields: Fields, columns: int, outputs: int) -> None:
        """Read the trees, each of which contributes so many numbers to a row's answer."""
        self._feature = fields.indices("feature", None, columns)
        self.nodes = nodes = len(self._feature)
        self._threshold = fields.floats("threshold", nodes, finite=False)
        # The two children of a node are next to each other, the left one first.
        self._children = fields.indices("children", 2 * nodes, nodes)
        self._roots = fields.indices("roots", None, nodes)
        self._missing_left = fields.booleans("missing left", nodes) if fields.has("missing left") else None
        # Each row moves so many times, whatever the children are, so that no circle among them is endless.
        self._depth = fields.integer("depth", 0, min(nodes, MAX_DEPTH))
        self.trees = len(self._roots)
        fields.reading.spend(self.trees * (self._depth + outputs))
        # A leaf's threshold is infinite; NaN would be larger than nothing too.
        if nodes > MAX_NODES or not (self._threshold > -np.inf).all():
            raise PlanInvalid("there are too many nodes, or a threshold is not a number")
        self._is_walkable = self.trees == 1 and self._missing_left is None
        # Python reads single numbers of these faster than of arrays.
        self._walked = int(self._roots[0]), self._feature.data, self._threshold.data, self._children.data

    def leaves(self, X: Block) -> Block:
        """Return the index of the leaf that each row reaches in each tree: trees by rows."""
        rows, columns = X.shape
        if self._is_walkable and rows <= MAX_WALKED_ROWS:
            return np.array([list(map(self._walk, X.tolist()))])
        if self.trees > 1 and rows > MAX_GROVE_ROWS:
            starts = range(0, rows, MAX_GROVE_ROWS)
            return np.hstack([self.leaves(X[start : start + MAX_GROVE_ROWS]) for start in starts])
        flat, begin = X.ravel(), np.arange(0, rows * columns, columns, dtype=np.int32)
        node = np.repeat(self._roots[:, np.newaxis], rows, axis=1)
        has_blanks = self._missing_left is not None and bool(np.isnan(flat).any())
        for _ in range(self._depth):
            feature = self._feature.take(node)
            value = flat.take(feature + begin if rows > 1 else feature)
            right = value > self._threshold.take(node)
            if has_blanks:
                assert self._missing_left is not None  # noqa: S101  # nosec B101  # for mypy; has_blanks implies it
                right = np.where(np.isnan(value), ~self._missing_left.take(node), right)
            node = self._children.take(2 * node + right)
        return node

    def _walk(self, row: list[float]) -> int:
        node, feature, threshold, children = self._walked
        for _ in range(self._depth):
            below = children[2 * node + (row[feature[node]] > threshold[node])]
            if below == node:
                break
            node = below
        return node
