"""Finds rows that are out of order."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise


def misplaced(places: Sequence[int]) -> set[int]:
    """Return the smallest set of these distinct places without which the others are in rising order."""
    if all(one < other for one, other in pairwise(places)):
        return set()
    return set(places) - set(_longest_rising(places))


def _longest_rising(places: Sequence[int]) -> list[int]:
    """Find the longest rising subsequence, by keeping for each length the one that ends lowest."""
    ends: list[int] = []
    before: dict[int, int | None] = {}
    for place in places:
        length = bisect_left(ends, place)
        before[place] = ends[length - 1] if length else None
        ends[length : length + 1] = [place]
    part: list[int] = []
    place_before: int | None = ends[-1] if ends else None
    while place_before is not None:
        part.append(place_before)
        place_before = before[place_before]
    return part
