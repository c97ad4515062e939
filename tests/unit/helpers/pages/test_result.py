"""A prediction as a person reads it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.helpers.records.test_representation import prediction
from webapp.helpers.pages.result import input_rows, results, short_answer
from webapp.types import Answer, Feature, Output, Prediction, Signature, Task


def answered(value: Any, probabilities: Any = None) -> Prediction:
    return prediction(answer=Answer(prediction=value, probabilities=probabilities))


def test_a_number_is_one_result_without_bars() -> None:
    (result,) = results(answered(4207.0566))
    assert (result.name, result.text, result.bars) == ("", "4207.06", ())


def test_bars_begin_with_the_most_probable_class() -> None:
    (result,) = results(answered("b", {"a": 0.2, "b": 0.7996, "c": 0.0004}))
    assert [(bar.label, bar.text) for bar in result.bars] == [("b", "80.0 %"), ("a", "20.0 %"), ("c", "< 0.1 %")]


@pytest.mark.parametrize(("value", "name"), [("b", "b"), (1, "1"), (True, "True"), (0.5, "0.5")])
def test_the_bar_of_the_answer_is_marked(value: Any, name: str) -> None:
    (result,) = results(answered(value, {"other": 0.6, name: 0.4}))
    assert [(bar.label, bar.chosen) for bar in result.bars] == [("other", False), (name, True)]
    assert result.text == name


def test_several_outputs_are_as_many_results() -> None:
    found = results(answered([1, "b"], [{"0": 0.1, "1": 0.9}, {"a": 0.3, "b": 0.7}]))
    assert [(result.name, result.text, len(result.bars)) for result in found] == [("y0", "1", 2), ("y1", "b", 2)]


def test_several_numbers_are_as_many_results() -> None:
    assert [(result.name, result.text) for result in results(answered([1.5, 2.0]))] == [("y0", "1.5"), ("y1", "2")]


def test_no_answer_is_no_result() -> None:
    assert results(prediction(answer=None)) == ()


@pytest.mark.parametrize(
    ("value", "text"), [("Adelie", "Adelie"), (1234.5, "1234.5"), ([1, "b"], "1, b"), (True, "yes"), (0.0, "0")]
)
def test_in_short(value: Any, text: str) -> None:
    assert short_answer(answered(value)) == text


@pytest.mark.parametrize(
    ("value", "task", "text"),
    [
        (1, "outlier detection", "typical"),
        (-1, "outlier detection", "unusual"),
        (1, "classification", "1"),
        (-1, None, "−1"),
    ],
)
def test_a_detector_of_outliers_answers_in_a_word(value: int, task: Task | None, text: str) -> None:
    signature = Signature(task=task, features=(), outputs=(Output(name="y"),)) if task else None
    (result,) = results(answered(value), signature)
    assert (result.text, result.bars, short_answer(answered(value), signature)) == (text, (), text)


def test_in_short_without_an_answer() -> None:
    assert short_answer(prediction(answer=None)) == "no answer"


INPUTS = {"note": None, "size_mm": 1.5}


def form(*names: str) -> Signature:
    return Signature(task="regression", features=tuple(Feature(name=name) for name in names), outputs=())


@pytest.mark.parametrize(
    ("signature", "names"),
    [
        (form("size_mm", "note"), ["Size (mm)", "Note"]),
        (form("size_mm"), ["Note", "Size (mm)"]),
        (form("size_mm", "note", "new"), ["Note", "Size (mm)"]),
        (None, ["Note", "Size (mm)"]),
    ],
)
def test_inputs_come_in_the_forms_order_if_it_is_still_the_same(signature: Signature | None, names: list[str]) -> None:
    assert [name for name, _ in input_rows(INPUTS, signature)] == names


def test_inputs_are_written_in_words() -> None:
    assert input_rows(INPUTS, None) == [("Note", "not given"), ("Size (mm)", "1.5")]


def test_a_rejected_request_has_no_inputs() -> None:
    assert input_rows(None, form("size_mm")) == []
