"""Answers in the words of a card"""

from __future__ import annotations

from dataclasses import replace

import pytest

from webapp.helpers.output_words import class_words, headline, quantity
from webapp.types import Output

DEATH = Output(name="y", classes=(0, 1), class_labels={"0": "Survived", "1": "Died within follow-up"})
CREDIT = Output(name="y", classes=("bad", "good"), thresholds={"good": 0.6})


def test_a_class_is_called_by_its_label() -> None:
    assert headline(DEATH, 0, {"0": 0.83, "1": 0.17}) == "Survived"
    assert headline(DEATH, 1, None) == "Died within follow-up"


def test_a_reported_class_is_said_with_its_probability_whichever_class_is_predicted() -> None:
    reported = replace(DEATH, reported="1")
    assert headline(reported, 0, {"0": 0.83, "1": 0.17}) == "Died within follow-up: 17.0 %"
    assert headline(reported, 1, {"0": 0.2, "1": 0.8}) == "Died within follow-up: 80.0 %"


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.568, "good: 56.8 %, below the threshold of 60 %"),
        (0.6, "good: 60.0 %, at or above the threshold of 60 %"),
        (0.72, "good: 72.0 %, at or above the threshold of 60 %"),
        (0.5999, "good: 59.99 %, below the threshold of 60 %"),
        (0.5999999, "good: 59.99999 %, below the threshold of 60 %"),
    ],
)
def test_an_answer_below_its_threshold_does_not_look_like_one_above_it(share: float, text: str) -> None:
    assert headline(CREDIT, "good", {"good": share, "bad": 1 - share}) == text


def test_a_threshold_of_another_class_leaves_the_answer_as_it_is() -> None:
    assert headline(CREDIT, "bad", {"good": 0.3, "bad": 0.7}) == "bad"


@pytest.mark.parametrize(
    ("value", "text"), [(7.2549, "7.3 lb"), (-7.25, "−7.2 lb"), (-0.01, "0.0 lb"), (12345.678, "12\u202f345.7 lb")]
)
def test_a_number_has_the_decimals_and_the_unit_of_the_card(value: float, text: str) -> None:
    assert quantity(Output(name="y", unit="lb", digits=1), value) == text


def test_a_cluster_can_have_a_label_though_the_model_does_not_list_its_clusters() -> None:
    groups = Output(name="y", class_labels={"2": "young and thrifty"})
    assert [class_words(groups, each, "clustering") for each in (1, 2)] == ["1", "young and thrifty"]
    assert headline(groups, 2, None, "clustering") == "young and thrifty"
