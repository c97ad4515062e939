"""The measurements of all servers."""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from dataclasses import dataclass, field
from operator import attrgetter

from cases import Case
from contestants import PEER_SERVERS
from load import Measurement


@dataclass
class Results:
    """All runs, and the reasons why servers could not be measured."""

    #: By the title of the case, the number of connections and the server.
    runs: dict[tuple[str, int, str], list[Measurement]] = field(default_factory=lambda: defaultdict(list))
    #: By server and model.
    problems: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, case: Case, connections: int, name: str, measured: Measurement) -> None:
        self.runs[case.title, connections, name].append(measured)

    def median(self, case: Case, connections: int, name: str, figure: str) -> float:
        """Return the median of all rounds, or NaN if there is no round."""
        runs = self.runs.get((case.title, connections, name), [])
        return statistics.median(map(attrgetter(figure), runs)) if runs else math.nan

    def of_peers(self, case: Case, connections: int, figure: str) -> list[float]:
        """Return the medians of all peers that could be measured, or NaN alone."""
        medians = [self.median(case, connections, peer.name, figure) for peer in PEER_SERVERS]
        return [median for median in medians if not math.isnan(median)] or [math.nan]

    def failures(self) -> dict[str, int]:
        """Count the failed requests of each server that has any."""
        counted: dict[str, int] = defaultdict(int)
        for (_, _, name), runs in self.runs.items():
            counted[name] += sum(each.failures for each in runs)
        return {name: count for name, count in counted.items() if count}
