"""From a signature to the fields of its form."""

from __future__ import annotations

from typing import Any

import pytest

from webapp.helpers.pages.form_fields import FormField, form_fields
from webapp.types import SAMPLE_SOURCE, Feature, Notice, Range, Signature, Usual


def field(value: str = "", errors: list[Notice] | None = None, **feature: Any) -> FormField:
    signature = Signature(task="regression", features=(Feature(**{"name": "size_mm"} | feature),), outputs=())
    (made,) = form_fields(signature, {"size_mm": value}, errors or [])
    return made


def span(low: float, high: float, exact: bool = True) -> Range:
    return Range(low=low, high=high, exact=exact, source="a test")


def usual(**known: Any) -> Usual:
    return Usual(low=1, high=9, source="a test", **known)


@pytest.mark.parametrize(("kind", "control"), [("number", "number"), ("integer", "number"), ("text", "textarea")])
def test_each_kind_has_its_control(kind: str, control: str) -> None:
    assert field(kind=kind).control == control


@pytest.mark.parametrize(
    ("count", "control"), [(1, "radios"), (5, "radios"), (6, "select"), (15, "select"), (16, "list"), (400, "list")]
)
def test_the_number_of_choices_decides_how_they_are_offered(count: int, control: str) -> None:
    assert field(kind="category", choices=tuple(range(count))).control == control


def test_yes_or_no_is_offered_as_two_radios() -> None:
    assert field(kind="boolean", choices=(False, True)).control == "radios"


FLAGS: list[dict[str, Any]] = [{"flag": True}, {"splits": (0.5, 0.5)}]


@pytest.mark.parametrize("feature", FLAGS)
def test_0_and_1_are_offered_as_two_radios(feature: dict[str, Any]) -> None:
    made = field("yes (1)", **feature)
    assert (made.control, made.options) == ("radios", ("no (0)", "yes (1)"))


def test_a_few_whole_numbers_of_the_sample_are_choices() -> None:
    made = field("3", suggestions=(1, 2, 3, 4))
    assert (made.control, made.options) == ("radios", ("1", "2", "3", "4"))


@pytest.mark.parametrize("feature", [*FLAGS, {"suggestions": (1, 2, 3)}])
def test_a_number_that_is_no_choice_stays_in_sight(feature: dict[str, Any]) -> None:
    assert field("7", **feature).control == "number"


def test_it_keeps_what_was_typed() -> None:
    assert field("1,5").value == "1,5"


def test_it_labels_a_field_in_words() -> None:
    assert (field().label, field().name) == ("Size (mm)", "size_mm")


def test_it_offers_the_choices() -> None:
    assert field(kind="boolean", choices=(False, True)).options == ("no", "yes")


def test_it_shows_the_first_error_of_a_field() -> None:
    errors = [Notice(loc=("size_mm",), msg="one"), Notice(loc=("size_mm",), msg="two"), Notice(loc=(), msg="all")]
    assert field(errors=errors).error == "one"


def test_a_field_without_error_has_none() -> None:
    assert field(errors=[Notice(loc=("other",), msg="one")]).error is None


@pytest.mark.parametrize(
    ("feature", "hint"),
    [
        ({}, ""),
        ({"range": span(4.3, 1234.5)}, "In training: 4.3 to 1\u202f234.5."),
        ({"range": span(-150.2, 150.2, exact=False)}, "In training: about −150 to 150."),
        ({"range": Range(low=0, high=48, exact=True, source=SAMPLE_SOURCE)}, "In the sample: 0 to 48."),
        ({"usual": usual(mean=3.21, sd=1.5)}, "On average 3.21 in training, standard deviation 1.5."),
        ({"usual": usual(nearly_all=True)}, "In training: mostly 1 to 9."),
        ({"usual": usual(), "typical": 36.0}, "Typically 36."),
        ({"kind": "integer"}, "A whole number."),
        ({"kind": "integer", "range": span(18, 80)}, "A whole number. In training: 18 to 80."),
        ({"optional": True, "default": 2.5}, "If blank, 2.5 is used."),
        ({"kind": "boolean", "optional": True, "default": True}, "If blank, yes is used."),
        ({"default": 2.5}, ""),
        ({"optional": True}, ""),
        (
            {"kind": "category", "choices": ("a", "b", "c"), "alike": ("b", "c")},
            "The model treats b and c alike, because they are rare.",
        ),
        (
            {"kind": "category", "choices": tuple("abcdefgh"), "alike": tuple("bcdefg")},
            "The model treats the 6 rarest values alike.",
        ),
        (
            {"kind": "category", "choices": tuple(range(1200)), "optional": True, "default": 7},
            "One of 1\u202f200 known values; start typing and choose one. If blank, 7 is used.",
        ),
    ],
)
def test_it_hints_at_what_is_known(feature: dict[str, Any], hint: str) -> None:
    assert field(**feature).hint == hint


@pytest.mark.parametrize(
    ("feature", "inputmode"),
    [
        ({}, "text"),
        ({"range": span(-1, 1)}, "text"),
        ({"range": span(0, 1)}, "decimal"),
        ({"range": span(0, 1), "kind": "integer"}, "numeric"),
    ],
)
def test_a_telephone_shows_a_keyboard_that_fits(feature: dict[str, Any], inputmode: str) -> None:
    assert field(**feature).inputmode == inputmode


@pytest.mark.parametrize(
    ("optional", "marks"),
    [
        ([True, False, False], ["(optional)", "", ""]),
        ([True, True, False], ["", "", "(required)"]),
        ([True, True], ["", ""]),
        ([False, False], ["", ""]),
        ([True, False], ["(optional)", ""]),
    ],
)
def test_the_rarer_of_required_and_optional_is_marked(optional: list[bool], marks: list[str]) -> None:
    features = tuple(Feature(name=f"x{place}", optional=each) for place, each in enumerate(optional))
    fields = form_fields(Signature(task="regression", features=features, outputs=()), {})
    assert [each.mark for each in fields] == marks


def test_ids_do_not_depend_on_names() -> None:
    features = tuple(Feature(name=name) for name in ["self", "a[b]", "🌧"])
    fields = form_fields(Signature(task="regression", features=features, outputs=()), {})
    assert [(each.id, each.name) for each in fields] == [("f0", "self"), ("f1", "a[b]"), ("f2", "🌧")]
