"""A card in words for people: what a feature may be, and where that is known from."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fitted import CASES
from webapp.cell.signature import read_signature
from webapp.models.card.sentences import blank_words, values_met, values_source
from webapp.types import Feature, Range


def feature(**known: Any) -> Feature:
    return Feature(**{"name": "size"} | known)


def read(name: str, feature: str) -> Feature:
    return next(each for each in read_signature(CASES[name]().estimator).features if each.name == feature)


def test_a_guess_is_rounded_and_says_what_it_is_a_guess_from() -> None:
    guess = feature(range=Range(low=-400.4242, high=1710.111, exact=False, source="the scaler's mean ± 3 sd"))
    assert values_met(guess) == "a number, in training about −400 to 1710"
    assert values_source(guess) == "approximate, from the scaler's mean ± 3 sd"


def test_an_exact_range_says_so() -> None:
    assert values_source(read("min_max_scaler", "size")) == "exact, from the scaler's minimum and maximum"


@pytest.mark.parametrize(
    ("case", "source"),
    [
        ("imputers_and_encoders", "from the encoder's categories"),
        ("lightgbm_with_categories", "from the categories that its trees know"),
    ],
)
def test_choices_say_where_they_are_from(case: str, source: str) -> None:
    assert values_source(read(case, "city")) == source


@pytest.mark.parametrize("case", CASES)
def test_nothing_is_known_without_a_source(case: str) -> None:
    for each in read_signature(CASES[case]().estimator).features:
        assert bool(each.choices) == bool(each.choices_source)
        assert (each.default is not None) == bool(each.default_source)
        assert each.range is None or each.range.source


def test_what_is_not_known_is_owned_up_to() -> None:
    assert values_source(feature()) == "the model does not store its training values"
    assert values_source(feature(kind="text")) == ""


@pytest.mark.parametrize(
    ("known", "said"),
    [
        (feature(), "required"),
        (feature(optional=True), "the model accepts a blank"),
        (feature(optional=True, default=2.5), "2.5"),
    ],
)
def test_it_says_what_becomes_of_a_blank(known: Feature, said: str) -> None:
    assert blank_words(known) == said


def test_a_filling_says_where_it_is_from() -> None:
    assert blank_words(read("imputers_and_encoders", "city")).endswith(" (the imputer's most frequent value)")


def test_a_kind_that_the_model_does_not_show_is_called_a_guess() -> None:
    assert values_source(feature(guessed=True, source="testing")).startswith("a guess")
