"""The types of inputs that a card says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from webapp.errors import CardInvalid
from webapp.models.card import read_card
from webapp.models.card.input_types import with_card_types
from webapp.types import Feature, Signature

FEATURES = (
    Feature(name="open", guessed=True),
    Feature(name="number", splits=(0.5, 7.5)),
    Feature(name="flag", splits=(0.5, 0.5)),
    Feature(name="city", kind="category", choices=("Oslo", "Rome"), guessed=True),
    Feature(name="tried", kind="date", source="testing"),
)


def told(name: str, **said: Any) -> Feature:
    card = read_card(json.dumps({"inputs": {name: said}}).encode())
    signature = with_card_types(Signature(task="regression", features=FEATURES, outputs=()), card)
    return next(feature for feature in signature.features if feature.name == name)


@pytest.mark.parametrize(
    ("said", "kind", "dtype"),
    [
        ({"kind": "number"}, "number", None),
        ({"kind": "integer"}, "integer", "int64"),
        ({"kind": "boolean"}, "boolean", None),
        ({"kind": "text"}, "text", None),
        ({"kind": "date"}, "date", "datetime64"),
        ({"kind": "datetime"}, "datetime", "datetime64"),
        ({"kind": "date", "dtype": "text"}, "date", None),
    ],
)
def test_it_says_what_an_unknown_input_is(said: dict[str, str], kind: str, dtype: Any) -> None:
    feature = told("open", **said)
    assert (feature.kind, feature.dtype, feature.guessed, feature.source) == (kind, dtype, False, "card")


def test_a_category_has_the_choices_of_the_card() -> None:
    assert told("open", kind="category", choices=["a", 2]).choices == ("a", 2)


def test_a_text_has_the_known_values_as_suggestions() -> None:
    feature = told("open", kind="text", choices=["a", "b"])
    assert (feature.choices, feature.suggestions) == ((), ("a", "b"))


def test_it_confirms_a_guess() -> None:
    feature = told("city", kind="category")
    assert (feature.choices, feature.guessed) == (("Oslo", "Rome"), False)


def test_a_date_that_was_found_as_a_text_stays_one() -> None:
    assert told("tried", kind="date").dtype is None


def test_a_number_may_be_whole_and_a_flag_true() -> None:
    assert told("number", kind="integer").dtype == "int64"
    assert told("flag", kind="boolean").choices == (False, True)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("number", {"kind": "date"}),
        ("number", {"kind": "boolean"}),
        ("city", {"kind": "number"}),
        ("open", {"kind": "category"}),
        ("open", {"kind": "text", "dtype": "datetime64"}),
        ("open", {"kind": "complex"}),
        ("other", {"kind": "number"}),
    ],
)
def test_it_refuses_what_contradicts_the_model(name: str, said: dict[str, str]) -> None:
    with pytest.raises(CardInvalid):
        told(name, **said)
