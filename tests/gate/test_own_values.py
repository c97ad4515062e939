"""webapp.cell.gate: what a trusted transformer keeps is read where it is harmless, or refused with what to do."""

from __future__ import annotations

import datetime
import decimal
import io
import pathlib
import pickle
import re
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest

from tests.gate.own_values import (
    TRUSTED,
    Access,
    Called,
    Count,
    Frozen,
    FrozenSlots,
    Keeps,
    Level,
    Options,
    Point,
    Slots,
)
from webapp.cell.gate import Grants, inspect, load
from webapp.cell.gate.allow_list import refusal
from webapp.cell.gate.missing import why_missing
from webapp.cell.gate.pandas_columns import one_block, series
from webapp.cell.reading import _inspect
from webapp.errors import ArtifactRefused

GRANTS = Grants.of(TRUSTED)
UTC = datetime.UTC


def dumped(value: Any) -> bytes:
    file = io.BytesIO()
    joblib.dump(value, file)
    return file.getvalue()


def loaded(thing: Any) -> Any:
    data = dumped(Keeps(thing))
    assert not inspect(data).refused_uses(GRANTS)
    return load(data, GRANTS).thing


@pytest.mark.parametrize(
    "thing",
    [
        Level.LOW,
        Level.BOTH,
        Count.ONE,
        Access.READ | Access.WRITE,
        {"level": [Level.LOW]},
        Options(names=["a"]),
        Frozen(),
        Slots(0.25),
        FrozenSlots(0.25),
        Point(0.25),
        datetime.date(2024, 2, 29),
        datetime.datetime(2024, 2, 29, 12, 30),
        datetime.datetime(2024, 2, 29, 12, 30, tzinfo=UTC),
        datetime.time(12, 30),
        datetime.timedelta(days=1, microseconds=2),
        datetime.timezone(datetime.timedelta(hours=1), "here"),
        re.compile("a+", re.IGNORECASE),
        re.compile(b"a+"),
    ],
    ids=repr,
)
def test_it_reads_harmless_values_that_pickle_calls_for(thing: Any) -> None:
    found = loaded(thing)
    assert found == thing
    assert type(found) is type(thing)


@pytest.mark.parametrize(
    "thing",
    [
        pd.Series([1.0, 2.0]).groupby(np.array(["Rome", "Oslo"], dtype=object)).mean(),
        pd.Series([1, 2]),
        pd.Series([True, False], index=[3, 4], name="seen"),
        pd.Series(["a", None, "b"]),
        pd.Series([1.0, 2.0, 3.0]).iloc[::2],
        pd.Series([1, "a", None], dtype=object),
        pd.Series([], dtype=float),
    ],
    ids=repr,
)
def test_it_reads_a_series_of_plain_values(thing: pd.Series[Any]) -> None:
    pd.testing.assert_series_equal(loaded(thing), thing)


def test_numbers_and_texts_are_of_the_same_pickle_in_each_protocol() -> None:
    for protocol in range(6):
        found = load(pickle.dumps(Keeps([Level.LOW, datetime.date(2024, 2, 29)]), protocol=protocol), GRANTS)
        assert found.thing == [Level.LOW, datetime.date(2024, 2, 29)]


@pytest.mark.parametrize(
    ("thing", "said"),
    [
        (
            Called(),
            f"It calls {__package__}.own_values.Called while it is read. TRUSTED_TYPES lets a file set attributes",
        ),
        (pd.DataFrame({"a": [1]}), "keep a dict or a NumPy array"),
        (pd.Series(["a"], dtype="category"), "keep a dict or a NumPy array"),
        (pd.Timestamp("2024-02-29"), "keep a dict or a NumPy array"),
        (decimal.Decimal("1.5"), "It needs decimal.Decimal, which is not on the list of allowed types. Keep a number"),
        (pathlib.PurePosixPath("a"), "Keep a number or a text in its place"),
    ],
    ids=lambda each: each[:40] if isinstance(each, str) else type(each).__name__,
)
def test_it_refuses_others_by_name_with_what_to_do(thing: Any, said: str) -> None:
    reason = _inspect(dumped(Keeps(thing)), GRANTS).reason
    assert reason is not None
    assert said in reason


def test_a_type_that_is_not_trusted_yet_is_refused_with_where_to_name_it() -> None:
    reason = _inspect(dumped(Keeps()), Grants.of()).reason or ""
    assert reason.startswith(f"It needs {__package__}.own_values.Keeps, which is not on the list of allowed types. If")
    assert "TRUSTED_TYPES" in reason
    assert "TRUSTED_TYPES" not in (_inspect(dumped(print), Grants.of()).reason or "")


def test_trusting_what_was_in_a_script_says_what_helps() -> None:
    grants = Grants.of(["__main__.clean"])
    data = b"c__main__\nclean\n."
    reason = refusal(inspect(data).refused_uses(grants), grants.trusted)
    assert reason.startswith(
        "It needs your own function __main__.clean, which is in the notebook or script that dumped"
    )
    assert "module, such as features.py" in reason
    assert "features.clean" in reason


def test_trust_is_not_taken_for_what_is_missing() -> None:
    grants = Grants.of(["no_such_module.Kind", f"{__package__}.own_values.Gone"])
    with pytest.raises(ArtifactRefused, match="there is no module no_such_module here"):
        load(b"cno_such_module\nKind\n.", grants)
    with pytest.raises(ArtifactRefused, match="own_values here has no Gone"):
        load(f"c{__package__}.own_values\nGone\n.".encode(), grants)
    assert "importing shop here fails (SyntaxError)" in why_missing("shop", "Kind", SyntaxError())


HOSTILE: dict[str, tuple[Any, ...]] = {
    "a pattern that prints": (re._compile, ("a", int(re.DEBUG))),  # type: ignore[attr-defined]
    "a pattern of huge length": (re._compile, ("a" * 1001, 0)),  # type: ignore[attr-defined]
    "a date of other numbers": (datetime.date, (2024, 2, 29)),
    "a time with a zone of one's own": (datetime.datetime, (b"\x07\xe8\x02\x1d\x0c\x1e\x00\x00\x00\x00", None)),
    "a member by two values": (Level, (1, 2)),
}


class Calls:
    def __init__(self, call: tuple[Any, ...]) -> None:
        self.call = call

    def __reduce__(self) -> tuple[Any, ...]:
        return self.call


@pytest.mark.parametrize("call", HOSTILE.values(), ids=HOSTILE)
def test_it_refuses_other_arguments(call: tuple[Any, ...]) -> None:
    with pytest.raises(ArtifactRefused, match="with arguments that are not allowed"):
        load(pickle.dumps(Keeps(Calls(call))), GRANTS)


def test_an_enum_that_is_not_trusted_is_not_called() -> None:
    with pytest.raises(ArtifactRefused, match="not on the list"):
        load(pickle.dumps(Level.LOW), Grants.of([TRUSTED[0]]))


VALUES = {"values": np.array([1.0, 2.0]), "mgr_locs": slice(0, 2, 1)}
AXES = [pd.RangeIndex(2)]


@pytest.mark.parametrize(
    ("axes", "blocks"),
    [
        ([pd.RangeIndex(3)], [VALUES]),
        ([], [VALUES]),
        (AXES, [VALUES, VALUES]),
        (AXES, [VALUES | {"mgr_locs": slice(0, 9, 1)}]),
        (AXES, [VALUES | {"mgr_locs": np.array([0, 1])}]),
        (AXES, [VALUES | {"values": np.ones((2, 2))}]),
        (AXES, [VALUES | {"values": np.array([print, 1], dtype=object)}]),
        (AXES, [VALUES | {"more": 1}]),
        ([[0, 1]], [VALUES]),
    ],
)
def test_it_refuses_a_series_whose_parts_do_not_fit(axes: Any, blocks: Any) -> None:
    state = ([], [], [], {"0.14.1": {"axes": axes, "blocks": blocks}})
    assert not one_block(None, state)
    assert one_block(None, ([], [], [], {"0.14.1": {"axes": AXES, "blocks": [VALUES]}}))


@pytest.mark.parametrize(
    "change", [{"_mgr": None}, {"_typ": "frame"}, {"_metadata": ["to_csv"]}, {"attrs": {"a": print}}, {"to_csv": print}]
)
def test_it_refuses_a_series_with_something_else_set(change: dict[str, Any]) -> None:
    state = pd.Series([1.0]).__getstate__()  # type: ignore[attr-defined]
    assert series(None, state)
    assert not series(None, state | change)
