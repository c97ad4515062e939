"""webapp.helpers.records.filters and filter_values"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.errors import InvalidQuery
from webapp.helpers.records.filter_values import MAX_LENGTH, Bound, case_number, number_range, possible_values
from webapp.helpers.records.filters import Filter, read_filter
from webapp.helpers.uuid7 import uuid7

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=50).filter(
    lambda text: text == text.strip()
)
days = st.dates(date(1970, 1, 1), date(2999, 12, 31))
maybe: Any = lambda strategy: st.none() | strategy  # noqa: E731
filters = st.builds(
    Filter,
    model=maybe(texts),
    version=maybe(texts),
    channel=maybe(st.sampled_from(["form", "json"])),
    status=maybe(st.sampled_from(["answered", "failed", "rejected", "all"])),
    class_=maybe(texts),
    since=maybe(days),
    actor=maybe(texts),
    mine=st.booleans(),
    warnings=st.booleans(),
    id=maybe(
        st.sampled_from(["0123abcd"])
        | st.builds(uuid7, st.integers(0, 2**40), st.integers(0, 4095), st.integers(0, 2**62))
    ),
    inputs=st.dictionaries(texts, texts, max_size=3).map(lambda each: tuple(each.items())),
    oldest=st.booleans(),
)


NO_ID = "Enter the 8 characters of a case number, or the whole id of a record."


@given(filters)
def test_what_is_written_is_read_again(filter: Filter) -> None:
    assert read_filter(filter.parameters) == filter


@given(st.lists(st.tuples(st.text() | st.sampled_from(["model", "from", "to", "id", "input.x", "order"]), st.text())))
def test_anything_is_read_or_refused_with_a_sentence(parameters: list[tuple[str, str]]) -> None:
    try:
        assert isinstance(read_filter(parameters), Filter)
    except InvalidQuery as error:
        assert error.errors
        assert all(notice.msg.endswith(".") for notice in error.errors)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("status", "done", "This must be answered, failed, rejected or all."),
        ("channel", "fax", "This must be form, json, v2, v1 or mlflow."),
        ("order", "random", "This must be newest or oldest."),
        ("from", "24.11.2026", "Enter a date like 2026-11-24."),
        ("to", "0001-01-01", "Enter a date like 2026-11-24."),
        ("id", "7", NO_ID),
        ("id", "ffffffff-ffff-7fff-8000-000000000000", NO_ID),
        ("mine", "no", "This must be true, or left out."),
        ("warnings", "1", "This must be true, or left out."),
        ("modle", "penguins", "There is no filter with this name."),
        ("input.", "1", "There is no filter with this name."),
        ("input", "island", "Enter both the name of an input and its value."),
        ("model", "a\0b", "This must be a text of up to 500 characters."),
        ("input.x", "1" * (MAX_LENGTH + 1), "This must be a text of up to 500 characters."),
    ],
)
def test_it_refuses(name: str, value: str, sentence: str) -> None:
    with pytest.raises(InvalidQuery) as raised:
        read_filter([(name, value)])
    assert [(notice.loc, notice.msg) for notice in raised.value.errors] == [((name,), sentence)]


def test_it_reports_all_errors_at_once() -> None:
    with pytest.raises(InvalidQuery) as raised:
        read_filter([("from", "2026-02-02"), ("to", "2026-02-01"), ("status", "x"), ("model", "a"), ("model", "b")])
    assert {notice.loc[0] for notice in raised.value.errors} == {"to", "status", "model"}


def test_a_blank_parameter_is_ignored() -> None:
    assert read_filter([("model", ""), ("from", " "), ("input", ""), ("value", "")]) == Filter()


def test_a_form_may_send_the_name_of_an_input_and_its_value_as_two_parameters() -> None:
    assert read_filter([("input", "island"), ("value", "Dream")]).inputs == (("island", "Dream"),)


def test_the_last_day_is_included() -> None:
    filter = read_filter([("from", "2026-11-01"), ("to", "2026-11-30")])
    assert (filter.start, filter.end) == (datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))


def test_a_condition_can_be_removed() -> None:
    filter = Filter(model="a", class_="b", mine=True, inputs=(("x", "1"), ("y", "2")))
    assert filter.without("class").without("mine").without("input.x") == Filter(model="a", inputs=(("y", "2"),))


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1", ["1", 1]),
        ("-0.5", ["-0.5", -0.5]),
        ("true", ["true", True]),
        ("null", ["null", None]),
        ("Dream", ["Dream"]),
        ('"1"', ['"1"']),
        ("[1]", ["[1]"]),
        ("NaN", ["NaN"]),
        ("1e999", ["1e999"]),
    ],
)
def test_a_value_of_an_input_may_be_of_any_type(text: str, values: list[object]) -> None:
    assert possible_values(text) == values
    assert list(map(type, possible_values(text))) == list(map(type, values))


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        ("> 50", [(">", "50.0")]),
        (">=-0.1", [(">=", "-0.1")]),
        ("<1e3", [("<", "1000.0")]),
        ("<= +5", [("<=", "5.0")]),
        ("18 to 65", [(">=", "18.0"), ("<=", "65.0")]),
        ("> 1e999", []),
        ("> 1e-999999", [(">", "0.0")]),
        (">50K", []),
        ("> ٥", []),
        ("50", []),
        ("18-65", []),
        ("= 5", []),
    ],
)
def test_a_comparison_with_a_number_is_a_range(text: str, bounds: list[tuple[Any, str]]) -> None:
    assert number_range(text) == [Bound(operator=operator, number=Decimal(number)) for operator, number in bounds]


def test_the_number_of_a_case_finds_its_id() -> None:
    id = uuid7(1, 2, 0xABCDEF12)
    assert read_filter([("id", case_number(id).upper())]).id == case_number(id) == "abcdef12"
