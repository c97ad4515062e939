"""What the sample on a card tells of the values."""

from __future__ import annotations

from typing import Any

import pytest

from webapp.models.card import Card
from webapp.models.card.from_signature import card_signature
from webapp.models.card.sample_values import with_sample_values
from webapp.models.sample.distributions import references
from webapp.types import SAMPLE_SOURCE, Feature, Output, Range, Signature, Usual


def told(values: list[Any], **known: Any) -> Feature:
    """Return a feature after a sample with these values was written to its card and read again."""
    feature = Feature(name="size", **known)
    signature = Signature(task="regression", features=(feature,), outputs=(Output(name="y"),))
    card = Card(signature=card_signature(signature, references([{"size": value} for value in values], signature)))
    return with_sample_values(signature, card).features[0]


def test_its_range_is_that_of_the_sample() -> None:
    usual = Usual(low=2, high=4, mean=3.0, sd=1.0, source="the scaler's mean")
    assert told([1.5, None, 9.25, 4.0], usual=usual).range == Range(
        low=1.5, high=9.25, exact=True, source=SAMPLE_SOURCE
    )


@pytest.mark.parametrize(("low", "source"), [(0.0, "the scaler"), (5.0, SAMPLE_SOURCE)])
def test_a_wider_range_of_the_model_itself_counts(low: float, source: str) -> None:
    of_model = Range(low=low, high=20, exact=True, source="the scaler")
    found = told([1.5, 9.25], range=of_model).range
    assert found
    assert found.source == source


def test_a_few_whole_numbers_are_choices() -> None:
    assert told([1.0, 2.0, 4.0] * 20).suggestions == (1, 2, 4)


@pytest.mark.parametrize("values", [[1.0, 2.0, 4.0] * 19, [1.0, 2.5] * 50, [3.0] * 90, list(range(6)) * 50])
def test_few_rows_fractions_one_value_and_many_values_are_no_choices(values: list[Any]) -> None:
    assert told(values).suggestions == ()


def test_0_and_1_alone_are_yes_and_no() -> None:
    assert told([0.0, 1.0] * 20).is_flag


def test_the_sample_knows_better_than_a_guess_at_yes_and_no() -> None:
    assert not told([0.0, 1.0, 2.0] * 20, flag=True).is_flag


@pytest.mark.parametrize("kept", ["nothing", "pseudonym"])
def test_it_keeps_no_value_of_an_input_that_must_not_be_stored(kept: Any) -> None:
    assert told([1.5, 9.25], kept=kept).range is None
