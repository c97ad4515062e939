"""Rules for attributes by which a file could choose what scikit-learn calls, reads or writes.

A stacking classifier, for example, calls the method that its attribute ``stack_method_`` names, with the
inputs of a client. So such an attribute may hold one of the names that models use, and nothing else. A rule
belongs to a name of an attribute, whatever the class, and is given the attribute's value.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np

from webapp.cell.gate.budget import Budget

Rule = Callable[[Any], bool]

#: The methods that one estimator calls on another because an attribute says so.
PREDICTING = ("auto", "predict_proba", "decision_function", "predict")
#: A path from an estimator to its importances, such as ``named_steps.last.coef_``.
PUBLIC_PATH = re.compile(r"[A-Za-z]\w*(\.[A-Za-z]\w*)*", re.ASCII)
#: A text that names no file and no second option.
WORD = re.compile(r"[\w:,.@+()\[\]-]{0,1000}", re.ASCII)


def method(value: Any) -> bool:
    """Accept the name of a method that predicts, or a list of such names."""
    names = value if type(value) in (list, tuple) else (value,)
    return all(type(name) is str and name in PREDICTING for name in names)


def nothing(value: Any) -> bool:
    """Accept None and an empty list."""
    return value is None or (type(value) is list and not value)


def count(value: Any) -> bool:
    """Accept a whole number, True, False, or None, and what scikit-learn 1.1 says of a parameter that is going."""
    is_plain = value is None or isinstance(value, int | np.integer | np.bool_)
    return is_plain or (type(value) is str and value == "deprecated")


def content(value: Any) -> bool:
    """Accept texts as the input of a vectorizer; it would read any file that a client names by its path."""
    return type(value) is str and value == "content"


def path(value: Any) -> bool:
    """Accept public attributes, one after the other."""
    return type(value) is str and PUBLIC_PATH.fullmatch(value) is not None


def keywords(value: Any) -> bool:
    """Accept keywords for a function: numbers, and arrays of numbers.

    ``out`` is an array to write the result into, which could be a part of the model. ``where`` says which
    elements of the result stay as they happen to be in memory.
    """
    if value is None:
        return True
    return _is_named(value) and not {"out", "where"} & set(value) and all(map(_is_number, value.values()))


def options(value: Any) -> bool:
    """Accept options of compiled code: numbers, and words that are no paths."""
    return value is None or (_is_named(value) and all(map(_is_option, value.values())))


def _is_named(value: Any) -> bool:
    return type(value) is dict and all(type(name) is str for name in value)


def _is_number(value: Any) -> bool:
    if type(value) in (tuple, list):
        return all(item is None or isinstance(item, int | float | np.number) for item in value)
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "biuf"
    return value is None or isinstance(value, int | float | np.bool_ | np.number)


def _is_option(value: Any) -> bool:
    if type(value) in (list, tuple):
        return all(type(item) not in (list, tuple) and _is_option(item) for item in value)
    if type(value) is dict:
        return all(map(_is_number, value.values()))
    return _is_number(value) or (type(value) is str and WORD.fullmatch(value) is not None)


RULES: dict[str, Rule] = {
    # Names of methods.
    "_response_method": method,
    "chain_method": method,
    "chain_method_": method,
    "response_method": method,
    "stack_method": method,
    "stack_method_": method,
    # What is called or read by a path.
    "importance_getter": path,
    "input": content,
    "memory": nothing,
    "_propagated_callbacks": nothing,
    "_skl_callbacks": nothing,
    "_skl_callbacks_to_teardown": nothing,
    # How much is done, and said.
    "n_jobs": count,
    "nthread": count,
    "verbose": count,
    "verbosity": count,
    # What is passed to functions and to compiled code.
    "effective_metric_params_": keywords,
    "inv_kw_args": keywords,
    "kernel_params": keywords,
    "kw_args": keywords,
    "metric_kwds": keywords,
    "metric_params": keywords,
    "pairwise_kernels_kwargs": keywords,
    "_other_params": options,
    "kwargs": options,
}


def accepts(name: str, value: Any, budget: Budget) -> bool:
    """Return whether an attribute of this name may have this value."""
    rule = RULES.get(name)
    if rule is None:
        return True
    # The look at each part has its price.
    deque(budget.walk(value, depth=2), maxlen=0)
    return rule(value)
