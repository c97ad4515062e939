"""The attributes of an instance whose state is a dict of them."""

from __future__ import annotations

from typing import Any

from sklearn.base import BaseEstimator
from sklearn.ensemble._hist_gradient_boosting.predictor import TreePredictor
from sklearn.isotonic import IsotonicRegression
from sklearn.utils import Bunch

from webapp.errors import ArtifactRefused
from webapp.models.gate.budget import PART, Budget
from webapp.models.gate.names import is_version

#: Classes whose own way of reading a state only looks at versions or fills attributes.
HARMLESS_READERS = (
    BaseEstimator.__setstate__,
    IsotonicRegression.__setstate__,
    TreePredictor.__setstate__,
)


def fill(made: Any, state: Any, budget: Budget, *, trusted: bool) -> None:
    """Set the attributes of an instance; only where its class is trusted, code of its own may read them.

    Raises
    ------
    ArtifactRefused
    """
    _require_ordinary(type(made), state, budget)
    reader = getattr(type(made), "__setstate__", None)
    if reader is None or isinstance(made, Bunch):
        vars(made).update(state)
    elif reader in HARMLESS_READERS or trusted:
        made.__setstate__(state)
    else:
        raise ArtifactRefused(f"A {type(made).__name__} reads its state with code of its own.")


def _require_ordinary(kind: type, state: Any, budget: Budget) -> None:
    if type(state) is not dict or not all(type(name) is str for name in state):
        raise ArtifactRefused(f"It gives a {kind.__name__} a state that is no dict of attributes.")
    if "_sklearn_version" in state and not is_version(state["_sklearn_version"]):
        raise ArtifactRefused(f"It gives a {kind.__name__} a version that is none.")
    budget.charge(PART * len(state))
    for name in state:
        if name.startswith("__") or callable(getattr(kind, name, None)):
            raise ArtifactRefused(f"It puts something in the place of {kind.__name__}.{name}.")
