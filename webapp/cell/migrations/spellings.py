"""Names that other versions of scikit-learn and numpy spell otherwise, and names that are gone."""

from __future__ import annotations

from typing import Any

from sklearn.linear_model import _sgd_fast

LOSSES = "sklearn._loss._loss"
#: Modules that were spelled otherwise: Cython wrote the first one without its package until scikit-learn 1.8, and numpy
#: told where it keeps its functions.
MODULES = {
    "_loss": LOSSES,
    "numpy._core._multiarray_umath": "numpy",
    "numpy.core._multiarray_umath": "numpy",
    # scipy 1.7
    "scipy.sparse.csc": "scipy.sparse._csc",
    "scipy.sparse.csr": "scipy.sparse._csr",
}
#: The losses that linear models by gradient descent had of their own until scikit-learn 1.5; they don't predict.
OWN_LOSSES = {"Huber": "CyHuberLoss", "Log": "CyHalfBinomialLoss", "SquaredLoss": "CyHalfSquaredError"}
NAMES = {
    # numpy 1
    ("numpy.ma.core", "MaskedArray"): ("numpy.ma", "MaskedArray"),
    **{
        (_sgd_fast.__name__, old): (LOSSES, new)
        for old, new in OWN_LOSSES.items()
        # Environments with an older scikit-learn still have them.
        if not hasattr(_sgd_fast, old)
    },
}
#: The names of the columns that a ColumnTransformer leaves over, in a list of its own kind until scikit-learn 1.8.
REMAINDER_COLUMNS = ("sklearn.compose._column_transformer", "_RemainderColsList")
REBUILDING = "__pyx_unpickle_"


def current_name(module: str, name: str) -> tuple[str, str]:
    """Return a name as it is spelled today."""
    module = MODULES.get(module, module)
    return NAMES.get((module, name), (module, name))


def stand_in(module: str, name: str) -> Any:
    """Return what stands for a name that today's libraries don't have, or None."""
    if (module, name) == REMAINDER_COLUMNS:
        return list
    return rebuilt_loss if module == LOSSES and name.startswith(REBUILDING) else None


def rebuilt_loss(kind: type, _checksum: int, numbers: tuple[float, ...] | None) -> Any:
    """Make one of the losses as scikit-learn does today; the gate has checked the arguments."""
    return kind(*(numbers or ()))


def is_loss(value: Any) -> bool:
    """Return whether a value is the class of a loss."""
    # Old versions, which environments may have, have no such module.
    from sklearn._loss import _loss

    return any(
        value is kind for name, kind in vars(_loss).items() if name.startswith("Cy") and name != "CyLossFunction"
    )
