"""Where a file comes from: the version of scikit-learn that made it, and what follows from it for each part."""

from __future__ import annotations

import inspect
from collections.abc import Collection
from typing import Any

import numpy as np
import sklearn
from sklearn.base import BaseEstimator, ClassifierMixin

from webapp.cell.migrations.compared import Part, compared_minors, minor_of, missing
from webapp.cell.migrations.known_wrong import known_wrong
from webapp.cell.migrations.rules import State, additions
from webapp.cell.migrations.sentences import differs, mixed, not_compared, not_read, unnamed
from webapp.errors import NotServable

OURS = minor_of(sklearn.__version__)
#: Packages with versions of their own, which scikit-learn's does not decide about.
OTHERS = ("builtins", "collections", "functools", "lightgbm", "numpy", "scipy", "xgboost")
VERSION = "_sklearn_version"
PLAIN = (bool, float, int, str, type(None))
NOTHING = object()


class Origin:
    """Migrates the parts of one file while it is loaded, and notes what they are."""

    def __init__(self) -> None:
        #: The versions that its estimators name.
        self.versions: dict[str, None] = {}
        #: Each part that this version did not make, as the file has it.
        self.parts: dict[Part, None] = {}

    def migrated(self, kind: type, state: State) -> State:
        """Return the state of an instance as this version keeps it.

        Raises
        ------
        NotMigratable
        """
        version = state.get(VERSION)
        if version is None:
            self._note(kind, state)
            return state | additions(kind, state, None)
        self.versions[version] = None
        made_with = minor_of(version)
        if made_with == OURS:
            return state
        self._note(kind, state)
        added = _new_parameters(kind, state) | additions(kind, state, made_with)
        return state | added | {VERSION: sklearn.__version__}

    def require_compared(self) -> None:
        """Refuse a file of another version unless all that is in it was compared and gave equal answers.

        Raises
        ------
        NotServable
        """
        require_known(self.versions)
        made_with = next(iter(self.versions), None)
        if made_with is None and any(part.name.startswith("sklearn.") for part in self.parts):
            raise NotServable(unnamed())
        if made_with is None or minor_of(made_with) == OURS:
            return
        for part in self.parts:
            if words := known_wrong(part, minor_of(made_with)):
                raise NotServable(differs(made_with, words))
        gaps = [words for part in self.parts if (words := missing(part, minor_of(made_with)))]
        if gaps:
            raise NotServable(not_compared(made_with, list(dict.fromkeys(gaps))))

    def _note(self, kind: type, state: State) -> None:
        if kind.__module__.partition(".")[0] not in OTHERS:
            settings = [(name, setting) for name, value in state.items() if (setting := _setting(value)) is not NOTHING]
            is_estimator = issubclass(kind, BaseEstimator)
            name = f"{kind.__module__}.{kind.__qualname__}"
            self.parts[Part(name, _task(kind, state), tuple(settings) if is_estimator else ())] = None


def require_known(versions: Collection[str], *, reads_others: bool = True) -> None:
    """Refuse versions of which nothing was compared with this one.

    Parameters
    ----------
    reads_others : bool
        False where files are loaded as they are, without migrations.

    Raises
    ------
    NotServable
    """
    minors = {minor_of(version) for version in versions}
    if len(minors) > 1:
        raise NotServable(mixed(list(versions)))
    others = compared_minors() if reads_others else []
    if minors - {OURS} - set(others):
        raise NotServable(not_read(next(iter(versions)), others))


def _new_parameters(kind: type, state: State) -> State:
    """Return the parameters that an estimator got since, with their defaults."""
    if not issubclass(kind, BaseEstimator):
        return {}
    parameters = inspect.signature(kind).parameters.values()
    return {each.name: each.default for each in parameters if each.name not in state and type(each.default) in PLAIN}


def _setting(value: Any) -> Any:
    """Return a word, yes, no or None as the table has it; any other value decides nothing."""
    if isinstance(value, bool | np.bool_):
        return bool(value)
    return str(value) if isinstance(value, str) else None if value is None else NOTHING


def _task(kind: type, state: State) -> str:
    """Return what a classifier tells apart; "any" of what is not fitted, or does not say."""
    if not issubclass(kind, BaseEstimator):
        return "other"
    if not any(name.endswith("_") or (name.startswith("_") and name != VERSION) for name in state):
        return "any"
    if not issubclass(kind, ClassifierMixin):
        return "other"
    classes = state.get("classes_")
    if isinstance(classes, list):
        return "outputs"
    if not isinstance(classes, np.ndarray) or classes.ndim != 1:
        return "any"
    return "binary" if len(classes) <= 2 else "multiclass"
