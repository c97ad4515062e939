"""What deserves a warning in a valid input."""

from __future__ import annotations

from typing import Any

import pytest

from webapp.models.guardrails.checks import Checks
from webapp.types import SAMPLE_SOURCE, Feature, Range, Signature, Usual, Value


def warned(value: Value, **feature: Any) -> list[str]:
    signature = Signature(task="regression", features=(Feature(**{"name": "size"} | feature),), outputs=())
    return [notice.msg for notice in Checks(signature).warnings({"size": value})]


EXACT = Range(low=1, high=9.5, exact=True, source="a test")
GUESS = Range(low=1, high=9.5, exact=False, source="a test")


@pytest.mark.parametrize("value", [1, 5, 9.5, 9.5000001, None])
def test_it_is_silent_within_the_range(value: Value) -> None:
    assert warned(value, range=EXACT) == []


@pytest.mark.parametrize("value", [0.99, 9.51, -1e300])
def test_it_warns_outside_the_range(value: Value) -> None:
    assert warned(value, range=EXACT) == ["Size is outside the training range (1 to 9.5)."]


def test_it_says_when_the_range_is_a_guess() -> None:
    assert warned(10, range=GUESS) == ["Size is outside the training range (about 1 to 9.5)."]


def test_it_names_the_sample_where_the_range_is_its_own() -> None:
    of_sample = Range(low=0, high=48, exact=True, source=SAMPLE_SOURCE)
    assert warned(49, range=of_sample) == ["Size is outside the range of the sample (0 to 48)."]


def test_a_mean_gives_no_range_and_only_what_is_far_away_is_warned_about() -> None:
    usual = Usual(low=2, high=4, mean=3.0, sd=1.0, far=(-27, 33), source="a test")
    assert [warned(value, usual=usual) for value in (-10, 9, 33)] == [[], [], []]
    assert warned(40, usual=usual) == [
        "Size is far from what is usual (on average 3 in training, standard deviation 1)."
    ]


def test_it_warns_far_from_all_splits_of_trees() -> None:
    assert [warned(value, splits=(10.0, 20.0)) for value in (0, 25, 120)] == [[], [], []]
    assert warned(121, splits=(10.0, 20.0)) == ["Size is far from all values that the model tells apart."]


def test_it_warns_of_a_number_that_is_none_of_the_few_of_the_sample() -> None:
    known = {"suggestions": (1, 2, 3), "range": Range(low=1, high=3, exact=True, source=SAMPLE_SOURCE)}
    assert warned(2.0, **known) == []
    assert warned(7.0, **known) == ["Size has a value that does not occur in the sample."]


def test_it_warns_of_a_fraction_where_whole_numbers_were_met() -> None:
    sentence = "Size is not a whole number; the training values seem to have been whole numbers."
    assert warned(3.5, kind="integer") == [sentence]


def test_it_is_silent_about_a_whole_number() -> None:
    assert warned(3.0, kind="integer") == []


@pytest.mark.parametrize("value", ["x", True, None])
def test_it_is_silent_about_what_is_no_number(value: Value) -> None:
    assert warned(value, kind="category", choices=(value,)) == []


def test_it_says_what_the_model_took_for_a_blank() -> None:
    known = {"optional": True, "default": 44.45, "range": EXACT}
    assert warned(None, **known) == ["1 input was left blank and filled in by the model: Size (44.45)."]
    assert warned(5, **known) == []


def test_it_says_so_of_a_category_too() -> None:
    known = {"kind": "boolean", "choices": (False, True), "optional": True, "default": True}
    said = "1 input was left blank and filled in by the model: Size (yes)."
    assert (warned(None, **known), warned(False, **known)) == ([said], [])


def test_one_warning_names_all_blanks_in_the_order_of_the_form() -> None:
    features = (
        Feature(name="age", optional=True, default=36.0, range=EXACT),
        Feature(name="body_mass_g", optional=True, default=4050.0),
        Feature(name="housing", kind="category", choices=("owner", "rent"), optional=True, default="owner"),
        Feature(name="debt", optional=True),
    )
    order = ("housing", "debt", "body_mass_g", "age")
    checks = Checks(Signature(task="regression", features=features, outputs=(), order=order))
    (notice,) = checks.warnings({"age": 5.0, "body_mass_g": None, "housing": None, "debt": None})
    assert notice.loc == ()
    assert notice.msg == ("2 inputs were left blank and filled in by the model: Housing (owner), Body mass (4050 g).")
    (notice,) = checks.warnings({"age": 5.0, "body_mass_g": 1.0, "housing": None, "debt": None})
    assert notice.loc == ("housing",)


def test_it_is_silent_about_a_blank_that_the_model_understands() -> None:
    assert warned(None, optional=True, range=EXACT) == []


def test_it_names_the_feature_as_the_place() -> None:
    signature = Signature(task="regression", features=(Feature(name="a[b]", range=EXACT),), outputs=())
    assert Checks(signature).warnings({"a[b]": 99})[0].loc == ("a[b]",)


def test_it_says_which_inputs_are_guessed() -> None:
    features = tuple(Feature(name=name, guessed=name != "age") for name in ["age", "sex", "plan"])
    checks = Checks(Signature(task="regression", features=features, outputs=()))
    (notice,) = checks.warnings(dict.fromkeys(["age", "sex", "plan"], 1.0))
    assert notice.msg == "The model does not show for certain what Sex and Plan must be; this answer is a guess."


def test_it_names_only_a_few_of_many_guesses() -> None:
    features = tuple(Feature(name=f"input {index}", guessed=True) for index in range(50))
    checks = Checks(Signature(task="regression", features=features, outputs=()))
    (notice,) = checks.warnings({feature.name: 1.0 for feature in features})
    assert "Input 2 and 47 more inputs" in notice.msg


@pytest.mark.parametrize(("value", "count"), [(0.0, 0), (1.0, 0), (7.0, 1), (0.4, 1), (-1.0, 1)])
def test_it_warns_of_another_number_where_trees_only_know_0_and_1(value: Value, count: int) -> None:
    sentence = "Size is neither 0 nor 1; the training values seem to have been 0 and 1."
    assert warned(value, splits=(0.5, 0.5)) == [sentence] * count
    assert len(warned(value, flag=True)) == count
