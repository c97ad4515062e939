"""webapp.helpers.pages.histogram"""

from __future__ import annotations

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.helpers.pages.histogram import BARS, histogram


def test_the_bounds_are_round_numbers_and_each_answer_counts_once() -> None:
    chart = histogram(Counter({3012.5: 1, 3500.0: 2, 5990.0: 4}))
    assert (chart.low, chart.high, chart.total) == ("3000", "6000", 7)
    filled = {bin.text: (bin.count, bin.height) for bin in chart.bins if bin.count}
    assert filled == {
        "3000 to 3200": (1, 5.0),
        "3400 to 3600": (2, 10.0),
        "5800 to 6000": (4, 20.0),
    }


@pytest.mark.parametrize("counts", [{}, {4.0: 3}, {-1e308: 1, 1e308: 1}])
def test_answers_that_do_not_differ_or_differ_too_much_are_not_drawn(counts: dict[float, int]) -> None:
    assert histogram(counts) is None


@given(st.dictionaries(st.floats(-1e300, 1e300), st.integers(1, 9), min_size=2))
def test_any_answers_fit_into_a_few_bars(counts: dict[float, int]) -> None:
    chart = histogram(counts)
    if chart is not None:
        assert chart.total == sum(counts.values())
        assert len(chart.bins) <= BARS + 2
        assert all(0 <= bin.x < 100 and 0 <= bin.height <= 20 and math.isfinite(bin.x) for bin in chart.bins)
