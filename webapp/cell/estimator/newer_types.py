"""What older versions of scikit-learn lack; in their environments nothing is an instance of these classes."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import sklearn

#: The version for which this code reads what estimators keep in private attributes.
WRITTEN_FOR = "1.9"
IS_ANOTHER_VERSION = not sklearn.__version__.startswith(f"{WRITTEN_FOR}.")


def _class(module: str, name: str) -> Any:
    try:
        return getattr(import_module(module), name)
    except (ImportError, AttributeError):
        return type(name, (), {"__module__": module})


#: Since 1.3.
TargetEncoder = _class("sklearn.preprocessing", "TargetEncoder")
#: Since 1.5.
FixedThresholdClassifier = _class("sklearn.model_selection", "FixedThresholdClassifier")
TunedThresholdClassifierCV = _class("sklearn.model_selection", "TunedThresholdClassifierCV")
#: Since 1.6.
FrozenEstimator = _class("sklearn.frozen", "FrozenEstimator")


def _is_clusterer(estimator: Any) -> bool:
    return getattr(estimator, "_estimator_type", None) == "clusterer"


is_clusterer: Callable[[Any], bool] = getattr(sklearn.base, "is_clusterer", _is_clusterer)


def accepts_blanks(estimator: Any) -> bool:
    """Return whether an estimator says of itself that it takes blanks."""
    try:
        if hasattr(sklearn.utils, "get_tags"):
            return bool(sklearn.utils.get_tags(estimator).input_tags.allow_nan)
        return bool(estimator._get_tags()["allow_nan"])
    except (AttributeError, KeyError, TypeError):
        return False
