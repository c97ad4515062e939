"""The histogram of the answers of a regression model."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from webapp.helpers.formatting import number

#: About how many bars a histogram has.
BARS = 16
#: The widths of a bar, times a power of ten, that people can read.
ROUND_WIDTHS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True, kw_only=True)
class Bin:
    """The answers from one number up to the next, and their bar in the coordinates of the chart."""

    text: str
    count: int
    x: float
    height: float


@dataclass(frozen=True, kw_only=True)
class Histogram:
    """How many answers lie where, the lowest first; the chart is 100 wide and 20 high."""

    bins: tuple[Bin, ...]
    total: int
    #: The numbers at both ends.
    low: str
    high: str


def histogram(counts: Mapping[float, int]) -> Histogram | None:
    """Count answers in bins whose bounds are round numbers; None if they don't differ."""
    low, high = min(counts, default=0.0), max(counts, default=0.0)
    if not low < high or not math.isfinite(high - low):
        return None
    width = _round_width((high - low) / BARS)
    first = math.floor(low / width)
    in_bins = [0] * (math.floor(high / width) - first + 1)
    for answer, count in counts.items():
        in_bins[math.floor(answer / width) - first] += count
    bounds = [number((first + place) * width) for place in range(len(in_bins) + 1)]
    most = max(in_bins)
    bins = tuple(
        Bin(
            text=f"{bounds[place]} to {bounds[place + 1]}",
            count=count,
            x=round(place * 100 / len(in_bins), 3),
            height=round(20 * count / most, 3),
        )
        for place, count in enumerate(in_bins)
    )
    return Histogram(bins=bins, total=sum(in_bins), low=bounds[0], high=bounds[-1])


def _round_width(width: float) -> float:
    """Return the next round number that is not smaller."""
    power = 10.0 ** math.floor(math.log10(width))
    return next(each * power for each in ROUND_WIDTHS if each * power >= width * (1 - 1e-9))
