"""Labels of choices and classes on a card"""

from __future__ import annotations

from typing import Any

import pytest

from webapp.errors import CardInvalid
from webapp.helpers.feature_words import option_labels, value_words
from webapp.helpers.inputs.form_values import read_form, write_form
from webapp.models.card import Card
from webapp.models.card.apply import with_words
from webapp.types import Feature, Output, Range, Signature

SEX = Feature(name="sex", kind="category", choices=("f", "m"))
ASCITES = Feature(name="ascites", flag=True, range=Range(low=0, high=1, exact=True, source="a scaler"))
STAGE = Feature(name="stage", kind="integer")
SMOKER = Feature(name="smoker", kind="boolean", choices=(False, True))
LABELS = {
    "sex": {"f": "female", "m": "male"},
    "ascites": {"0": "no", "1": "yes"},
    "smoker": {"true": "Smokes", "false": "Doesn't smoke"},
    "stage": {"4": "IV"},
}


def signature(*outputs: Output, probabilities: bool = True, task: Any = "classification") -> Signature:
    return Signature(
        task=task,
        features=(SEX, ASCITES, STAGE, SMOKER),
        outputs=outputs or (Output(name="y", classes=(0, 1)),),
        probabilities=probabilities,
    )


def labelled(**words: Any) -> Signature:
    return with_words(signature(), Card.model_validate(words))


def test_people_read_labels_and_the_model_gets_values() -> None:
    made = labelled(choices=LABELS)
    sex, ascites, stage, smoker = made.features
    assert [option_labels(each) for each in (sex, ascites, smoker)] == [
        ("female", "male"),
        ("no", "yes"),
        ("Doesn't smoke", "Smokes"),
    ]
    assert (sex.choices, value_words(stage, 4.0), value_words(stage, 3.0)) == (("f", "m"), "IV", "3")


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ({"sex": "female"}, "f"),
        ({"sex": " Female "}, "f"),
        ({"sex": "f"}, "f"),
        ({"ascites": "yes"}, 1.0),
        ({"ascites": "1"}, 1.0),
        ({"stage": "IV"}, 4.0),
        ({"stage": "4"}, 4.0),
        ({"smoker": "Smokes"}, True),
    ],
)
def test_a_form_accepts_the_label_and_the_value(typed: dict[str, str], value: Any) -> None:
    made = labelled(choices=LABELS)
    read, problems = read_form({name: [text] for name, text in typed.items()}, made)
    assert (list(read.values()), problems) == ([value], [])
    assert type(next(iter(read.values()))) is type(value)


def test_a_value_comes_back_into_the_form_as_its_label() -> None:
    made = labelled(choices=LABELS)
    inputs = {"sex": "f", "ascites": 1.0, "stage": 4.0, "smoker": False}
    assert list(write_form(inputs, made).values()) == ["female", "yes", "IV", "Doesn't smoke"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({"choices": {"sex": {"f": "person", "m": "Person"}}}, "two choices of “sex” the same label"),
        ({"choices": {"sex": {"f": "m", "m": "f"}}}, "two choices of “sex” the same label"),
        ({"choices": {"sex": {"f": "m"}}}, "two choices of “sex” the same label"),
        ({"choices": {"sex": {"x": "other"}}}, "“x” of “sex”, which is not one of its choices"),
        ({"choices": {"ascites": {"2": "severe"}}}, "“2” of “ascites”, which is not one of its choices"),
        ({"choices": {"stage": {"early": "I"}}}, "“early” of “stage”, which is not one of its choices"),
        ({"choices": {"stage": {"4": "3"}}}, "by a number, which could be taken for its value"),
        ({"choices": {"wings": {"1": "yes"}}}, "“wings”, which is not an input"),
        ({"classes": {"0": "Same", "1": "same"}}, "two classes the same label"),
        ({"classes": {"0": "1"}}, "two classes the same label"),
        ({"classes": {"2": "Moved away"}}, "labels “2”, which is not a class"),
        ({"classes": {"y0": {"0": "no"}}}, "this model has only one"),
        ({"report": "2"}, "reports “2”, which is not a class"),
        ({"thresholds": {"2": 0.5}}, "a threshold for “2”, which is not a class"),
        ({"output": {"label": "Outcome", "unit": "lb"}}, "an output that is not a number"),
    ],
)
def test_a_card_is_refused_whose_labels_could_be_taken_for_each_other_or_fit_nothing(
    words: dict[str, Any], says: str
) -> None:
    with pytest.raises(CardInvalid, match=says):
        labelled(**words)


def test_a_probability_that_the_model_does_not_give_is_not_reported() -> None:
    with pytest.raises(CardInvalid, match="predicts no probabilities"):
        with_words(signature(probabilities=False), Card(report="1"))


def test_a_number_has_no_classes() -> None:
    with pytest.raises(CardInvalid, match="predicts a number"):
        with_words(signature(Output(name="y"), probabilities=False, task="regression"), Card(classes={"0": "no"}))


def test_several_outputs_are_named() -> None:
    two = signature(Output(name="y0", classes=(0, 1)), Output(name="y1", classes=("a", "b")))
    card = Card.model_validate(
        {"classes": {"y0": {"0": "no"}}, "output": {"y1": {"label": "Grade"}}, "report": {"y0": "1"}}
    )
    first, second = with_words(two, card).outputs
    assert (first.class_labels, first.reported, second.label, second.reported) == ({"0": "no"}, "1", "Grade", "")
    for words in ({"classes": {"0": "no"}}, {"output": {"label": "Grade"}}, {"report": "1"}, {"report": {"y": "1"}}):
        with pytest.raises(CardInvalid, match="the card must name them: y0, y1"):
            with_words(two, Card.model_validate(words))


def test_words_that_are_still_blank_count_as_left_out() -> None:
    made = labelled(labels={"sex": ""}, choices={"sex": {"f": "", "m": ""}}, classes={"0": ""}, title="")
    assert (made.features, made.outputs) == (signature().features, signature().outputs)
