"""What LightGBM's models may hold: its compiled code follows the numbers in them without a look."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import numpy as np

from webapp.models.gate.native.trees import descend
from webapp.models.gate.plain_values import is_count, is_plain

HEAD = {
    "tree",
    "version",
    "num_class",
    "num_tree_per_iteration",
    "label_index",
    "max_feature_idx",
    "objective",
    "average_output",
    "feature_names",
    "feature_infos",
    "monotone_constraints",
    "tree_sizes",
}
LINE = re.compile(rb"([a-z_]+)=([-+.0-9a-zA-Z ]*)")
COUNT = re.compile(rb"[0-9]{1,9}")
WHOLE = re.compile(rb"(?: *-?[0-9]{1,10}(?![0-9]))* *")
END = b"end of trees\n"
#: What an instance of LightGBM's Booster keeps beside the model's text, which nothing reads to predict.
IDLE = {
    "params",
    "best_score",
    "train_set_version",
    "name_valid_sets",
    "_train_data_name",
    "_Booster__need_reload_eval_info",
    "_Booster__set_objective_to_none",
    "_Booster__num_dataset",
    "_Booster__num_class",
    "_Booster__inner_predict_buffer",
    "_Booster__is_predicted_cur_iter",
    "_Booster__num_inner_eval",
    "_Booster__name_inner_eval",
    "_Booster__higher_better_inner_eval",
}
READ = {"_handle", "_network", "_Booster__init_predictor", "best_iteration", "pandas_categorical"}


def booster(_made: Any, state: Any) -> bool:
    """A model as its text, that is on no network and holds no other model; a handle would be a pointer."""
    if type(state) is not dict or not {"_handle", "_network"} <= set(state) <= READ | IDLE:
        return False
    if type(state["_handle"]) is not str or state["_network"] is not False:
        return False
    if state.get("_Booster__init_predictor") is not None or type(state.get("best_iteration")) is not int:
        return False
    if not is_plain(state.get("pandas_categorical")):
        return False
    try:
        return _is_sound(state["_handle"].encode())
    except (ValueError, LookupError):
        return False


def estimator(own: dict[str, Any]) -> bool:
    """A model of LightGBM's own for as many inputs, and plain options where predict hands them on."""
    model = own.get("_Booster")
    if not is_plain(own.get("_other_params")):
        return False
    if model is None:
        return True
    kind = type(model)
    is_booster = (kind.__module__, kind.__qualname__) == ("lightgbm.basic", "Booster")
    return is_booster and is_count(own.get("_n_features_in"), model.num_feature())


def _is_sound(text: bytes) -> bool:
    """Tell whether a text is a head, as many trees as it says and as long as it says, and what follows them."""
    first, blank, rest = text.partition(b"\n\n")
    # A text that ended in its middle, to those who stop at a zero, would be read beyond its end.
    if not blank or b"\0" in text or b"\r" in text:
        return False
    head = _head(first)
    width, n_features = _count(head["num_class"]), _count(head["max_feature_idx"]) + 1
    sizes = _wholes(head["tree_sizes"])
    ends = np.cumsum([0, *sizes])
    if min(sizes, default=0) < 1 or not rest[ends[-1] :].startswith(END):
        return False
    return (
        0 < width == _count(head["num_tree_per_iteration"])
        and len(sizes) % width == 0
        and _gives(head.get("objective", b""), width)
        and len(head["feature_names"].split(b" ")) == n_features
        and all(_is_tree(rest[start:end], number, n_features) for number, (start, end) in enumerate(pairwise(ends)))
    )


def _head(text: bytes) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for line in text.split(b"\n"):
        key, _, value = line.partition(b"=")
        if key.decode() not in HEAD or key.decode() in found:
            raise ValueError("a line is not known")
        found[key.decode()] = value
    return found


def _gives(objective: bytes, width: int) -> bool:
    """Tell whether what turns sums into answers expects as many of them as there are."""
    name, *options = objective.split(b" ")
    told = [option.partition(b":")[2] for option in options if option.startswith(b"num_class")]
    return all(_count(each) == width for each in told) and (width == 1 or bool(told) or not name)


def _is_tree(text: bytes, number: int, n_features: int) -> bool:
    lines = text.rstrip(b"\n").split(b"\n")
    if not text.endswith(b"\n\n") or lines[0] != b"Tree=%d" % number:
        return False
    tree: dict[str, bytes] = {}
    for line in lines[1:]:
        match = LINE.fullmatch(line)
        if match is None or match[1].decode() in tree:
            return False
        tree[match[1].decode()] = match[2]
    return _fits(tree, _count(tree["num_leaves"]), n_features)


def _fits(tree: dict[str, bytes], leaves: int, n_features: int) -> bool:
    inner = leaves - 1
    left, right, features, kinds = (
        _wholes(tree[name]) for name in ("left_child", "right_child", "split_feature", "decision_type")
    )
    counts = [len(left), len(right), len(features), len(kinds), len(tree["threshold"].split())]
    if counts != [inner] * 5 or len(tree["leaf_value"].split()) != leaves:
        return False
    return (
        _end(left, right, leaves)
        and _inside(features, n_features)
        and _inside(kinds, 16)
        and _are_categories(tree, kinds)
        and (tree.get("is_linear", b"0") == b"0" or _are_linear(tree, leaves, n_features))
    )


def _end(left: np.ndarray[Any, Any], right: np.ndarray[Any, Any], leaves: int) -> bool:
    """Tell whether each walk ends at a leaf; leaves are counted down from −1."""
    # Behind the inner nodes, so that all have places of their own.
    left, right = (np.where(side < 0, leaves - 2 - side, side) for side in (left, right))
    return descend(left, right, np.arange(leaves - 1), 2 * leaves - 1)


def _are_categories(tree: dict[str, bytes], kinds: np.ndarray[Any, Any]) -> bool:
    """Tell whether each node that splits by category has a set of categories that exists."""
    count = _count(tree["num_cat"])
    ends, words = (_wholes(tree.get(name, b"")) for name in ("cat_boundaries", "cat_threshold"))
    sets = [threshold for threshold, kind in zip(tree["threshold"].split(), kinds, strict=True) if kind & 1]
    if not all(_count(each) < count for each in sets):
        return False
    if not count:
        return len(ends) == len(words) == 0
    return len(ends) == count + 1 and ends[0] == 0 and ends[-1] == len(words) and bool((np.diff(ends) >= 0).all())


def _are_linear(tree: dict[str, bytes], leaves: int, n_features: int) -> bool:
    """Tell whether each leaf has its constant, and a factor for each feature that it reads."""
    sizes, features = _wholes(tree["num_features"]), _wholes(tree["leaf_features"])
    return (
        tree["is_linear"] == b"1"
        and len(tree["leaf_const"].split()) == len(sizes) == leaves
        and bool((sizes >= 0).all())
        and len(tree["leaf_coeff"].split()) == len(features) == sizes.sum()
        and _inside(features, n_features)
    )


def _inside(numbers: np.ndarray[Any, Any], end: int) -> bool:
    return bool(((numbers >= 0) & (numbers < end)).all())


def _wholes(text: bytes) -> np.ndarray[Any, Any]:
    if not WHOLE.fullmatch(text):
        raise ValueError("a list of numbers is none")
    return np.array(text.split(), dtype=np.int64)


def _count(text: bytes) -> int:
    if not COUNT.fullmatch(text):
        raise ValueError("a count is none")
    return int(text)
