"""XGBoost's and LightGBM's models with hostile numbers, which their compiled code would follow anywhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris
from sklearn.linear_model import LinearRegression

from tests.gate.assembly import file, name, new
from tests.gate.hostile_names import dumped

X, Y = load_iris(return_X_y=True)
FRAME = pd.DataFrame(X, columns=["size", "girth", "age", "weight"]).assign(
    kind=pd.Categorical(np.array(["low", "middle", "high"])[Y])
)


def xgb() -> Any:
    return pytest.importorskip("xgboost")


def lgb() -> Any:
    return pytest.importorskip("lightgbm")


def xgboost_fitted(**options: Any) -> Any:
    options = {"n_estimators": 2, "enable_categorical": True, "max_cat_to_onehot": 1, "n_jobs": 1} | options
    return xgb().XGBClassifier(**options).fit(FRAME, Y)


def lightgbm_fitted(**options: Any) -> Any:
    options = {"n_estimators": 2, "verbose": -1, "min_data_per_group": 1, "cat_smooth": 1, "n_jobs": 1} | options
    return lgb().LGBMClassifier(**options).fit(FRAME, Y)


def with_state(model: Any, change: Callable[[dict[str, Any]], dict[str, Any]]) -> bytes:
    """Pickle a model with another state of its Booster."""
    booster = model._Booster
    kind = type(booster)
    own = kind.__getstate__
    changed = change(booster.__getstate__())
    try:
        kind.__getstate__ = lambda _: changed
        return dumped(model)
    finally:
        kind.__getstate__ = own


def binary(key: str, *numbers: float, place: int = 0, kind: str = ">i4", count: int | None = None) -> bytes:
    """Change numbers in the first array of this name that is not empty, in XGBoost's model."""
    model = xgboost_fitted()

    def change(state: dict[str, Any]) -> dict[str, Any]:
        raw = bytearray(state["handle"])
        marked = re.compile(key.encode() + rb"\[\$.#L(.{8})", re.DOTALL)
        found = next(each for each in marked.finditer(bytes(raw)) if any(each[1]))
        new_numbers = np.array(numbers, dtype=kind).tobytes()
        start = found.end() + place * np.dtype(kind).itemsize
        raw[start : start + len(new_numbers)] = new_numbers
        if count is not None:
            raw[found.end() - 8 : found.end()] = count.to_bytes(8, "big")
        return {"handle": raw}

    return with_state(model, change)


def counted(key: str, number: str) -> bytes:
    """Change a count, which XGBoost writes as a text."""
    count = re.compile(key.encode() + rb"SL.{7}(.)", re.DOTALL)

    def change(state: dict[str, Any]) -> dict[str, Any]:
        raw = bytes(state["handle"])
        for found in reversed(list(count.finditer(raw))):
            written = key.encode() + b"SL" + len(number).to_bytes(8, "big") + number.encode()
            raw = raw[: found.start()] + written + raw[found.end() + found[1][0] :]
        return {"handle": bytearray(raw)}

    return with_state(xgboost_fitted(), change)


def _other_column(raw: bytearray) -> bytearray:
    """Make the first tree add to a column that does not exist."""
    place = bytes(raw).index(b"tree_info[#L") + len(b"tree_info[#L") + 8
    width = {b"i": 1, b"l": 4, b"L": 8}[bytes(raw[place : place + 1])]
    raw[place + 1 : place + 1 + width] = (100).to_bytes(width, "big")
    return raw


def nested() -> bytes:
    deep = b"{" + b"L" + (1).to_bytes(8, "big") + b"a" + b"[#L" + (1).to_bytes(8, "big")
    return with_state(xgboost_fitted(), lambda state: {"handle": bytearray(deep * 200_000)})


def text(pattern: str, to: str, **options: Any) -> bytes:
    """Replace the first match of a pattern in the text of LightGBM's model, and correct the sizes of its trees."""

    def change(state: dict[str, Any]) -> dict[str, Any]:
        found, times = re.subn(pattern, to, state["_handle"], count=1, flags=re.MULTILINE)
        assert times
        return state | {"_handle": sized(found)}

    return with_state(lightgbm_fitted(**options), change)


def sized(model: str) -> str:
    """Write the sizes of the trees anew."""
    head, _, rest = model.partition("\n\n")
    trees = rest.partition("end of trees")[0]
    starts = [found.start() for found in re.finditer("^Tree=", trees, re.MULTILINE)] + [len(trees)]
    sizes = " ".join(str(end - start) for start, end in pairwise(starts))
    return re.sub("tree_sizes=.*", f"tree_sizes={sizes}", head) + "\n\n" + rest


def plain_text(pattern: str, to: str) -> bytes:
    """Do the same, but leave the sizes as they were."""
    return with_state(
        lightgbm_fitted(), lambda state: state | {"_handle": re.sub(pattern, to, state["_handle"], count=1)}
    )


def beside(model: Any, **changed: Any) -> bytes:
    return with_state(model, lambda state: state | changed)


def attributes(model: Any, **changed: Any) -> bytes:
    vars(model).update(changed)
    return dumped(model)


XGBOOST: dict[str, Callable[[], bytes]] = {
    "a handle that is a number": lambda: beside(xgboost_fitted(), handle=4096),
    "a handle that is none": lambda: beside(xgboost_fitted(), handle=None),
    "something beside the handle": lambda: beside(xgboost_fitted(), feature_names=["a"]),
    "a booster without a state": lambda: file(new(name("xgboost.core", "Booster"))),
    "no bytes": lambda: beside(xgboost_fitted(), handle=bytearray()),
    "bytes that are none of its own": lambda: beside(xgboost_fitted(), handle=bytearray(b"binf" + bytes(500))),
    "half a model": lambda: with_state(xgboost_fitted(), lambda state: {"handle": state["handle"][:5000]}),
    "something after its end": lambda: with_state(xgboost_fitted(), lambda state: {"handle": state["handle"] + b"Z"}),
    "objects in objects": nested,
    "a child that does not exist": lambda: binary("left_children", 10**6),
    "a negative child": lambda: binary("right_children", -5),
    "a child that is its own parent": lambda: binary("left_children", 0),
    "a feature that does not exist": lambda: binary("split_indices", 10**6),
    "a negative feature": lambda: binary("split_indices", -7),
    "an array that is longer than the file": lambda: binary("left_children", count=2**40),
    "an array of negative length": lambda: binary("left_children", count=2**64 - 1),
    "a split by no categories": lambda: binary("split_type", 1, 1, 1, kind="u1"),
    "categories that do not exist": lambda: binary("categories_segments", 10**9, kind=">i8"),
    "too many categories": lambda: binary("categories_sizes", 10**9, kind=">i8"),
    "a negative category": lambda: binary("categories", -(10**9)),
    "a category of two thousand millions": lambda: binary("categories", 2**31 - 1),
    "names that lie outside": lambda: binary("offsets", 10**9, place=1),
    "names in an order that does not exist": lambda: binary("sorted_idx", 10**9),
    "another end of the names": lambda: binary("feature_segments", 10**6, place=5),
    "a tree for a column that does not exist": lambda: with_state(
        xgboost_fitted(), lambda state: {"handle": _other_column(state["handle"])}
    ),
    "more inputs than there are": lambda: counted("num_feature", "4"),
    "no inputs": lambda: counted("num_feature", "0"),
    "more classes than trees": lambda: counted("num_class", "100000"),
    "fewer classes than columns": lambda: counted("num_class", "1"),
    "more nodes than there are": lambda: counted("num_nodes", "1000000"),
    "more trees than there are": lambda: counted("num_trees", "999"),
    "leaves of several numbers": lambda: counted("size_leaf_vector", "9"),
    "another kind of model": lambda: attributes(xgboost_fitted(), _Booster=LinearRegression().fit(X, Y)),
    "a setting that is no number": lambda: attributes(xgboost_fitted(), verbosity=[[]]),
}


LIGHTGBM: dict[str, Callable[[], bytes]] = {
    "a handle that is a number": lambda: beside(lightgbm_fitted(), _handle=4096),
    "a handle of the old name": lambda: beside(lightgbm_fitted(), handle="tree"),
    "a handle that is none": lambda: beside(lightgbm_fitted(), _handle=None),
    "a booster without a state": lambda: file(new(name("lightgbm.basic", "Booster"))),
    "a network": lambda: beside(lightgbm_fitted(), _network=True),
    "another model to begin with": lambda: beside(lightgbm_fitted(), _Booster__init_predictor=LinearRegression()),
    "something that is not known": lambda: beside(lightgbm_fitted(), model_file="/etc/passwd"),
    "no text": lambda: beside(lightgbm_fitted(), _handle=""),
    "half a text": lambda: with_state(lightgbm_fitted(), lambda state: state | {"_handle": state["_handle"][:600]}),
    "a text that ends for some": lambda: text("^num_leaves", "\0num_leaves"),
    "a child that does not exist": lambda: text(r"^left_child=-?\d+", "left_child=1000000"),
    "a leaf that does not exist": lambda: text(r"^right_child=-?\d+", "right_child=-1000000"),
    "a child that is its own parent": lambda: text(r"^left_child=-?\d+", "left_child=0"),
    "two children that are one": lambda: text(r"^right_child=(.*)$", "right_child=-1"),
    "a feature that does not exist": lambda: text(r"^split_feature=\d+", "split_feature=1000000"),
    "a negative feature": lambda: text(r"^split_feature=\d+", "split_feature=-7"),
    "fewer leaves than it says": lambda: text(r"^num_leaves=\d+", "num_leaves=1000"),
    "more leaves than numbers can count": lambda: text(r"^num_leaves=\d+", "num_leaves=99999999999"),
    "a set of categories that does not exist": lambda: text(r"^threshold=\d+", "threshold=1000000"),
    "categories that end elsewhere": lambda: text(r"^cat_boundaries=0 \d+", "cat_boundaries=0 1000000"),
    "a line that occurs twice": lambda: text(r"^(num_leaves=\d+)$", r"\1\n\1"),
    "a line without a value": lambda: text(r"^shrinkage=.*$", "shrinkage"),
    "trees that are longer than they say": lambda: plain_text(r"tree_sizes=\d+", "tree_sizes=1"),
    "trees that are longer than the text": lambda: plain_text(r"tree_sizes=\d+", "tree_sizes=999999999"),
    "no sizes of trees": lambda: plain_text(r"tree_sizes=.*\n", ""),
    "more columns than classes": lambda: text(r"^num_tree_per_iteration=3", "num_tree_per_iteration=6"),
    "fewer classes than columns": lambda: text(r"^num_class=3", "num_class=1"),
    "no columns": lambda: text(r"^num_tree_per_iteration=3", "num_tree_per_iteration=0"),
    "answers of more classes": lambda: text(r"num_class:3", "num_class:30000"),
    "fewer inputs than it reads": lambda: text(r"^max_feature_idx=4", "max_feature_idx=1"),
    "a linear leaf of inputs that do not exist": lambda: text(
        r"^leaf_features=\d+", "leaf_features=1000000", linear_tree=True, n_estimators=3
    ),
    "more factors than there are": lambda: text(r"^num_features=\d+", "num_features=1000", linear_tree=True),
    "another kind of model": lambda: attributes(lightgbm_fitted(), _Booster=LinearRegression().fit(X, Y)),
    "other inputs than its model": lambda: attributes(lightgbm_fitted(), _n_features_in=9),
    "options that are no values": lambda: attributes(lightgbm_fitted(), _other_params={"a": LinearRegression()}),
}
