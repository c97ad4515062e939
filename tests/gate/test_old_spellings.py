"""What only other versions wrote is read in the way they wrote it, and in no other."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
import sklearn
from sklearn._loss._loss import CyHuberLoss
from sklearn.compose import ColumnTransformer

from tests.gate.assembly import again, build, call, estimator, file, keep, mapping, name, new, value
from tests.gate.verdict import GRANTS
from webapp.cell.gate import inspect, load
from webapp.errors import ArtifactRefused

REMAINDER = "sklearn.compose._column_transformer", "_RemainderColsList"
TRANSFORMER = "sklearn.compose._column_transformer.ColumnTransformer"
LOSS = name("_loss", "CyHuberLoss")
REBUILD = name("_loss", "__pyx_unpickle_CyHuberLoss")
CHECK_ARRAY = name("sklearn.utils.validation", "check_array")


def columns(state: bytes) -> bytes:
    """Hand a state to the list of the columns that are left over."""
    return file(estimator(TRANSFORMER, _sklearn_version=value("1.6.1"), left_over=build(new(name(*REMAINDER)), state)))


def test_the_columns_that_are_left_over_are_a_list() -> None:
    data = columns(mapping(data=value([0, "age"]), future_dtype=value("str")))
    assert not inspect(data).refused_uses(GRANTS)
    loaded = load(data, GRANTS)
    assert type(loaded) is ColumnTransformer
    assert loaded.left_over == [0, "age"]
    assert type(loaded.left_over) is list


@pytest.mark.parametrize(
    "state",
    [value([1]), value(None), mapping(other=value([1])), mapping(data=value((1,))), mapping(data=value([[1]]))],
)
def test_a_list_of_columns_that_lies_is_refused(state: bytes) -> None:
    with pytest.raises(ArtifactRefused, match="columns that are damaged or malicious"):
        load(columns(state), GRANTS)


def test_no_other_list_gets_a_state() -> None:
    with pytest.raises(ArtifactRefused, match="changes an object that is complete"):
        load(file(build(value([]), mapping(data=value([1])))), GRANTS)


def test_a_loss_is_made_anew() -> None:
    loss = load(file(call(REBUILD, LOSS, value(1), value((0.5,)))), GRANTS)
    assert type(loss) is CyHuberLoss
    assert loss.delta == 0.5


@pytest.mark.parametrize(
    "args",
    [
        (value(1), value(1), value((0.5,))),
        (name("numpy", "ndarray"), value(1), value((0.5,))),
        (LOSS, value("1"), value((0.5,))),
        (LOSS, value(1), value((0.5, 0.5))),
        (LOSS, value(1), value(("0.5",))),
        (LOSS, value(1), value([0.5])),
        (LOSS, value(1)),
    ],
)
def test_a_loss_of_anything_else_is_refused(args: tuple[bytes, ...]) -> None:
    with pytest.raises(ArtifactRefused, match=r"with arguments that are not allowed|in a way that is not allowed"):
        load(file(call(REBUILD, *args)), GRANTS)


RANDOM, BITS = (name("numpy.random._pickle", f"__{kind}_ctor") for kind in ("randomstate", "bit_generator"))


def test_a_generator_of_numpy_1_is_read() -> None:
    state = np.random.RandomState(3).get_state(legacy=False)
    data = file(build(call(RANDOM, value("MT19937"), BITS), pickle.dumps(state, 3)[2:-1]))
    assert load(data, GRANTS).randint(1000) == np.random.RandomState(3).randint(1000)


@pytest.mark.parametrize(
    "args", [(value("Evil"), BITS), (value("MT19937"), RANDOM), (value("MT19937"), value(1)), (value(["a"]), BITS)]
)
def test_a_generator_that_names_anything_else_is_refused(args: tuple[bytes, ...]) -> None:
    with pytest.raises(ArtifactRefused, match=r"that are not allowed|in a way that is not allowed"):
        load(file(call(RANDOM, *args)), GRANTS)


def test_the_renamed_keyword_is_for_check_array_alone() -> None:
    def partial(function: bytes, keywords: dict[str, object]) -> bytes:
        state = b"(" + function + value(()) + value(keywords) + value(None) + b"t"
        return file(build(call(name("functools", "partial"), CHECK_ARRAY), state))

    assert load(partial(CHECK_ARRAY, {"force_all_finite": False}), GRANTS).keywords == {"ensure_all_finite": False}
    with pytest.raises(ArtifactRefused):
        load(partial(name("numpy", "log"), {"force_all_finite": False}), GRANTS)
    with pytest.raises(ArtifactRefused):
        load(partial(CHECK_ARRAY, {"force_all_finite": {}}), GRANTS)


def test_new_arrays_made_from_one_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.cell.gate.budget.FREE_BYTES", 1_000_000)
    kind = "sklearn.cross_decomposition._pls.PLSRegression"
    arrays = {"coef_": np.ones((1, 10_000)), "_x_std": np.ones(10_000)}
    shared = mapping(**{key: value(each) + keep(number) for number, (key, each) in enumerate(arrays.items())})
    again_and_again = mapping(coef_=again(0), _x_std=again(1), _sklearn_version=value("1.4.2"))
    parts = [build(new(name(*kind.rsplit(".", 1))), again_and_again) for _ in range(200)]
    with pytest.raises(ArtifactRefused, match="copies more data"):
        load(file(shared + b"(" + b"".join(parts) + b"t\x86"), GRANTS)
    assert load(file(shared + b"(" + b"".join(parts[:3]) + b"t\x86"), GRANTS)


def imputer_step(*parts: bytes) -> bytes:
    return file(name("sklearn.impute._iterative", "_ImputerTriplet") + b"(" + b"".join(parts) + b"t\x81")


def test_a_step_of_an_imputer_is_a_named_tuple_with_an_estimator() -> None:
    state = {"a": value(1), "_sklearn_version": value(sklearn.__version__)}
    inputs, bayes = value(np.arange(2)), estimator("sklearn.linear_model._base.LinearRegression", **state)
    assert load(imputer_step(value(0), inputs, bayes), GRANTS).estimator.a == 1
    for parts in ([value(0), inputs, value(b"x")], [value(0), inputs], [value(0), value("x"), bayes], [bayes] * 3):
        with pytest.raises(ArtifactRefused, match="in a way that is not allowed"):
            load(imputer_step(*parts), GRANTS)
