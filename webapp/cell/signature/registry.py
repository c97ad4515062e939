"""Reading a fitted estimator step by step: each kind of step has one small function.

``read(step, columns, evidence)`` adds what the fitted step shows about the features behind its
input columns to the evidence, and returns its output columns. To support another kind of step, add
a function with ``@read.register`` to the file of its subject.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatch

from webapp.cell.signature.columns import Column
from webapp.cell.signature.evidence import EvidenceBook


@singledispatch
def read(step: object, columns: Sequence[Column], evidence: EvidenceBook) -> list[Column]:
    """Read a step of an unknown kind: assume that it refuses blanks and mixes its columns."""
    if type(step).__module__.startswith("sklearn."):
        evidence.require(columns)
    else:
        evidence.read_opaquely(columns)
    return []
