"""What stands above a list of predictions"""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from webapp.helpers.pages.summary import (
    MAX_FACET_VALUES,
    condition_text,
    day_chart,
    facets,
    first_values,
    models_with_numbers,
    unanswered_words,
)
from webapp.helpers.records.filters import Filter

BY_VALUE = {
    "model": Counter(penguins=3, mass=1),
    "version": Counter(a=4),
    "actor": Counter(ada=4),
    "channel": Counter(form=2, json=2),
    "status": Counter(answered=4),
    "class": Counter({str(each): 100 - each for each in range(MAX_FACET_VALUES + 3)}),
}


def test_only_what_leaves_a_choice_is_shown() -> None:
    assert [facet.name for facet in facets(BY_VALUE, Filter())] == ["model", "class", "channel"]
    assert [facet.name for facet in facets(BY_VALUE, Filter(model="penguins"))] == ["class", "channel"]


def test_a_value_asks_for_itself_and_keeps_what_was_chosen() -> None:
    first = facets(BY_VALUE, Filter(model="penguins", oldest=True))[1].values[0]
    assert first.parameters == {"model": "penguins", "channel": "form", "order": "oldest"}


def test_only_the_most_frequent_are_shown_and_how_many_others_there_are() -> None:
    classes = facets(BY_VALUE, Filter())[1]
    assert [value.text for value in classes.values] == [str(each) for each in range(MAX_FACET_VALUES)]
    assert (classes.others, classes.values[0].share, classes.values[1].share) == (3, 1.0, 0.99)


@pytest.mark.parametrize("answer", ["0.5", "-12.25", "1.5e300", "1e-07", "4872.001"])
def test_a_model_that_gives_a_number_that_is_not_whole_gives_no_classes(answer: str) -> None:
    assert models_with_numbers([("mass", "4000.0"), ("mass", answer), ("penguins", "Adelie")]) == {"mass"}


@pytest.mark.parametrize("answer", ["1", "1.0", "-1", "true", "v1.5", '["a", "b"]', None])
def test_whole_numbers_and_texts_may_be_classes(answer: str | None) -> None:
    assert models_with_numbers([("any", answer)]) == set()


def test_a_chart_has_a_bar_for_each_day_up_to_the_highest() -> None:
    chart = day_chart([(date(2026, 11, 1), 2), (date(2026, 11, 2), 0), (date(2026, 11, 3), 8), (date(2026, 11, 4), 4)])
    assert [(bar.x, bar.height) for bar in chart.bars] == [(0, 5), (25, 0), (50, 20), (75, 10)]
    assert (chart.total, chart.most) == (14, 8)


@pytest.mark.parametrize("counted", [[], [(date(2026, 11, 1), 0)]])
def test_there_is_no_chart_of_nothing(counted: list[tuple[date, int]]) -> None:
    assert day_chart(counted) is None


def test_of_a_parameter_that_is_given_twice_the_first_fills_the_form() -> None:
    assert first_values([("model", "a"), ("model", "b"), ("to", "x")]) == {"model": "a", "to": "x"}


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("class", "Adelie", "Answer: Adelie"),
        ("to", "2026-11-24", "Until: 2026-11-24"),
        ("input.a", "1", "a is 1"),
        ("input.a", "null", "a is blank"),
        ("input.a", "> 5", "a > 5"),
        ("input.age", "<= 5", "Age (years) <= 5"),
        ("input.age", "18 to 65", "Age (years) is 18 to 65"),
        ("status", "all", "Status: all"),
        ("actor", "ada", "Who: ada"),
        ("mine", "true", "Mine only"),
        ("warnings", "true", "With warnings"),
    ],
)
def test_a_condition_can_be_read(name: str, value: str, words: str) -> None:
    assert condition_text(name, value, {"age": "Age (years)"}) == words


def test_every_condition_has_words() -> None:
    filter = Filter(
        model="a",
        version="b",
        channel="form",
        status="failed",
        class_="c",
        actor="x",
        mine=True,
        since=date.min,
        until=date.max,
    )
    assert all(condition_text(*each) for each in [*filter.conditions, ("id", "x")])


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        ({"rejected": 1}, "1 invalid request is not shown."),
        ({"failed": 1}, "1 model error is not shown."),
        ({"rejected": 12, "failed": 1}, "12 invalid requests and 1 model error are not shown."),
        ({"rejected": 50, "failed": 2}, "At least 50 invalid requests and 2 model errors are not shown."),
        ({}, ""),
        (None, "Invalid requests and model errors are not shown."),
    ],
)
def test_a_sentence_says_what_is_left_out(counts: dict[str, int] | None, sentence: str) -> None:
    assert unanswered_words(None if counts is None else Counter(counts), 50) == sentence
