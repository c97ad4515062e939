"""Honest types with hostile numbers, which compiled code would follow anywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.cluster import KMeans
from sklearn.datasets import load_iris
from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neighbors import BallTree, KDTree, KNeighborsClassifier
from sklearn.preprocessing import SplineTransformer
from sklearn.svm import SVC, SVR
from sklearn.tree import DecisionTreeClassifier

from tests.gate.assembly import again, build, call, file, keep, mapping, name, new, value
from tests.gate.hostile_names import WRAPPER, dumped

X, Y = load_iris(return_X_y=True)


class Forged:
    """Pickles as the honest object that it stands for, with another state or other arguments."""

    def __init__(self, honest: Any, change: Callable[[Any], Any] | None, args: tuple[Any, ...] | None = None) -> None:
        function, honest_args, state = honest.__reduce__()[:3]
        self._reduced = (function, args or honest_args, *([change(state)] if change else []))

    def __reduce__(self) -> Any:
        return self._reduced


def tree(change: Callable[[Any], Any] | None, args: Callable[[Any], Any] | None = None) -> bytes:
    model = DecisionTreeClassifier(random_state=0).fit(X, Y)
    honest = model.tree_
    model.tree_ = Forged(honest, change, args(honest.__reduce__()[1]) if args else None)
    return dumped(model)


def node(**fields: int) -> Callable[[Any], Any]:
    """Change fields of the root."""

    def change(state: Any) -> Any:
        nodes = state["nodes"].copy()
        for field, number in fields.items():
            nodes[field][0] = number
        return state | {"nodes": nodes}

    return change


def attributes(model: Any, **changed: Any) -> bytes:
    vars(model.fit(X, Y)).update(changed)
    return dumped(model)


def boosted(change: Callable[[Any], None], model: Any = None) -> bytes:
    if model is None:
        model = GradientBoostingClassifier(n_estimators=2, max_depth=2, random_state=0)
    model.fit(X, Y)
    change(model)
    return dumped(model)


def other_tree(model: Any) -> None:
    model.estimators_[1, 0] = type(model.estimators_[0, 0])(max_depth=2).fit(np.tile(X, 50)[:, ::-1], Y)


def histogram(**fields: int) -> bytes:
    model = HistGradientBoostingClassifier(max_iter=2).fit(X, Y)
    for field, number in fields.items():
        model._predictors[0][0].nodes[field][0] = number
    return dumped(model)


def searched(place: int, change: Callable[[Any], Any], kind: Any = KDTree, **options: Any) -> bytes:
    def changed(state: Any) -> Any:
        return (*state[:place], change(state[place]), *state[place + 1 :])

    return dumped(Forged(kind(X, leaf_size=10, **options), changed))


def distance(metric: str, **state: Any) -> Callable[[Any], Any]:
    from sklearn.metrics import DistanceMetric

    return lambda _: DistanceMetric.get_metric(metric, **state)


def last_node(nodes: Any) -> Any:
    nodes = np.array(nodes)
    nodes["is_leaf"] = 0
    return nodes


def first(array: Any, number: float) -> Any:
    array = np.array(array)
    array.flat[0] = number
    return array


def matrix(**changed: Any) -> bytes:
    model = TfidfTransformer().fit(sparse.csr_matrix(np.eye(4)))
    model.weights = sparse.csr_matrix(np.eye(4))
    vars(model.weights).update(changed)
    return dumped(model)


def spline(**changed: Any) -> bytes:
    model = SplineTransformer().fit(X)
    vars(model.bsplines_[0]).update(changed)
    return dumped(model)


def generator(place: Any) -> bytes:
    model = KMeans(2, random_state=np.random.RandomState(0))
    state = np.random.RandomState(0).get_state(legacy=False)
    state["state"]["pos"] = place
    model.random_state = Forged(np.random.RandomState(0), lambda _: state)
    return dumped(model)


def dtype(state: Any, text: str = "V16") -> bytes:
    return call(name("numpy", "dtype"), value(text), value(False), value(True)) + value(state) + b"b"


def filled(described: bytes, size: int, tail: bytes = b"") -> bytes:
    """Return an array of this dtype behind joblib's wrapper."""
    state = mapping(subclass=name("numpy", "ndarray"), shape=value((1,)), order=value("C"), dtype=described)
    return b"\x80\x04" + tail + build(new(WRAPPER), state) + b"\x41" * size + b"."


def record(offset: int, size: int, kind: str = "f8") -> tuple[Any, ...]:
    return (3, "|", None, ("a",), {"a": (np.dtype(kind), offset)}, size, 1, 16)


def late_field() -> bytes:
    """Return a dict of fields that is changed after numpy has received it."""
    fields = b"}" + keep(1) + value("a") + value(np.dtype("f8")) + value(0) + b"\x86s"
    state = b"(" + value(3) + value("|") + b"N" + value(("a",)) + fields + value(16) + value(1) + value(16) + b"t"
    dtype = name("numpy", "dtype") + value(("V16", False, True)) + b"R" + state + b"b" + keep(2) + b"0"
    late = again(1) + value("a") + value(np.dtype("f8")) + value(2**40) + b"\x86s0"
    return filled(again(2), 16, dtype + late)


DTYPES: dict[str, Callable[[], bytes]] = {
    "objects that are said to be none": lambda: filled(dtype((3, "|", None, None, None, -1, -1, 0), "O8"), 8),
    "objects inside a record": lambda: filled(dtype((*record(0, 16, "O")[:7], 0)), 16),
    "a field outside of its record": lambda: filled(dtype(record(2**20, 16)), 16),
    "a field before its record": lambda: filled(dtype(record(-64, 16)), 16),
    "a record that is a number": lambda: filled(dtype(record(8, 16), "f8"), 8),
    "a record larger than its dtype": lambda: filled(dtype(record(0, 2**20), "V16"), 16),
    "a number of another size": lambda: filled(dtype((3, "<", None, None, None, 64, 8, 0), "f8"), 8),
    "a text of negative size": lambda: filled(dtype((3, "<", None, None, None, -4, 4, 8), "U1"), 4),
    "a subarray": lambda: filled(dtype((3, "|", (np.dtype("f8"), (2**40,)), None, None, 16, 1, 0)), 16),
    "an array in the place of a number": lambda: filled(
        dtype((3, "<", None, None, None, -1, -1, np.array(0)), "f8"), 8
    ),
    "a unit of time that is none": lambda: filled(
        dtype((4, "<", None, None, None, -1, -1, 0, (None, (b"x", 1, 1, 1))), "M8"), 8
    ),
    "booleans of 0x41": lambda: filled(dtype((3, "|", None, None, None, -1, -1, 0), "b1"), 1),
    "booleans of 0x41 inside a record": lambda: filled(dtype(record(0, 16, "?")), 16),
    "booleans of 0xff in an array of pickle's": lambda: file(
        build(
            call(name("numpy._core.multiarray", "_reconstruct"), name("numpy", "ndarray"), value((0,)), value(b"b")),
            b"(" + value(1) + value((1,)) + value(np.dtype("?")) + value(False) + value(b"\xff") + b"t",
        )
    ),
}

TREES: dict[str, Callable[[], bytes]] = {
    "a child that does not exist": lambda: tree(node(left_child=10**6)),
    "a negative child": lambda: tree(node(right_child=-5)),
    "a child that is its own parent": lambda: tree(node(left_child=0)),
    "two children that are one": lambda: tree(node(left_child=2, right_child=2)),
    "a feature that does not exist": lambda: tree(node(feature=10**6)),
    "a negative feature": lambda: tree(node(feature=-7)),
    "a depth that is not its own": lambda: tree(lambda state: state | {"max_depth": 0}),
    "a depth without end": lambda: tree(lambda state: state | {"max_depth": 2**40}),
    "fewer nodes than it says": lambda: tree(lambda state: state | {"nodes": state["nodes"][:1]}),
    "fewer values than nodes": lambda: tree(lambda state: state | {"values": state["values"][:1]}),
    "no nodes at all": lambda: tree(None),
    "more features than the inputs have": lambda: tree(lambda state: state, lambda args: (10**6, *args[1:])),
    "fewer classes than it says": lambda: tree(lambda state: state, lambda args: (4, np.array([3, 3]), 1)),
    "a forest with a tree of other inputs": lambda: boosted(
        lambda model: model.estimators_.__setitem__(1, tree_of_more()), RandomForestClassifier(2)
    ),
    "boosting with a tree of other inputs": lambda: boosted(other_tree),
    "boosting with more columns than it adds up": lambda: boosted(
        lambda model: setattr(model, "estimators_", np.tile(model.estimators_, (1, 9)))
    ),
    "boosting that begins with too few columns": lambda: boosted(
        lambda model: setattr(model, "init_", LinearRegression().fit(X, Y))
    ),
    "boosting that begins with two classes of three": lambda: boosted(
        lambda model: setattr(model.init_, "class_prior_", np.ones(2))
    ),
    "a histogram with a feature that does not exist": lambda: histogram(feature_idx=10**6),
    "a histogram with a child that does not exist": lambda: histogram(left=10**6),
    "a histogram that never ends": lambda: histogram(left=0),
    "a histogram with categories that do not exist": lambda: histogram(is_categorical=1, bitset_idx=10**6),
}


def tree_of_more() -> Any:
    model = DecisionTreeClassifier(random_state=0).fit(np.tile(X, 50), Y)
    model.n_features_in_ = 4
    return model


ARRAYS: dict[str, Callable[[], bytes]] = {
    "a sample that does not exist": lambda: searched(1, lambda index: first(index, 10**9)),
    "nodes without leaves": lambda: searched(2, last_node),
    "more nodes than there are": lambda: searched(6, lambda count: 10**6),
    "bounds of other inputs": lambda: searched(3, lambda bounds: np.array(bounds)[:, :, :1]),
    "a ball tree with fewer nodes": lambda: searched(2, lambda nodes: np.array(nodes)[:1], BallTree),
    "a distance with one weight": lambda: searched(11, distance("seuclidean", V=np.ones(1)), BallTree),
    "a distance with a matrix of one": lambda: searched(11, distance("mahalanobis", V=np.eye(1)), BallTree),
    "a neighbour tree without a state": lambda: dumped(Forged(KDTree(X), None)),
    "a distance without a state": lambda: dumped(Forged(distance("euclidean")(None), None)),
    "neighbours of other inputs": lambda: attributes(
        KNeighborsClassifier(algorithm="brute"), _fit_X=np.zeros((150, 2))
    ),
    "neighbours without a class": lambda: attributes(
        KNeighborsClassifier(algorithm="brute"), _y=np.zeros(1, dtype=int)
    ),
    "centers of other inputs": lambda: attributes(KMeans(2, n_init=1), cluster_centers_=np.zeros((2, 1))),
    "more vectors than there are": lambda: attributes(SVC(), _n_support=np.array([100, 100, 10**6], dtype=np.int32)),
    "a negative number of vectors": lambda: attributes(SVC(), _n_support=np.array([-40, 50, 50], dtype=np.int32)),
    "factors for fewer vectors": lambda: attributes(SVC(), _dual_coef_=np.zeros((1, 3))),
    "fewer intercepts than pairs": lambda: attributes(SVC(), _intercept_=np.zeros(1)),
    "fewer chances than pairs": lambda: attributes(SVC(), _probA=np.zeros(1), _probB=np.zeros(1)),
    "vectors of other inputs": lambda: attributes(SVR(), support_vectors_=np.zeros((150, 1))),
    "another kind of machine": lambda: attributes(SVR(), _impl="c_svc"),
    "a column that does not exist": lambda: matrix(indices=np.array([0, 1, 2, 10**6], dtype=np.int32)),
    "rows that go back": lambda: matrix(indptr=np.array([0, 9, 2, 3, 4], dtype=np.int32)),
    "fewer rows than it says": lambda: matrix(_shape=(100, 4)),
    "knots that go back": lambda: spline(_t=np.arange(20.0)[::-1].copy()),
    "fewer knots than its degree": lambda: spline(_t=np.arange(5.0), _c=np.zeros((1, 1))),
    "a random number outside": lambda: generator(10**9),
    "a random number before": lambda: generator(-100),
    "fill values that are instances": lambda: dumped(
        Forged(np.ma.MaskedArray([1.0], mask=[True]), lambda state: (*state[:6], LogisticRegression()))
    ),
    "a matrix without a state": lambda: file(new(name("scipy.sparse._csr", "csr_matrix"))),
}
