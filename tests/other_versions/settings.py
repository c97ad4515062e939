"""Which settings of an estimator are tried: each word, yes or no, and None that its parameters allow."""

from __future__ import annotations

import inspect

from sklearn.utils._param_validation import Hidden, Options, StrOptions

#: Parameters that decide how a model is fitted, watched or stored, but not what its fitted state means.
WITHOUT_EFFECT = {
    *("alpha_per_target", "assume_centered", "average", "batch_size", "bin_seeding", "bootstrap"),
    *("bootstrap_features", "callback", "center", "check_input", "check_inverse", "cluster_all"),
    *("compute_full_tree", "compute_inverse", "compute_score", "copy", "copy_X", "copy_Xy", "copy_x", "cv"),
    *("early_stopping", "ensemble", "error_score", "fit_inverse_transform", "fit_path", "gcv_mode", "input"),
    *("iterated_power", "max_depth", "max_features", "max_leaf_nodes", "max_n_alphas", "max_no_improvement"),
    *("max_samples", "memory", "min_samples", "n_iter_no_change", "n_jobs", "n_restarts_optimizer", "oob_score"),
    *("positive", "power_iteration_normalizer", "pre_dispatch", "precompute", "prefit", "random_state"),
    *("reassignment_ratio", "refit", "remove_zero_eig", "return_train_score", "scoring", "selection", "shuffle"),
    *("sparse", "store_centers", "store_cov", "store_covariance", "store_cv_results", "store_cv_values"),
    *("store_precision", "tol", "verbose", "verbose_interval", "warm_start"),
}
#: Of parameters with many words, those that are tried.
TRIED = {
    "metric": ["minkowski", "euclidean", "manhattan", "cosine", "chebyshev", "l1", "l2", "cityblock"],
    "affinity": ["euclidean", "manhattan", "cosine"],
}
MAX_OPTIONS = 12


def options_of(kind):
    """Return the words, booleans and None that each parameter of a class allows, its default first."""
    constraints = getattr(kind, "_parameter_constraints", {})
    found = {}
    for name, parameter in inspect.signature(kind).parameters.items():
        if name in WITHOUT_EFFECT or not isinstance(constraints, dict):
            continue
        values = allowed(constraints.get(name, ()))
        if len(values) > MAX_OPTIONS:
            values = [value for value in TRIED.get(name, []) if value in values]
        default = parameter.default if parameter.default in values else None
        if len(values) > 1 or (values and values[0] is not None):
            found[name] = sorted(values, key=lambda value: (value != default, str(value)))
    return found


def allowed(constraints):
    values = []
    if isinstance(constraints, str):
        return values
    for constraint in constraints:
        if isinstance(constraint, Hidden):
            continue
        if isinstance(constraint, (StrOptions, Options)):
            # What is deprecated may still be in a file.
            values += [value for value in constraint.options if value is None or isinstance(value, (str, bool))]
        elif isinstance(constraint, str) and constraint == "boolean":
            values += [True, False]
        elif constraint is None:
            values.append(None)
    return list(dict.fromkeys(values))


def limited(chosen):
    """Return the settings without what needs inputs of another kind."""
    return {parameter: value for parameter, value in chosen.items() if value != "precomputed"}
