"""Texts and numbers that occur in the fitted state of an estimator, so that an input may have had them in training."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd

from webapp.cell.estimator.nested import nested_estimators
from webapp.helpers.storable import is_storable
from webapp.helpers.values import as_value
from webapp.types import Value

#: How many values are tried of each input, and how deep state of an unknown kind is searched.
MAX_WORDS, MAX_DEPTH = 24, 4


def vocabularies(estimator: Any, names: Sequence[str]) -> dict[str, list[Value]]:
    """Return for each input values that it may have had.

    An encoder with a list for each input is a hint which list belongs to which, and no more than that: trying decides.
    """
    found: dict[str, dict[Value, None]] = {name: {} for name in names}
    for part in nested_estimators(estimator):
        lists = _categories(part)
        if len(lists) == len(names):
            for name, values in zip(names, lists, strict=True):
                found[name].update(dict.fromkeys(values))
        else:
            for name in names:
                found[name].update(dict.fromkeys(value for values in lists for value in values))
    return {
        name: list(islice((word for word in words if word not in names), MAX_WORDS)) for name, words in found.items()
    }


def _categories(part: Any) -> list[list[Value]]:
    if isinstance(known := getattr(part, "categories_", None), list):
        return [list(islice(_values(values, 0), MAX_WORDS)) for values in known]
    if type(part).__module__.startswith("sklearn."):
        return []
    return [list(islice(_values(list(vars(part).values()), 0), MAX_WORDS * MAX_WORDS))]


def _values(found: Any, depth: int) -> Iterator[Value]:
    """Yield the texts in state of any kind, and the numbers that it is looked up by."""
    if isinstance(found, str):
        if found and len(found) < 100 and is_storable(found):
            yield found
    elif isinstance(found, int | float | np.number) and not isinstance(found, bool):
        if found == found and depth:
            yield as_value(found)
    elif depth < MAX_DEPTH:
        for inner in _inside(found):
            yield from _values(inner, depth + 1)


def _inside(found: Any) -> Iterator[Any]:
    if isinstance(found, Mapping):
        # What is looked up are keys; numbers that they lead to are not.
        yield from found
        yield from (value for value in found.values() if not isinstance(value, int | float | np.number))
    elif isinstance(found, pd.Series):
        yield from found.index.tolist()
    elif isinstance(found, pd.Index):
        yield from found.tolist()
    elif isinstance(found, np.ndarray):
        yield from found.ravel()[:MAX_WORDS].tolist() if found.dtype.kind in "OUiu" else ()
    elif isinstance(found, list | tuple | set | frozenset):
        yield from found
