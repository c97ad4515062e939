"""Reading a fitted estimator step by step: each kind of step has one small function.

``read(step, columns, evidence)`` adds what the fitted step shows about the features behind its
input columns to the evidence, and returns its output columns. To support another kind of step, add
a function with ``@read.register`` to the file of its subject.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatch

from webapp.cell.estimator.newer_types import IS_ANOTHER_VERSION, accepts_blanks
from webapp.cell.signature.columns import Column
from webapp.cell.signature.evidence import EvidenceBook


def _read_unknown(step: object, columns: Sequence[Column], evidence: EvidenceBook) -> list[Column]:
    """Read a step of an unknown kind: assume that it refuses blanks and mixes its columns."""
    if type(step).__module__.startswith("sklearn."):
        evidence.require(columns)
    else:
        evidence.read_opaquely(columns)
    return []


def _read_of_another_version(step: object, columns: Sequence[Column], evidence: EvidenceBook) -> list[Column]:
    """Read a step whose version of scikit-learn keeps in other attributes what is read here.

    It still says itself whether it takes blanks. Behind a step that passes them on, another one may refuse them.
    """
    if not accepts_blanks(step) or not (hasattr(step, "predict") or type(step).__module__.startswith("sklearn.impute")):
        return _read_unknown(step, columns, evidence)
    evidence.accept_blanks(columns)
    return []


class _Read:
    """Calls the function that is registered for the class of a step."""

    def __init__(self) -> None:
        self._read = singledispatch(_read_unknown)
        self.register = self._read.register

    def __call__(self, step: object, columns: Sequence[Column], evidence: EvidenceBook) -> list[Column]:
        try:
            return self._read(step, columns, evidence)
        except (AttributeError, LookupError, TypeError, ValueError):
            if not IS_ANOTHER_VERSION:
                raise
        return _read_of_another_version(step, columns, evidence)


read = _Read()
