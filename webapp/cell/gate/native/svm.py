"""What a support vector machine may hold: libsvm derives the lengths of its arrays from each other."""

from __future__ import annotations

from typing import Any

import numpy as np

from webapp.cell.gate.plain_values import are_indices, is_count


def support_vectors(own: dict[str, Any]) -> bool:
    """Accept arrays with the lengths that libsvm assumes."""
    if "support_vectors_" not in own:
        return True
    # The class says which kind of machine it is; a file has no reason to say another.
    if "_impl" in own or "_sparse_kernels" in own:
        return False
    classes = own.get("classes_")
    if classes is not None and not (isinstance(classes, np.ndarray) and classes.ndim == 1 and len(classes) >= 2):
        return False
    n_classes = 2 if classes is None else len(classes)
    pairs = n_classes * (n_classes - 1) // 2
    count = _count_vectors(own, n_classes, split=classes is not None)
    return (
        count is not None
        and _is_row(own.get("_intercept_"), pairs)
        and _are_probabilities(own, pairs)
        and _are_vectors(own, count, n_classes)
    )


def _count_vectors(own: dict[str, Any], n_classes: int, *, split: bool) -> int | None:
    """Return the number of vectors, if both arrays that tell it agree."""
    support, per_class = own.get("support_"), own.get("_n_support")
    if not isinstance(support, np.ndarray) or support.ndim != 1:
        return None
    if not isinstance(per_class, np.ndarray) or not _is_row(per_class, n_classes) or not bool((per_class >= 0).all()):
        return None
    # Without classes, both of its numbers count all vectors.
    count = int(per_class.sum()) if split else int(per_class.max())
    return count if count == len(support) else None


def _is_row(value: Any, *lengths: int) -> bool:
    return isinstance(value, np.ndarray) and value.ndim == 1 and len(value) in lengths


def _are_probabilities(own: dict[str, Any], pairs: int) -> bool:
    return _is_row(own.get("_probA"), 0, pairs) and _is_row(own.get("_probB"), 0, pairs)


def _are_vectors(own: dict[str, Any], count: int, n_classes: int) -> bool:
    vectors, factors, is_sparse = own["support_vectors_"], own.get("_dual_coef_"), own.get("_sparse")
    if type(is_sparse) is not bool or not _are_training_rows(own):
        return False
    if is_sparse:
        return (
            _is_sparse(vectors, count)
            and _is_sparse(factors, n_classes - 1)
            and len(factors.data) == (n_classes - 1) * count  # type: ignore[union-attr]
        )
    if not isinstance(vectors, np.ndarray) or not isinstance(factors, np.ndarray) or vectors.ndim != 2:
        return False
    if factors.shape != (n_classes - 1, count):
        return False
    if own.get("kernel") == "precomputed" or not isinstance(own.get("kernel"), str):
        return len(vectors) in (0, count)
    return len(vectors) == count and is_count(own.get("n_features_in_"), vectors.shape[1])


def _are_training_rows(own: dict[str, Any]) -> bool:
    """Return whether the vectors are rows of the data that the machine was fitted on."""
    shape = own.get("shape_fit_")
    if type(shape) is not tuple or not shape or type(shape[0]) is not int:
        return False
    return are_indices(own["support_"], shape[0])


def _is_sparse(value: Any, rows: int) -> bool:
    return type(value).__module__ == "scipy.sparse._csr" and bool(value.shape[0] == rows)
