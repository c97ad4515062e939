"""Which attributes may hold something that can be called: a function, a class, or an instance with ``__call__``.

scikit-learn calls what it finds in many attributes, with values and keywords that the file chooses. So a
granted function may stand only where models have functions of its kind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from sklearn.utils import Bunch

from webapp.cell.gate.budget import BYTES_PER_PART, Budget
from webapp.cell.gate.containers import MAX_DEPTH, parts_of
from webapp.cell.gate.hashable import PLAIN_TYPES
from webapp.cell.gate.names import key_of
from webapp.cell.gate.parts import OLD_LOSSES

Key = tuple[str, str]
#: Functions of numpy that may turn an array into a single value. If that is a text, XGBoost takes it for the
#: path of a file to read.
REDUCING = {"amax", "amin", "max", "mean", "median", "min", "std", "sum"}

#: The modules of functions and classes that are values of an attribute.
FUNCTIONS: dict[str, tuple[str, ...]] = {
    "_asarray": ("scipy._lib.array_api_compat.numpy._aliases",),
    "_kmeans_single": ("sklearn.cluster._kmeans",),
    "_score_func": ("sklearn.metrics.",),
    "analyzer": ("builtins",),
    "dtype": ("builtins", "numpy"),
    "dtype_exclude": ("builtins", "numpy"),
    "dtype_include": ("builtins", "numpy"),
    "eval_metric": ("sklearn.metrics.",),
    "func": ("numpy", "scipy.special."),
    "inverse_func": ("numpy", "scipy.special."),
    "pooling_func": ("numpy",),
    "preprocessor": ("builtins",),
    "_scorers": ("sklearn.metrics._scorer",),
    "score_func": ("sklearn.feature_selection.",),
    "scorer_": ("sklearn.metrics._scorer",),
    "strategy": ("numpy",),
    "tokenizer": ("builtins",),
}
#: The attributes whose function transforms an array, each with the attribute that has its keywords.
TRANSFORMING = {"func": "kw_args", "inverse_func": "inv_kw_args"}
#: The attributes that hold types and no functions.
TYPES = {"dtype", "dtype_exclude", "dtype_include"}
CHECK_ARRAY = ("sklearn.utils.validation", "check_array")
#: The modules of the classes of instances that can be called.
INSTANCES: dict[str, tuple[str, ...]] = {
    "_base_loss": ("sklearn._loss.loss",),
    "_columns": ("sklearn.compose._column_transformer",),
    "_curve_scorer": ("sklearn.metrics._scorer", "sklearn.model_selection._classification_threshold"),
    "_link_instance": ("sklearn.linear_model._glm.link",),
    "_loss": ("sklearn._loss.loss", *OLD_LOSSES),
    "_remainder": ("sklearn.compose._column_transformer",),
    "_scorer": ("sklearn.metrics._scorer",),
    "_scorers": ("sklearn.metrics._scorer",),
    "bsplines_": ("scipy.interpolate._bsplines",),
    "f_": ("scipy.interpolate._interpolate", "sklearn.isotonic"),
    "k1": ("sklearn.gaussian_process.kernels",),
    "k2": ("sklearn.gaussian_process.kernels",),
    "kernel": ("sklearn.gaussian_process.kernels",),
    "kernel_": ("sklearn.gaussian_process.kernels",),
    "kernels": ("sklearn.gaussian_process.kernels",),
    "loss_": OLD_LOSSES,
    "owner": ("sklearn.metrics._scorer",),
    "scorer_": ("sklearn.metrics._scorer",),
    "scoring": ("sklearn.metrics._scorer",),
    "transformers": ("sklearn.compose._column_transformer",),
    "transformers_": ("sklearn.compose._column_transformer",),
}
#: What a search tried. It is only shown, so it may hold any granted name.
TRIED = {"best_params_", "cv_results_", "param_distributions", "param_grid"}


class CallableCheck:
    """Knows which functions and classes the file named, and which the operator trusts; charges what it looks at."""

    def __init__(self, budget: Budget, named: Mapping[int, Key], trusted: frozenset[Key]) -> None:
        self._budget = budget
        self._named = named
        self._trusted = trusted
        #: Whether a container holds something that can be called, by identity.
        self._known: dict[int, bool] = {}

    def accepts(self, attribute: str, value: Any, own: Mapping[str, Any]) -> bool:
        """Return whether an attribute of an instance with these attributes holds nothing that is called amiss."""
        if attribute in TRIED or not self._can_call(value):
            return True
        if attribute == "named_estimators_":
            return type(value) is Bunch and not any(map(self._can_call, value.values()))
        return self._all(value, lambda part: self._is_expected(attribute, part, own))

    def _can_call(self, value: Any) -> bool:
        """Return whether a value, or anything in it, is a Bunch or can be called."""
        if id(value) in self._known:
            return self._known[id(value)]
        parts = parts_of(value)
        if parts is None:
            return callable(value)
        # A container that holds itself counts as well; no model has one.
        self._known[id(value)] = True
        unknown = set(map(type, parts)).difference(PLAIN_TYPES)
        found = bool(unknown) and any(type(part) in unknown and self._can_call(part) for part in parts)
        self._known[id(value)] = found or type(value) is Bunch
        return self._known[id(value)]

    def _all(self, value: Any, is_expected: Callable[[Any], bool], depth: int = MAX_DEPTH) -> bool:
        parts = parts_of(value)
        if parts is None:
            return not callable(value) or is_expected(value)
        self._budget.charge_bytes(BYTES_PER_PART * len(parts))
        may_hold = depth > 0 and type(value) is not Bunch
        return may_hold and all(self._all(part, is_expected, depth - 1) for part in parts)

    def _is_expected(self, attribute: str, value: Any, own: Mapping[str, Any]) -> bool:
        key = self._named.get(id(value))
        if key in self._trusted or key_of(type(value)) in self._trusted:
            return True
        if type(value) is partial:
            return self._is_expected_partial(attribute, value)
        if key is None:
            return value.__module__ in INSTANCES.get(attribute, ())
        is_of_its_kind = isinstance(value, type) if attribute in TYPES else True
        if attribute in TRANSFORMING:
            is_of_its_kind = _gives_array(value, own.get(TRANSFORMING[attribute]))
        return _is_of(key, FUNCTIONS.get(attribute, ())) and is_of_its_kind

    def _is_expected_partial(self, attribute: str, value: partial[Any]) -> bool:
        """Return whether a function with some of its keywords may stand where the function itself may."""
        key = self._named.get(id(value.func))
        if key == CHECK_ARRAY:
            return attribute in TRANSFORMING
        # Further keywords could undo those that make it give an array.
        is_of_its_kind = attribute not in TRANSFORMING or _gives_array(value.func, None)
        return key is not None and _is_of(key, FUNCTIONS.get(attribute, ())) and is_of_its_kind


def _gives_array(function: Any, keywords: Any) -> bool:
    """Return whether a function of numpy or SciPy gives an array, whatever array it is given."""
    reduces = function.__name__ in REDUCING and not (type(keywords) is dict and keywords.get("keepdims") is True)
    return not isinstance(function, type) and not reduces


def _is_of(key: Key | None, modules: tuple[str, ...]) -> bool:
    """Return whether a name is of one of these modules or, if it ends with a dot, of this package."""
    return key is not None and any(
        key[0].startswith(module) if module.endswith(".") else key[0] == module for module in modules
    )
