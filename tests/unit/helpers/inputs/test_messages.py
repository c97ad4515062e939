"""From pydantic's errors to sentences with their places."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ConfigDict, TypeAdapter, ValidationError
from typing_extensions import TypedDict

from webapp.helpers.inputs.messages import notices, printable
from webapp.types import Feature, Notice, Signature


class Form(TypedDict):
    """One feature."""

    __pydantic_config__ = ConfigDict(extra="forbid", strict=True)  # type: ignore[misc]

    bill_length_mm: float


SIGNATURE = Signature(task="regression", features=(Feature(name="bill_length_mm"),), outputs=())


def told(values: object, place: tuple[str | int, ...] = ()) -> list[Notice]:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(Form).validate_python(values)
    return notices([(place, caught.value)], SIGNATURE)


def test_it_calls_a_feature_by_its_label_and_places_it_by_its_name() -> None:
    assert told({}) == [Notice(loc=("bill_length_mm",), msg="Bill length (mm) is required.")]


def test_it_puts_the_place_of_the_instance_first() -> None:
    assert told({}, ("inputs", 3))[0].loc == ("inputs", 3, "bill_length_mm")


def test_it_says_all_that_is_wrong() -> None:
    assert [notice.loc for notice in told({"bill_length_mm": "x", "b": 1, "c": 2})] == [
        ("bill_length_mm",), ("b",), ("c",),
    ]  # fmt: skip


def test_it_never_repeats_a_value() -> None:
    assert "secret" not in str(told({"bill_length_mm": "secret", "b": "secret"}))


def test_it_makes_an_unknown_name_fit_to_be_printable() -> None:
    (_, notice) = told({"{name}\0": 1})
    assert notice == Notice(loc=("{name}�",), msg="“{name}�” is not an input of this model.")


def test_it_speaks_of_the_input_where_there_is_no_name() -> None:
    assert told([]) == [Notice(loc=(), msg="Each instance must be a JSON object of input names and values.")]


@pytest.mark.parametrize(
    ("text", "clean"),
    [("a b", "a b"), ("🌧", "🌧"), ("a\0b\n", "a�b�"), ("\ud800", "�"), ("x" * 81, "x" * 80 + "…"), ("x" * 80, "x" * 80)],
)
def test_shown_is_short_and_printable(text: str, clean: str) -> None:
    assert printable(text) == clean


@given(st.text(st.characters(exclude_categories=())))
@settings(deadline=None)
def test_shown_can_be_stored_whatever_was_sent(text: str) -> None:
    assert b"\0" not in printable(text).encode()
    assert len(printable(text)) <= 81
