"""From the strings of a form to typed values, and back."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.helpers.inputs.form_values import read_form, write_form
from webapp.types import Feature, Output, Signature, Value


def of(*features: Feature) -> Signature:
    return Signature(task="regression", features=features, outputs=(Output(name="y"),))


NUMBER = of(Feature(name="a"))
MIXED = of(Feature(name="a", kind="category", choices=(1, "1", 2.5, "yes", "", "x  y")))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("-1.5", -1.5),
        ("−1.5", -1.5),
        ("+2", 2),
        (" 3 ", 3),
        (".5", 0.5),
        ("5.", 5),
        ("1e3", 1000),
        ("1E-3", 0.001),
    ],
)
def test_it_reads_a_number(text: str, value: float) -> None:
    assert read_form({"a": [text]}, NUMBER) == ({"a": value}, [])


@pytest.mark.parametrize(
    "text", ["1,500", "nan", "inf", "0x10", "1_000", "٣", "1 00", "1 0000", "true", "--1", "e5", "."]
)
def test_it_leaves_what_is_no_number_a_string(text: str) -> None:
    assert read_form({"a": [text]}, NUMBER)[0] == {"a": text}


def test_a_number_beyond_all_floats_is_infinite() -> None:
    assert read_form({"a": ["1e999"]}, NUMBER)[0] == {"a": math.inf}


@pytest.mark.parametrize("sent", [[""], ["  \t"], []])
def test_it_leaves_a_blank_field_out(sent: list[str]) -> None:
    assert read_form({"a": sent}, NUMBER) == ({}, [])


def test_it_keeps_an_unknown_field_even_if_it_is_blank() -> None:
    assert read_form({"b": [""]}, NUMBER)[0] == {"b": ""}


def test_it_notes_a_feature_that_was_sent_twice() -> None:
    _, (notice,) = read_form({"a": ["1", "2"]}, NUMBER)
    assert (notice.loc, notice.msg) == (("a",), "a was sent 2 times; send it once.")


@pytest.mark.parametrize("choice", MIXED.features[0].choices)
def test_each_choice_comes_back_with_its_type(choice: Value) -> None:
    values, _ = read_form({"a": [write_form({"a": choice}, MIXED)["a"]]}, MIXED)
    assert (values["a"], type(values["a"])) == (choice, type(choice))


def test_it_leaves_an_unknown_choice_a_string() -> None:
    assert read_form({"a": ["Ulm"]}, MIXED)[0] == {"a": "Ulm"}


def test_a_text_keeps_its_line_ends_through_a_browser() -> None:
    signature = of(Feature(name="a", kind="text"))
    assert read_form({"a": [" one\r\ntwo "]}, signature)[0] == {"a": " one\ntwo "}


def test_it_writes_no_field_for_a_blank() -> None:
    assert write_form({"a": None}, NUMBER) == write_form({}, NUMBER) == {}


def test_it_writes_a_choice_that_is_no_longer_known_as_blank() -> None:
    assert write_form({"a": "gone"}, MIXED) == {"a": ""}


@given(st.floats(allow_nan=False, allow_infinity=False))
@settings(deadline=None)
def test_any_number_comes_back(value: float) -> None:
    assert read_form({"a": [write_form({"a": value}, NUMBER)["a"]]}, NUMBER)[0] == {"a": value}


@given(st.text().filter(lambda text: text.strip() and "\r\n" not in text))
@settings(deadline=None)
def test_any_text_comes_back(value: str) -> None:
    signature = of(Feature(name="a", kind="text"))
    assert read_form({"a": [write_form({"a": value}, signature)["a"]]}, signature)[0] == {"a": value}


choices = st.lists(
    st.booleans()
    | st.integers()
    | st.floats(allow_nan=False).filter(lambda x: not x.is_integer())
    | st.text(max_size=3),
    min_size=1,
    max_size=6,
    unique=True,
)


@given(choices)
@settings(deadline=None)
def test_any_set_of_choices_comes_back(known: list[Any]) -> None:
    signature = of(Feature(name="a", kind="category", choices=tuple(known)))
    for choice in known:
        values, _ = read_form({"a": [write_form({"a": choice}, signature)["a"]]}, signature)
        assert (values["a"], type(values["a"])) == (choice, type(choice))


def test_a_comma_that_may_separate_thousands_is_refused_with_what_to_type_and_without_the_value() -> None:
    values, (notice,) = read_form({"a": ["3,250"]}, NUMBER)
    assert (values, notice.loc) == ({"a": "3,250"}, ("a",))
    assert notice.msg == (
        "a has a comma that may separate thousands or decimals. Write 1500 or 1.5, for example, not 1,500."
    )


def test_a_unit_is_understood_where_it_is_the_one_on_the_card() -> None:
    signature = of(Feature(name="amount", unit="€"), Feature(name="time", unit="months"))
    values, _ = read_form({"amount": ["3 000 €"], "time": ["60 months"]}, signature)
    assert values == {"amount": 3000, "time": 60}
    assert read_form({"amount": ["60 months"]}, signature)[0] == {"amount": "60 months"}


@pytest.mark.parametrize("text", ["1 000 000.5", "1\u202f000\u202f000.5", "1\u00a0000\u00a0000.5"])
def test_it_reads_thousands_set_apart_as_the_pages_write_them(text: str) -> None:
    assert read_form({"a": [text]}, NUMBER)[0] == {"a": 1_000_000.5}
