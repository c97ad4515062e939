"""Names that were nearly right"""

from __future__ import annotations

import pytest

from webapp.helpers.inputs.names import closest_name


@pytest.mark.parametrize(
    ("sent", "names", "meant"),
    [
        ("age", ["Age", "Sex"], "Age"),
        ("Bill length mm", ["bill_length_mm"], "bill_length_mm"),
        ("marital_staus", ["marital_status"], "marital_status"),
        ("x" * 200, ["X" * 200], "X" * 200),
    ],
)
def test_it_finds_the_name_that_was_probably_meant(sent: str, names: list[str], meant: str) -> None:
    assert closest_name(sent, names) == meant


@pytest.mark.parametrize(
    ("sent", "names"),
    [
        ("female", ["male"]),
        ("colour", ["island"]),
        ("checking_account_13", ["checking_account_12"]),
        ("x10", ["x0", "x1"]),
        ("a", ["A+", "A-"]),
        ("!", ["?"]),
        ("", ["a"]),
    ],
)
def test_it_guesses_nothing_where_another_name_or_more_than_one_could_be_meant(sent: str, names: list[str]) -> None:
    assert closest_name(sent, names) is None
