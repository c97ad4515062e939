"""Texts and numbers that occur in the fitted state of an estimator, so that an input may have had them in training."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any

import numpy as np
import pandas as pd

from webapp.cell.estimator.nested import nested_estimators
from webapp.helpers.inputs.form_values import NUMBER
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


def own_texts(estimator: Any, names: Sequence[str]) -> dict[str, list[str]]:
    """Return for some inputs the texts that an encoder keeps under the name of that very input.

    Such an input is a text, or a number or date that nothing keeps as one; again, trying decides.
    """
    found: dict[str, dict[Value, None]] = {name: {} for name in names}
    for part in nested_estimators(estimator):
        columns, lists = getattr(part, "feature_names_in_", ()), _categories(part)
        if isinstance(getattr(part, "categories_", None), list) and len(columns) == len(lists):
            for name, values in zip(map(str, columns), lists, strict=True):
                found.get(name, {}).update(dict.fromkeys(values))
        if not type(part).__module__.startswith("sklearn."):
            for name, kept in _kept_by_name(list(vars(part).values()), found, 0):
                found[name].update(dict.fromkeys(_values(kept, 1)))
    return {name: texts for name, words in found.items() if (texts := _texts(name, words, names))}


def _kept_by_name(state: Any, names: Container[str], depth: int) -> Iterator[tuple[str, Any]]:
    """Yield what mappings hold under the names of inputs, and mappings one of whose values is such a name."""
    if isinstance(state, Mapping):
        about = [value for value in state.values() if isinstance(value, str) and value in names]
        if len(state) > 1 and len(about) == 1 and not any(key in names for key in state):
            yield about[0], [value for value in state.values() if value is not about[0]]
        # A single word says something about the input, such as how it is treated, and is no value of it.
        yield from ((key, kept) for key, kept in state.items() if key in names and not isinstance(kept, str))
    elif depth < MAX_DEPTH and isinstance(state, list | tuple):
        for inner in state:
            yield from _kept_by_name(inner, names, depth + 1)


def _texts(name: str, words: Iterable[Value], names: Container[str]) -> list[str]:
    """Return the words if all are texts, without names of columns."""
    others = [word for word in words if not isinstance(word, str) or not (word in names or word.startswith(f"{name}_"))]
    texts = [word for word in others if isinstance(word, str) and not NUMBER.fullmatch(word)]
    return texts[:MAX_WORDS] if len(texts) == len(others) else []


def _categories(part: Any) -> list[list[Value]]:
    if isinstance(known := getattr(part, "categories_", None), list):
        return [list(islice(_values(values, 0), MAX_WORDS)) for values in known]
    if type(part).__module__.startswith("sklearn."):
        return []
    # A number by itself is a setting or a count.
    words = chain.from_iterable(_values(value, 0) for value in vars(part).values())
    return [list(islice(words, MAX_WORDS * MAX_WORDS))]


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
