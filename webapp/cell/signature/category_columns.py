"""Which inputs of a LightGBM model are columns of pandas' categories: the model keeps their lists without their names.

A list belongs to a column whose values in training were codes of it. LightGBM keeps the lists in the order of the
columns, ordered categories included; it names the columns that it splits as categories, numbers included. So neither
says by itself which list belongs where.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from webapp.errors import NotServable

#: LightGBM's category for a blank, and for whatever it has not met.
BLANK_CODE = -1
Fits = Callable[[int, int], bool]


@dataclass(frozen=True)
class CategoryColumns:
    """Which list of categories belongs to which column."""

    lists: Mapping[int, Sequence[object]]
    #: Whether another reading is possible, though it is not the usual one.
    guessed: bool = False


@dataclass(frozen=True)
class TrainingValues:
    """What LightGBM has noted of the training values of a column: its categories, or the ends of its range."""

    values: tuple[float, ...]
    is_split_as_category: bool

    @classmethod
    def of(cls, info: str, *, is_split_as_category: bool) -> TrainingValues:
        """Read ``[1:5]``, ``0:2:1`` or, for a column that no tree can split, ``none``."""
        numbers = [float(value) for value in info.strip("[]").split(":")] if info != "none" else []
        if is_split_as_category:
            numbers = [number for number in numbers if number != BLANK_CODE]
        return cls(tuple(numbers), is_split_as_category)

    def fit(self, categories: Sequence[object]) -> bool:
        """Return whether they can be codes of these categories."""
        return all(0 <= value < len(categories) and value.is_integer() for value in self.values)

    def are_all(self, categories: Sequence[object]) -> bool:
        """Return whether they look like codes of all of these categories; rare categories are not noted."""
        if not self.fit(categories):
            return False
        return self.is_split_as_category or set(self.values) == {0.0, float(len(categories) - 1)}


def match_categories(columns: Sequence[TrainingValues], lists: Sequence[Sequence[object]]) -> CategoryColumns:
    """Find the column of each list.

    Raises
    ------
    NotServable
        When there is none, or when several are as likely.
    """
    count, first = _ways(columns, lists, lambda column, place: columns[column].fit(lists[place]))
    if count == 1:
        return CategoryColumns(dict(zip(first, lists, strict=True)))
    usual_count, usual = _ways(columns, lists, _usual(columns, lists), must_take=_must_take(columns, lists))
    if count == 0 or usual_count != 1:
        raise NotServable(
            "LightGBM keeps lists of categories without the names of their inputs, and which list belongs to which "
            "input can't be told. Fit it again behind an OrdinalEncoder instead of on pandas' categories."
        )
    likely_count, _ = _ways(columns, lists, lambda column, place: columns[column].are_all(lists[place]))
    return CategoryColumns(dict(zip(usual, lists, strict=True)), guessed=likely_count > 1)


def _usual(columns: Sequence[TrainingValues], lists: Sequence[Sequence[object]]) -> Fits:
    """Return whether a column has a list if all that are split as categories have, or only such columns."""
    only_split = sum(column.is_split_as_category for column in columns) >= len(lists)

    def fits(column: int, place: int) -> bool:
        found = columns[column]
        return found.are_all(lists[place]) and (found.is_split_as_category or not only_split)

    return fits


def _must_take(columns: Sequence[TrainingValues], lists: Sequence[Sequence[object]]) -> frozenset[int]:
    split = frozenset(index for index, column in enumerate(columns) if column.is_split_as_category)
    return split if len(split) <= len(lists) else frozenset()


def _ways(
    columns: Sequence[object], lists: Sequence[object], fits: Fits, must_take: frozenset[int] = frozenset()
) -> tuple[int, tuple[int, ...]]:
    """Return in how many ways each list can have a column, in the order of both, 2 for more, and the first of them."""
    # For each column and list, the ways to give the lists from there on columns from there on.
    counts = [[0] * len(lists) + [1]]
    for column in reversed(range(len(columns))):
        after = counts[-1]
        skipped = [0] * len(after) if column in must_take else after
        counts.append(
            [
                min(2, skipped[place] + (after[place + 1] if after[place + 1] and fits(column, place) else 0))
                for place in range(len(lists))
            ]
            + skipped[-1:]
        )
    counts.reverse()
    first: list[int] = []
    for column in range(len(columns)):
        place = len(first)
        if place < len(lists) and counts[column + 1][place + 1] and fits(column, place):
            first.append(column)
    return counts[0][0], tuple(first)
