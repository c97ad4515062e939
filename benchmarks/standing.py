"""Write the measurements into docs/benchmarks.md, with the goals that Scoredesk reaches."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path

from cases import Case
from contestants import HELLO, OURS, PEER_SERVERS, PEERS
from load import ROOT
from report import markdown_table, surroundings
from results import Results

PAGE = ROOT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- measured -->", "<!-- end of what was measured -->"
TITLES = {each.name: each.title for each in [HELLO, OURS, *PEER_SERVERS]}


def write(cases: list[Case], results: Results, seconds: int, rounds: int) -> None:
    """Replace the tables in the document."""
    parts = [_surroundings(seconds, rounds), "## Where Scoredesk stands", _standing(cases, results)]
    parts += _problems(results)
    for case in cases:
        parts += [f"## {case.title[0].upper()}{case.title[1:]}", _table(case, results)]
    before, rest = PAGE.read_text().split(BEGIN)
    PAGE.write_text("\n\n".join([before + BEGIN, *parts, END + rest.split(END)[1]]))


def _surroundings(seconds: int, rounds: int) -> str:
    cpu = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    ours = surroundings("scikit-learn", "numpy", "pandas", "Flask", "gunicorn")
    peers = ", ".join(f"{peer.title} {_version(peer.name)}" for peer in PEER_SERVERS)
    times = f"medians of {rounds} rounds" if rounds > 1 else "a single round, which is too few for a measurement"
    return f"{ours}{f' ({cpu[1]})' if cpu else ''}. {peers}. {seconds} seconds for each figure, {times}."


def _version(peer: str) -> str:
    (version,) = re.findall(rf"^{peer}==(.*)$", (PEERS / peer / "requirements.txt").read_text(), re.MULTILINE)
    return str(version)


def _problems(results: Results) -> Iterator[str]:
    for (name, model), reason in results.problems.items():
        yield f"{TITLES[name]} ({model}): {reason}."
    for name, count in results.failures().items():
        yield f"{TITLES[name]}: {count} requests failed."


def _table(case: Case, results: Results) -> str:
    speeds, costs = [f"{_unit(case)}/s", "relative to the fastest peer"], ["p50 ms", "p99 ms", "CPU ms", "memory MB"]
    header = ["connections", "", *speeds, *costs]
    return markdown_table(header, _rows(case, results), words=2)


def _unit(case: Case) -> str:
    return "instances" if case.length > 1 else "requests"


def _rows(case: Case, results: Results) -> Iterator[list[str]]:
    for connections in case.connections:
        fastest = max(results.of_peers(case, connections, "requests_per_second"))
        for name, title in TITLES.items():

            def of(figure: str, name: str = name, connections: int = connections) -> float:
                return results.median(case, connections, name, figure)

            speed = of("requests_per_second")
            if name == HELLO.name and math.isnan(speed):
                continue
            # The process of hello world has also imported all of Scoredesk, so its memory says nothing.
            memory = math.nan if name == HELLO.name else of("server.memory")
            figures = [speed * case.length, speed / fastest, of("p50"), of("p99"), of("server.cpu"), memory]
            yield [str(connections), title, *map(_figure, figures, (0, 2, 2, 2, 2, 0))]
            if name == OURS.name and not math.isnan(speed):
                database = [_figure(of("database.cpu"), 2), _figure(of("database.memory"), 0)]
                yield ["", "its PostgreSQL", *[""] * 4, *database]


def _figure(value: float, digits: int) -> str:
    return "–" if math.isnan(value) else f"{value:.{digits}f}"


def _standing(cases: list[Case], results: Results) -> str:
    header = ["goal", "", "Scoredesk", "compared with", "ratio", "reached"]
    return markdown_table(header, _goals(cases, results), words=2)


def _goals(cases: list[Case], results: Results) -> Iterator[list[str]]:
    for case in cases:
        if case.length == 1:
            ours, best = results.median(case, 1, OURS.name, "p50"), min(results.of_peers(case, 1, "p50"))
            goal = "1 connection: p50 at most a third of the fastest peer’s, ms"
            yield _row(goal, case.model, ours, best, ours / best <= 1 / 3)
        for connections, factor in ((32, 2.0), (64, 1.5)) if case.length == 1 else ((1, 2.0), (8, 2.0)):
            ours = results.median(case, connections, OURS.name, "requests_per_second") * case.length
            best = max(results.of_peers(case, connections, "requests_per_second")) * case.length
            plural, unit = "s" if connections > 1 else "", _unit(case)
            goal = f"{connections} connection{plural}: at least {factor:g} times the {unit}/s of the fastest peer"
            yield _row(goal, case.model, ours, best, ours / best >= factor)
    first = cases[0]
    ours = results.median(first, 32, OURS.name, "server.memory")
    least = min(results.of_peers(first, 32, "server.memory"))
    goal = "less memory than the peer that uses least, without PostgreSQL, MB"
    yield _row(goal, first.model, ours, least, ours < least)
    ours, hello = (results.median(first, 32, each.name, "server.cpu") for each in (OURS, HELLO))
    goal = "32 connections: at most 1.6 times the CPU of hello world, without PostgreSQL, ms"
    yield _row(goal, first.model, ours, hello, ours / hello <= 1.6)


def _row(goal: str, model: str, ours: float, other: float, reached: bool) -> list[str]:
    digits = 0 if ours > 100 else 2
    figures = [_figure(ours, digits), _figure(other, digits), _figure(ours / other, 2)]
    return [goal, model, *figures, "yes" if reached else "no"]
