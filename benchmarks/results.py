"""Keeps what was measured side by side."""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from dataclasses import dataclass, field
from operator import attrgetter

from cases import Case
from contestants import PEER_SERVERS
from load import Measured


@dataclass
class Results:
    """All runs, and what could not be measured."""

    #: By title of the case, connections and server.
    runs: dict[tuple[str, int, str], list[Measured]] = field(default_factory=lambda: defaultdict(list))
    #: By server and model.
    problems: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, case: Case, connections: int, name: str, measured: Measured) -> None:
        self.runs[case.title, connections, name].append(measured)

    def median(self, case: Case, connections: int, name: str, figure: str) -> float:
        """Give the median of all rounds, or NaN if there is none."""
        runs = self.runs.get((case.title, connections, name), [])
        return statistics.median(map(attrgetter(figure), runs)) if runs else math.nan

    def of_peers(self, case: Case, connections: int, figure: str) -> list[float]:
        """Give the medians of all peers that could be measured."""
        found = [self.median(case, connections, peer.name, figure) for peer in PEER_SERVERS]
        return [each for each in found if not math.isnan(each)] or [math.nan]

    def failures(self) -> dict[str, int]:
        """Count the requests that were not answered with success, for each server that has some."""
        counted: dict[str, int] = defaultdict(int)
        for (_, _, name), runs in self.runs.items():
            counted[name] += sum(each.failures for each in runs)
        return {name: count for name, count in counted.items() if count}
