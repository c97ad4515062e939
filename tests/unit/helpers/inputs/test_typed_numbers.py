"""Numbers as people type them: each text is one number, or none."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from webapp.helpers.formatting import number
from webapp.helpers.inputs.typed_numbers import EITHER, PERCENT, SEPARATORS, misread_sentence, read_number

UNITS = ["", "€", "months", "month", "kg/m²", "m", "ms", "s", "%", "10^9/L", "-", "e", "°C"]
typed = st.text("0123456789.,'-+eE %€−ms\u202f", max_size=14)
spaces = st.sampled_from(["", " ", "\u00a0"])


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("1,29", "", 1.29),
        ("-0,5", "", -0.5),
        (",5", "", 0.5),
        ("0,125", "", 0.125),
        ("1,2345", "", 1.2345),
        ("3 000,50", "", 3000.5),
        ("€ 300", "€", 300),
        ("3 000 €", "€", 3000),
        ("−3\u202f000 €", "€", -3000),
        ("60 months", "months", 60),
        ("1 month", "months", 1),
        ("60months", "month", 60),
        ("24.5 kg/m²", "kg/m²", 24.5),
        ("15 %", "%", 15),
        ("-5", "-", -5),
    ],
)
def test_it_reads_a_number_with_a_decimal_comma_or_its_unit(text: str, unit: str, value: float) -> None:
    assert read_number(text, unit) == value


@pytest.mark.parametrize("text", ["1,500", "-12,345", "999,000", "1 500,250"])
def test_it_refuses_a_comma_that_may_separate_thousands_or_decimals(text: str) -> None:
    assert (read_number(text), misread_sentence(text)) == (None, EITHER)


@pytest.mark.parametrize(
    "text", ["1,234,567", "1.234,5", "1,234.5", "1.234.567", "1'500", "12345 678", "1 00", "0 500", "5,", "1 2"]
)
def test_it_refuses_other_separators_and_says_how_to_type_it(text: str) -> None:
    assert (read_number(text), misread_sentence(text)) == (None, SEPARATORS)


@pytest.mark.parametrize("unit", ["", "€", "10^9/L"])
def test_a_percent_sign_counts_only_where_the_unit_is_percent(unit: str) -> None:
    assert (read_number("5 %", unit), misread_sentence("5 %", unit)) == (None, PERCENT)


@pytest.mark.parametrize(
    ("text", "unit"),
    [("5 ms", "m"), ("5 m", "ms"), ("5 MONTHS", "months"), ("300 $", "€"), ("5 10^9/L", "10^9/L"), ("5-", "-")],
)
def test_it_takes_no_other_unit_for_the_one_on_the_card(text: str, unit: str) -> None:
    assert read_number(text, unit) is None


@given(typed, st.sampled_from(UNITS))
@settings(deadline=None, max_examples=500)
@example("1,500", "")
@example("5e", "e")
def test_no_text_is_read_as_two_different_numbers(text: str, unit: str) -> None:
    value = read_number(text, unit)
    if value is None:
        return
    # What is left without the unit and spaces has one reading: no comma, or one that stands before decimals.
    bare = re.sub(r"[\s€%ms/²kgonth°C]", "", text.replace("−", "-")).removesuffix("e")
    assert value == float(bare.replace(",", "."))
    assert bare.count(",") + bare.count(".") <= 1
    as_thousands = bare.replace(",", "")
    if "," in bare and f"{abs(int(as_thousands)):,}" == bare.lstrip("+-"):
        pytest.fail(f"{text!r} may be {as_thousands} or {value}")
    # Another unit doesn't make another number of it.
    assert {read_number(text, other) for other in UNITS} <= {None, value}


@given(st.integers(-(10**12), 10**12))
@settings(deadline=None)
def test_thousands_with_commas_are_never_taken_for_decimals(value: int) -> None:
    text = f"{value:,}"
    assert read_number(text) == (value if "," not in text else None)


@given(st.integers(-(10**12), 10**12) | st.floats(-1e12, 1e12), spaces)
@settings(deadline=None)
def test_what_the_pages_show_can_be_typed_with_its_unit_before_or_after(value: float, space: str) -> None:
    shown = number(value)
    assert read_number(shown) == read_number(f"{shown}{space}€", "€") == read_number(f"€{space}{shown}", "€")
    assert read_number(shown) == pytest.approx(value, rel=1e-5, abs=1e-9)
