"""Names and numbers as people write them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.helpers.formatting import (
    choice_labels,
    label,
    listing,
    moment,
    number,
    percent,
    plain_number,
    short_moment,
    title,
    words,
)
from webapp.types import Value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("bill_length_mm", "Bill length (mm)"),
        ("sepal length (cm)", "Sepal length (cm)"),
        ("island", "Island"),
        ("x0", "x0"),
        ("mm", "mm"),
        ("f0", "f0"),
        ("_x", "x"),
        ("___", "___"),
        ("a[b]", "A[b]"),
        ("🌧", "🌧"),
        ("model_dump", "Model dump"),
        ("", ""),
    ],
)
def test_a_label_reads_like_words(name: str, text: str) -> None:
    assert label(name) == text


def test_a_title_has_no_hyphens() -> None:
    assert title("penguin-mass") == "Penguin mass"


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0, 6, "0"),
        (0.0, 6, "0"),
        (12.5, 6, "12.5"),
        (0.1 + 0.2, 6, "0.3"),
        (-4.25, 6, "−4.25"),
        (1234567, 6, "1\u202f234\u202f567"),
        (1234.5, 6, "1234.5"),
        (2008, 6, "2008"),
        (-9999.5, 6, "−9999.5"),
        (9999.9999, 6, "10\u202f000"),
        (12345.5, 6, "12\u202f345.5"),
        (123450.4, 6, "123\u202f450"),
        (150.2, 3, "150"),
        (4207.06, 3, "4207"),
        (999999.9, 6, "1\u202f000\u202f000"),
        (0.000123456789, 6, "0.000123457"),
        (0.00001, 6, "1e−05"),
        (-1.25e-9, 6, "−1.25e−09"),
        (1e20, 6, "1e+20"),
        (1e15, 6, "1e+15"),
    ],
)
def test_a_number_has_groups_and_no_needless_digits(value: float, digits: int, text: str) -> None:
    assert number(value, digits) == text


@given(st.floats(-1e300, 1e300), st.integers(3, 6))
@settings(deadline=None)
def test_a_number_is_never_far_from_what_it_stands_for(value: float, digits: int) -> None:
    read = float(number(value, digits).replace("\u202f", "").replace("−", "-"))
    assert read == pytest.approx(value, rel=10 ** (1 - digits), abs=0)


@given(st.floats(allow_nan=False, allow_infinity=False))
@settings(deadline=None)
def test_a_plain_number_loses_nothing(value: float) -> None:
    assert float(plain_number(value)) == value


@pytest.mark.parametrize(("value", "text"), [(2.0, "2"), (0.1, "0.1"), (1e20, "1e+20"), (-3, "-3"), (-0.0, "0")])
def test_a_plain_number_can_be_typed(value: float, text: str) -> None:
    assert plain_number(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(None, "not given"), (True, "yes"), (False, "no"), ("Ulm", "Ulm"), (1234.5, "1234.5")]
)
def test_words_for_any_value(value: Value, text: str) -> None:
    assert words(value) == text


@pytest.mark.parametrize(
    ("choices", "labels"),
    [
        (("a", "b"), ("a", "b")),
        ((False, True), ("no", "yes")),
        ((1, 2.5), ("1", "2.5")),
        ((2020, 2021), ("2020", "2021")),
        ((1, "1"), ("1", "'1'")),
        ((" Private", " State-gov"), ("Private", "State-gov")),
        (("", "a"), ("''", "'a'")),
        (("a", " a"), ("'a'", "' a'")),
        (("one\ntwo",), ("one two",)),
        ((), ()),
    ],
)
def test_no_two_choices_look_alike_and_none_looks_blank(choices: tuple[Value, ...], labels: tuple[str, ...]) -> None:
    assert choice_labels(choices) == labels


@given(st.lists(st.text() | st.integers(), unique=True))
@settings(deadline=None)
def test_a_browser_can_fold_the_blanks_of_a_label(choices: list[Value]) -> None:
    labels = choice_labels(tuple(choices))
    assert len({" ".join(each.split()) for each in labels} - {""}) == len(choices)


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0.0 %"),
        (0.0004, "< 0.1 %"),
        (0.001, "0.1 %"),
        (0.5, "50.0 %"),
        (0.999, "99.9 %"),
        (0.99951, "> 99.9 %"),
        (1, "100.0 %"),
    ],
)
def test_a_percentage_keeps_a_doubt(share: float, text: str) -> None:
    assert percent(share) == text


@pytest.mark.parametrize(
    ("zone", "text", "short"),
    [
        ("UTC", "28 February 2026, 23:05 UTC", "28 Feb 2026, 23:05"),
        ("Europe/Berlin", "1 March 2026, 00:05 CET", "1 Mar 2026, 00:05"),
        # It has no name for its time.
        ("America/Sao_Paulo", "28 February 2026, 20:05 UTC-03", "28 Feb 2026, 20:05"),
    ],
)
def test_a_moment_is_in_the_time_zone_of_its_readers(zone: str, text: str, short: str) -> None:
    time = datetime(2026, 3, 1, 1, 5, tzinfo=timezone(timedelta(hours=2)))
    assert (moment(time, ZoneInfo(zone)), short_moment(time, ZoneInfo(zone))) == (text, short)


@pytest.mark.parametrize(("parts", "text"), [(["a"], "a"), (["a", "b"], "a or b"), (["a", "b", "c"], "a, b or c")])
def test_a_listing_reads_like_a_sentence(parts: list[str], text: str) -> None:
    assert listing(parts) == text
