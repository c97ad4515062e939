"""Reading a fitted estimator step by step: each kind of step has one small function.

``read(step, columns, evidence)`` adds what the fitted step shows about the features behind its
input columns to the evidence, and returns its output columns. To support another kind of step, add
a function with ``@read.register`` to the file of its subject.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatch

from webapp.cell.estimator.newer_types import IS_ANOTHER_VERSION
from webapp.cell.signature.columns import Column
from webapp.cell.signature.evidence import EvidenceBook


def _read_unknown(step: object, columns: Sequence[Column], evidence: EvidenceBook) -> list[Column]:
    """Read a step of an unknown kind: assume that it refuses blanks and mixes its columns."""
    evidence.require(columns)
    return []


class _Read:
    """Calls the function that is registered for the class of a step."""

    def __init__(self) -> None:
        self._read = singledispatch(_read_unknown)
        self.register = self._read.register

    def __call__(self, step: object, columns: Sequence[Column], evidence: EvidenceBook) -> list[Column]:
        try:
            return self._read(step, columns, evidence)
        except (AttributeError, TypeError, ValueError):
            if not IS_ANOTHER_VERSION:
                raise
        # Another version of scikit-learn keeps it in other attributes.
        return _read_unknown(step, columns, evidence)


read = _Read()
