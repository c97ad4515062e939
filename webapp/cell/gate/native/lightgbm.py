"""What LightGBM's models may hold: its compiled code follows the numbers in them without checking them."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import numpy as np

from webapp.cell.gate.names import key_of
from webapp.cell.gate.native.trees import descend
from webapp.cell.gate.plain_values import are_indices, is_count, is_plain

#: The lines before the trees.
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
#: A line of a tree, a count, and a list of whole numbers.
LINE = re.compile(rb"([a-z_]+)=([-+.0-9a-zA-Z ]*)")
COUNT = re.compile(rb"[0-9]{1,9}")
INTEGERS = re.compile(rb"(?: *-?[0-9]{1,10}(?![0-9]))* *")
END = b"end of trees\n"
#: The attributes of LightGBM's Booster that no prediction reads, and those that one does.
UNREAD_ATTRIBUTES = {
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
READ_ATTRIBUTES = {"_handle", "_network", "_Booster__init_predictor", "best_iteration", "pandas_categorical"}


def booster(_instance: Any, state: Any) -> bool:
    """Accept a model as its text, without a network and without another model that it began with.

    A handle that is a number would be a pointer.
    """
    if type(state) is not dict or not {"_handle", "_network"} <= set(state) <= READ_ATTRIBUTES | UNREAD_ATTRIBUTES:
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
    """Accept LightGBM's own model for as many inputs, and plain options where predict passes them on."""
    model = own.get("_Booster")
    if not is_plain(own.get("_other_params")):
        return False
    if model is None:
        return True
    is_booster = key_of(type(model)) == ("lightgbm.basic", "Booster")
    return is_booster and is_count(own.get("_n_features_in"), model.num_feature())


def _is_sound(text: bytes) -> bool:
    """Return whether a text is a head, the trees that the head counts and measures, and what follows them."""
    first, blank, rest = text.partition(b"\n\n")
    # Code that takes a zero for the end of the text would go on to read beyond it.
    if not blank or b"\0" in text or b"\r" in text:
        return False
    head = _head(first)
    width, n_features = _count(head["num_class"]), _count(head["max_feature_idx"]) + 1
    sizes = _integers(head["tree_sizes"])
    ends = np.cumsum([0, *sizes])
    if min(sizes, default=0) < 1 or not rest[ends[-1] :].startswith(END):
        return False
    return (
        0 < width == _count(head["num_tree_per_iteration"])
        and len(sizes) % width == 0
        and _answers_per_class(head.get("objective", b""), width)
        and len(head["feature_names"].split(b" ")) == n_features
        and all(_is_tree(rest[start:end], number, n_features) for number, (start, end) in enumerate(pairwise(ends)))
    )


def _head(text: bytes) -> dict[str, bytes]:
    values: dict[str, bytes] = {}
    for line in text.split(b"\n"):
        key, _, value = line.partition(b"=")
        if key.decode() not in HEAD or key.decode() in values:
            raise ValueError("a line is not known")
        values[key.decode()] = value
    return values


def _answers_per_class(objective: bytes, width: int) -> bool:
    """Return whether the function that turns sums into answers expects as many sums as there are."""
    name, *options = objective.split(b" ")
    counts = [option.partition(b":")[2] for option in options if option.startswith(b"num_class")]
    return all(_count(text) == width for text in counts) and (width == 1 or bool(counts) or not name)


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
    return _is_consistent(tree, _count(tree["num_leaves"]), n_features)


def _is_consistent(tree: dict[str, bytes], leaves: int, n_features: int) -> bool:
    inner = leaves - 1
    left, right, features, kinds = (
        _integers(tree[name]) for name in ("left_child", "right_child", "split_feature", "decision_type")
    )
    counts = [len(left), len(right), len(features), len(kinds), len(tree["threshold"].split())]
    if counts != [inner] * 5 or len(tree["leaf_value"].split()) != leaves:
        return False
    return (
        _all_walks_end(left, right, leaves)
        and are_indices(features, n_features)
        and are_indices(kinds, 16)
        and _are_categories(tree, kinds)
        and (tree.get("is_linear", b"0") == b"0" or _are_linear(tree, leaves, n_features))
    )


def _all_walks_end(left: np.ndarray[Any, Any], right: np.ndarray[Any, Any], leaves: int) -> bool:
    """Return whether each walk ends at a leaf; leaves are numbered −1, −2, … in the text."""
    # Leaves get the places after the inner nodes, so that each node has a place of its own.
    left, right = (np.where(side < 0, leaves - 2 - side, side) for side in (left, right))
    return descend(left, right, np.arange(leaves - 1), 2 * leaves - 1)


def _are_categories(tree: dict[str, bytes], kinds: np.ndarray[Any, Any]) -> bool:
    """Return whether each node that splits by category has a set of categories that exists."""
    count = _count(tree["num_cat"])
    ends, words = (_integers(tree.get(name, b"")) for name in ("cat_boundaries", "cat_threshold"))
    sets = [threshold for threshold, kind in zip(tree["threshold"].split(), kinds, strict=True) if kind & 1]
    if not all(_count(number) < count for number in sets):
        return False
    if not count:
        return len(ends) == len(words) == 0
    return len(ends) == count + 1 and ends[0] == 0 and ends[-1] == len(words) and bool((np.diff(ends) >= 0).all())


def _are_linear(tree: dict[str, bytes], leaves: int, n_features: int) -> bool:
    """Return whether each leaf has its constant, and a factor for each feature that it reads."""
    sizes, features = _integers(tree["num_features"]), _integers(tree["leaf_features"])
    return (
        tree["is_linear"] == b"1"
        and len(tree["leaf_const"].split()) == len(sizes) == leaves
        and bool((sizes >= 0).all())
        and len(tree["leaf_coeff"].split()) == len(features) == sizes.sum()
        and are_indices(features, n_features)
    )


def _integers(text: bytes) -> np.ndarray[Any, Any]:
    if not INTEGERS.fullmatch(text):
        raise ValueError("a list of numbers is not valid")
    return np.array(text.split(), dtype=np.int64)


def _count(text: bytes) -> int:
    if not COUNT.fullmatch(text):
        raise ValueError("a count is not valid")
    return int(text)
