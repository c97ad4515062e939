"""The walk over a fitted estimator: each kind of step has one small function.

``read(step, columns, notebook)`` notes what the fitted step tells about the features behind its
columns and gives the columns that come out. The next kind of step is one more
``@read.register`` in the file of its subject.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatch

from webapp.models.signature.columns import Column
from webapp.models.signature.evidence import EvidenceBook


@singledispatch
def read(step: object, columns: Sequence[Column], notebook: EvidenceBook) -> list[Column]:
    """Read a step of a kind that isn't known: it wants its columns whole and mixes them."""
    notebook.use(columns)
    return []
