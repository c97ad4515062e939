"""What is asked of each server, and what is the right answer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

#: One instance: its values, in the order of the columns.
Row = list[float | str]


@dataclass(frozen=True, kw_only=True)
class Case:
    """A model and the requests that are sent to it in turns."""

    model: str
    title: str
    #: The names of the columns, where the model was fitted on a DataFrame.
    columns: list[str] | None
    classes: list[str]
    #: The instances of each request.
    requests: list[list[Row]]
    #: What the estimator's own predict_proba says of them.
    answers: list[list[list[float]]]

    @property
    def length(self) -> int:
        """How many instances each request holds."""
        return len(self.requests[0])

    @property
    def connections(self) -> tuple[int, ...]:
        """Over how many connections it is sent; lists are heavy enough with a few."""
        return (1, 8, 32, 64) if self.length == 1 else (1, 8)

    def instances(self, rows: list[Row]) -> list[Row] | list[dict[str, float | str]]:
        """Give the rows as most protocols want them: named if the columns have names."""
        return [dict(zip(self.columns, row, strict=True)) for row in rows] if self.columns else rows


def read_cases(folder: Path) -> list[Case]:
    """Read what fit_cases.py has written."""
    return [Case(**each) for each in json.loads((folder / "cases.json").read_text())]
