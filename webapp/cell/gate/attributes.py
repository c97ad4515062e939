"""The attributes of an instance whose state is a dict of them."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from sklearn.base import BaseEstimator
from sklearn.ensemble._hist_gradient_boosting.predictor import TreePredictor
from sklearn.isotonic import IsotonicRegression
from sklearn.utils import Bunch

from webapp.cell.gate.budget import BYTES_PER_PART, Budget
from webapp.cell.gate.plain_values import is_version
from webapp.errors import ArtifactRefused

#: Classes' own ways of reading a state that only compare versions or fill attributes.
HARMLESS_SETSTATES = (
    BaseEstimator.__setstate__,
    IsotonicRegression.__setstate__,
    getattr(TreePredictor, "__setstate__", None),
)


def fill(instance: Any, state: Any, *, trusted: bool) -> None:
    """Set the attributes of an instance; only a trusted class may read them with its own code.

    Raises
    ------
    ArtifactRefused
    """
    setstate = getattr(type(instance), "__setstate__", None)
    if setstate is None or isinstance(instance, Bunch):
        vars(instance).update(state)
    elif setstate in HARMLESS_SETSTATES or trusted:
        instance.__setstate__(state)
    else:
        raise ArtifactRefused(f"It holds a {type(instance).__name__}, whose own code for reading it is not trusted.")


def fill_slots(instance: Any, state: Any) -> None:
    """Set the fields of a dataclass with slots, whose state is a dict of them behind None or, if it is frozen, a list.

    Raises
    ------
    ArtifactRefused
    """
    names = [field.name for field in fields(instance)]
    values: Any = None
    if type(state) is list and len(state) == len(names):
        values = dict(zip(names, state, strict=True))
    elif type(state) is tuple and len(state) == 2 and state[0] is None:
        values = state[1]
    if type(values) is not dict or not set(names).issuperset(values):
        raise ArtifactRefused(f"It gives a {type(instance).__name__} a state that is not a dict of attributes.")
    for name, value in values.items():
        object.__setattr__(instance, name, value)


def require_ordinary(kind: type, state: Any, budget: Budget) -> None:
    """Refuse a state that is not a dict of attributes, or replaces what the class itself has.

    Raises
    ------
    ArtifactRefused
    """
    if type(state) is not dict or not all(type(name) is str for name in state):
        raise ArtifactRefused(f"It gives a {kind.__name__} a state that is not a dict of attributes.")
    if "_sklearn_version" in state and not is_version(state["_sklearn_version"]):
        raise ArtifactRefused(f"It gives a {kind.__name__} an invalid version.")
    budget.charge_bytes(BYTES_PER_PART * len(state))
    for name in state:
        if name.startswith("__") or callable(getattr(kind, name, None)):
            raise ArtifactRefused(f"It replaces {kind.__name__}.{name}, which no model needs.")
