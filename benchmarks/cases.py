"""The requests that each server gets, and the correct answers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

#: One instance: its values, in the order of the columns.
Row = list[float | str]


@dataclass(frozen=True, kw_only=True)
class Case:
    """A model and the requests that are sent to it in turn."""

    model: str
    title: str
    #: The names of the columns; None if the model was fitted on an array.
    columns: list[str] | None
    classes: list[str]
    #: The instances of each request.
    requests: list[list[Row]]
    #: The results of the estimator's own predict_proba for them.
    answers: list[list[list[float]]]

    @property
    def length(self) -> int:
        """Number of instances in each request."""
        return len(self.requests[0])

    @property
    def connections(self) -> tuple[int, ...]:
        """Numbers of connections to measure with; for long lists, a few connections are enough load."""
        return (1, 8, 32, 64) if self.length == 1 else (1, 8)

    def instances(self, rows: list[Row]) -> list[Row] | list[dict[str, float | str]]:
        """Return the rows as most protocols expect them: with names if the columns have names."""
        return [dict(zip(self.columns, row, strict=True)) for row in rows] if self.columns else rows


def read_cases(folder: Path) -> list[Case]:
    """Read the cases that fit_cases.py has written."""
    return [Case(**case) for case in json.loads((folder / "cases.json").read_text())]
