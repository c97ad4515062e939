"""Warns about two values of one instance that never occurred together in the sample."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence

from webapp.helpers.feature_words import labels_of
from webapp.helpers.formatting import feature_label, number
from webapp.models.card.fields import Cell, EmptyPair
from webapp.types import Feature, Instance, Notice, Signature, Value

#: Maximum number of pairs that the warnings of one instance name.
MAX_NAMED_PAIRS = 3

Key = tuple[str, type, Value, float | None, float | None]


class UnseenPairs:
    """Index of the pairs that never occurred together, for look-up feature by feature."""

    def __init__(self, pairs: Sequence[EmptyPair], signature: Signature, rows: int) -> None:
        features = {feature.name: feature for feature in signature.features}
        self._choices: dict[str, dict[tuple[type, Value], Key]] = defaultdict(dict)
        self._spans: dict[str, list[tuple[float, float, Key]]] = defaultdict(list)
        self._others: dict[Key, list[tuple[str, Key, int, Notice]]] = defaultdict(list)
        for rank, pair in enumerate(pairs):
            first, second = self._add(pair.first), self._add(pair.second)
            notice = _notice(pair, features, rows)
            self._others[first].append((pair.second.feature, second, rank, notice))

    def _add(self, cell: Cell) -> Key:
        key = (cell.feature, type(cell.value), cell.value, cell.above, cell.to)
        if cell.value is not None:
            self._choices[cell.feature][type(cell.value), cell.value] = key
        else:
            span = (-math.inf if cell.above is None else cell.above, math.inf if cell.to is None else cell.to, key)
            if span not in self._spans[cell.feature]:
                self._spans[cell.feature].append(span)
        return key

    def warnings(self, instance: Instance) -> list[Notice]:
        """Return a warning for each unseen pair in an instance, the most expected pairs first."""
        if not self._others:
            return []
        cells = self._cells(instance)
        ranked = [
            (rank, notice)
            for key in cells.values()
            for name, other, rank, notice in self._others.get(key, ())
            if cells.get(name) == other
        ]
        notices = [notice for _, notice in sorted(ranked, key=lambda pair: pair[0])]
        if len(notices) <= MAX_NAMED_PAIRS:
            return notices
        return [*notices[:MAX_NAMED_PAIRS], _more(len(notices) - MAX_NAMED_PAIRS)]

    def _cells(self, instance: Instance) -> dict[str, Key]:
        cells = {}
        for name, choices in self._choices.items():
            value = instance[name]
            if (type(value), value) in choices:
                cells[name] = choices[type(value), value]
        for name, spans in self._spans.items():
            value = instance[name]
            if isinstance(value, int | float):
                for low, high, key in spans:
                    if low < value <= high:
                        cells[name] = key
        return cells


def _notice(pair: EmptyPair, features: dict[str, Feature], rows: int) -> Notice:
    first, second = (_words(cell, features[cell.feature]) for cell in (pair.first, pair.second))
    msg = f"The sample of {number(rows)} cases has no case with {first} and {second}."
    return Notice(loc=(pair.first.feature,), msg=msg)


def _more(count: int) -> Notice:
    pairs = "pair" if count == 1 else "pairs"
    return Notice(loc=(), msg=f"The same is true of {number(count)} more {pairs} of values.")


def _words(cell: Cell, feature: Feature) -> str:
    label = feature_label(feature)
    if cell.value is not None:
        known = {
            (type(choice), choice): text
            for choice, text in zip(feature.choices, labels_of(feature, feature.choices), strict=True)
        }
        return f"{label} {known.get((type(cell.value), cell.value), cell.value)}"
    if cell.above is None:
        return f"{label} up to {number(cell.to or 0.0)}"
    return f"{label} above {number(cell.above)}" + ("" if cell.to is None else f" and up to {number(cell.to)}")
