"""Single trees and forests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor, RandomForestClassifier, RandomForestRegressor
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier, ExtraTreeRegressor

from webapp.cell.compiled.nodes import Nodes, export_grove
from webapp.cell.compiled.registry import Operation, as_floats, prediction_for
from webapp.models.compiled.labels import write_label
from webapp.models.compiled.refusals import NotCompilable


@prediction_for(DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier, ExtraTreeRegressor)
def _(model: Any, columns: int) -> Operation:
    return _forest(model, [model], columns)


@prediction_for(ExtraTreesClassifier, ExtraTreesRegressor, RandomForestClassifier, RandomForestRegressor)
def _(model: Any, columns: int) -> Operation:
    return _forest(model, model.estimators_, columns)


def _forest(model: Any, members: Sequence[Any], columns: int) -> Operation:
    if model.n_outputs_ != 1 or model.n_features_in_ != columns or getattr(model, "monotonic_cst", None) is not None:
        raise NotCompilable(f"{type(model).__name__} has several outputs or monotonic constraints")
    trees = [member.tree_ for member in members]
    return {
        "operation": "forest",
        "classes": list(map(write_label, model.classes_)) if hasattr(model, "classes_") else None,
        "grove": export_grove(list(map(nodes_of, trees))),
        "values": as_floats(np.concatenate([tree.value[:, 0, :] for tree in trees])),
    }


def nodes_of(tree: Any) -> Nodes:
    return Nodes(
        feature=tree.feature,
        threshold=tree.threshold,
        left=tree.children_left,
        right=tree.children_right,
        is_leaf=tree.children_left == -1,
        depth=tree.max_depth,
    )
