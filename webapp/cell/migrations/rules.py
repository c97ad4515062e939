"""What a class kept otherwise before a version: one small function for each, applied before the state is set.

The state comes from the file and may be any lie. So a rule takes only values of exactly the types that honest files
have, calls nothing in the state, and makes new values instead of changing the file's.
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import signature
from types import FunctionType
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils.validation import check_array

State = dict[str, Any]
Rule = Callable[[State], State]
Key = tuple[str, str]

#: The first minor version that needs the rule no more, and the rule; None if it is another library's state, whose
#: version the file doesn't tell.
RULES: dict[Key, list[tuple[tuple[int, int] | None, Rule]]] = {}


OLD_KEYWORD, NEW_KEYWORD = "force_all_finite", "ensure_all_finite"


class NotMigratable(Exception):
    """The state is not what an honest file has."""


def before(version: tuple[int, int] | None, *keys: Key) -> Callable[[Rule], Rule]:
    """Register a rule for classes of files that were made before a version."""

    def register(rule: Rule) -> Rule:
        for key in keys:
            RULES.setdefault(key, []).append((version, rule))
        return rule

    return register


@before((1, 8), ("sklearn.impute._base", "SimpleImputer"))
def _fill_dtype(state: State) -> State:
    """Fill blanks with the dtype that it was fitted on."""
    return {"_fill_dtype": _of_type(state["_fit_dtype"], np.dtype)} if "_fit_dtype" in state else {}


@before((1, 8), *(("sklearn.linear_model._ridge", name) for name in ("RidgeClassifier", "RidgeClassifierCV")))
def _classes_of_labels(state: State) -> State:
    """Take the classes from the binarizer of the labels."""
    if "_label_binarizer" not in state:
        return {}
    return {"classes_": _of_type(_attributes(state["_label_binarizer"], LabelBinarizer).get("classes_"), np.ndarray)}


@before((1, 8), *(("sklearn.linear_model._logistic", name) for name in ("LogisticRegression", "LogisticRegressionCV")))
def _share_of_l1(state: State) -> State:
    """Write 0 where None said that the penalty is no mixture."""
    return {"l1_ratio": 0.0} if "l1_ratio" in state and state["l1_ratio"] is None else {}


@before((1, 5), *(("sklearn.cross_decomposition._pls", name) for name in ("CCA", "PLSCanonical", "PLSRegression")))
def _coefficients_of_unscaled_inputs(state: State) -> State:
    """Put the division by the spread of each input into the coefficients."""
    if "coef_" not in state:
        return {}
    coefficients, spread = _floats(state, "coef_", 2), _floats(state, "_x_std", 1)
    if coefficients.shape[1] != len(spread):
        raise NotMigratable
    return {"coef_": coefficients / spread}


@before((1, 5), ("sklearn.feature_extraction.text", "TfidfTransformer"))
def _weights_of_terms(state: State) -> State:
    """Take the weights from the diagonal matrix that held them."""
    if "_idf_diag" not in state:
        return {}
    return {"idf_": _floats(_attributes(state["_idf_diag"], csr_matrix), "data", 1)}


@before(None, ("scipy.interpolate._bsplines", "BSpline"))
def _arrays_of_a_spline(state: State) -> State:
    """Spell the arrays as scipy 1.17 does, and name the function that hands them out."""
    if "_asarray" in state or _asarray() is None:
        return {}
    arrays = {f"_{name}": state[name] for name in "tc" if name in state}
    return arrays | {"_asarray": _asarray()}


def added_functions() -> dict[int, Key]:
    """Return the functions that a rule puts into a state, by identity, as if the file had named them."""
    function = _asarray()
    return {id(function): ("scipy._lib.array_api_compat.numpy._aliases", "asarray")} if function else {}


def _asarray() -> Any:
    try:
        from scipy._lib.array_api_compat import numpy as array_api
    except ImportError:
        # The older versions that environments may have keep their arrays as they were written.
        return None
    return array_api.asarray if isinstance(array_api.asarray, FunctionType) else None


def additions(kind: type, state: State, made_with: tuple[int, ...] | None) -> State:
    """Return what a class keeps today and the state lacks, for a minor version; None is today's.

    Raises
    ------
    NotMigratable
    """
    added: State = {}
    for version, rule in RULES.get((kind.__module__, kind.__qualname__), ()):
        if version is None or (made_with is not None and made_with < version):
            added |= rule(state)
    return added


def migrated_partial(state: Any) -> Any:
    """Return the state of a partial of check_array with the keyword that scikit-learn 1.6 renamed."""
    if type(state) is not tuple or len(state) != 4 or type(state[2]) is not dict or OLD_KEYWORD not in state[2]:
        return state
    if NEW_KEYWORD not in signature(check_array).parameters:
        # Environments with an older scikit-learn know the old one only.
        return state
    keywords = {NEW_KEYWORD if name == OLD_KEYWORD else name: value for name, value in state[2].items()}
    return (*state[:2], keywords, state[3])


def _of_type(value: Any, kind: type) -> Any:
    if not isinstance(value, kind):
        raise NotMigratable
    return value


def _attributes(value: Any, kind: type) -> State:
    """Return the attributes of an instance of exactly this class."""
    if type(value) is not kind:
        raise NotMigratable
    return vars(value)


def _floats(state: State, name: str, dimensions: int) -> np.ndarray[Any, Any]:
    array = state.get(name)
    if type(array) is not np.ndarray or array.dtype.kind != "f" or array.ndim != dimensions:
        raise NotMigratable
    return array
