"""A signature that no estimator has, or that is too large to show, is refused."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from webapp.errors import NotServable
from webapp.models.signature.soundness import MAX_FEATURES, MAX_TEXT_LENGTH, MAX_VALUES, require_sound
from webapp.types import Feature, Output, Range, Signature

SOUND = Signature(
    task="classification",
    features=(
        Feature(name="a", range=Range(low=0, high=1, exact=True, source="the scaler"), typical=0.5),
        Feature(name="b", kind="category", choices=("x", "y", 1, True)),
    ),
    outputs=(Output(name="y", classes=("no", "yes")),),
)
TOO_LARGE = {
    "inputs": {"features": tuple(Feature(name=str(number)) for number in range(MAX_FEATURES + 1))},
    "categories": {"features": (Feature(name="a", kind="category", choices=tuple(range(MAX_VALUES + 1))),)},
    "characters": {"features": (Feature(name="a" * (MAX_TEXT_LENGTH + 1)),)},
}
CONTRADICTIONS: dict[str, dict[str, Any]] = {
    "no output": {"outputs": ()},
    "an input without a name": {"features": (Feature(name=""),)},
    "two inputs of one name": {"features": (Feature(name="a"), Feature(name="a"))},
    "two outputs of one name": {"outputs": (Output(name="a"), Output(name="a"))},
    "two classes that are one": {"outputs": (Output(name="y", classes=("a", "a")),)},
    "a class that is null": {"outputs": (Output(name="y", classes=("a", None)),)},
    "a class that is not a number": {"outputs": (Output(name="y", classes=(1.0, math.nan)),)},
    "a category without choices": {"features": (Feature(name="a", kind="category"),)},
    "a range upside down": {"features": (Feature(name="a", range=Range(low=1, high=0, exact=True, source="")),)},
    "a range without end": {"features": (Feature(name="a", range=Range(low=1, high=math.inf, exact=True, source="")),)},
    "a typical value beyond 64 bits": {"features": (Feature(name="a", typical=10**400),)},
    "an input that is not recorded": {"features": (Feature(name="a", kept="nothing"),)},
    "words of a card": {"features": (Feature(name="a", label="A"),)},
    "labels of values": {"features": (Feature(name="a", value_labels={"1": "yes"}),)},
    "words for an answer": {"outputs": (Output(name="y", classes=("no", "yes"), class_labels={"no": "yes"}),)},
    "a threshold of a card": {"outputs": (Output(name="y", classes=("no", "yes"), thresholds={"no": 0.1}),)},
    "an order": {"order": ("a", "b")},
    "texts of two inputs": {"layout": "texts"},
}


def test_it_takes_what_an_estimator_has() -> None:
    require_sound(SOUND)


@pytest.mark.parametrize("change", TOO_LARGE.values(), ids=TOO_LARGE)
def test_it_says_what_is_too_large(change: dict[str, Any]) -> None:
    with pytest.raises(NotServable, match="has more than 1"):
        require_sound(replace(SOUND, **change))


@pytest.mark.parametrize("change", CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_it_refuses_a_contradiction(change: dict[str, Any]) -> None:
    with pytest.raises(NotServable, match="contradict each other"):
        require_sound(replace(SOUND, **change))
