"""The nodes of trees, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from webapp.cell.compiled.registry import Operation, as_floats, as_indices
from webapp.models.compiled.blocks import Block
from webapp.models.compiled.grove import MAX_NODES
from webapp.models.compiled.refusals import NotCompilable


@dataclass(frozen=True)
class Nodes:
    """The nodes of one tree."""

    feature: Block
    threshold: Block
    left: Block
    right: Block
    is_leaf: Block
    depth: int
    missing_left: Block | None = None


def export_grove(trees: Sequence[Nodes]) -> Operation:
    """Export trees as arrays over the nodes of all of them, in which a leaf has itself for both children."""
    sizes = [len(tree.feature) for tree in trees]
    if sum(sizes) > MAX_NODES:
        raise NotCompilable(f"its trees have more than {MAX_NODES} nodes")
    starts = np.cumsum([0, *sizes[:-1]])
    own = np.arange(sum(sizes))
    offset = np.repeat(starts, sizes)
    leaf = _all(trees, "is_leaf").astype(bool)
    children = np.column_stack([_all(trees, "left") + offset, _all(trees, "right") + offset])
    has_missing = all(tree.missing_left is not None for tree in trees)
    return {
        "feature": as_indices(np.where(leaf, 0, _all(trees, "feature"))),
        "threshold": as_floats(np.where(leaf, np.inf, _all(trees, "threshold"))),
        "children": as_indices(np.where(leaf[:, np.newaxis], own[:, np.newaxis], children).ravel()),
        "roots": as_indices(starts),
        "missing left": _all(trees, "missing_left").astype(bool) if has_missing else None,
        "depth": max(tree.depth for tree in trees),
    }


def _all(trees: Sequence[Nodes], name: str) -> Any:
    return np.concatenate([getattr(tree, name) for tree in trees])
