"""Compare two trees of Scoredesk: python benchmarks/cells.py --before FOLDER [--after FOLDER] [--only PARTS] [--quick]

Serves the same models with each tree and measures both in turns, so that a ratio says more than its two figures.
Prints a table: the medians of the rounds, the median of the ratios of each round, the least and the greatest of these
ratios, and the goal. Everything is written into a folder for temporary files and removed in the end.
"""

from __future__ import annotations

import argparse
import re
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from cell_parts import PARTS, Run
from load import ROOT, NotServingError
from report import markdown_table, surroundings
from trees import Tree

HEADER = ["part", "figure", "before", "after", "ratio", "least", "greatest", "goal", "reached"]
#: The bounds of ratios, at most or at least, by the part and a pattern of the figure's name; the first counts.
GOALS: tuple[tuple[str, str, str, float], ...] = (
    ("speed", "(penguins|forest),.*p50", "≤", 1.05),
    ("speed", "(penguins|forest),.*requests/s", "≥", 0.95),
    ("speed", "1 connection: p50", "≤", 1.25),
    ("speed", "requests/s", "≥", 1.0),
    ("speed", " CPU, ms a request", "≤", 1.15),
    ("memory", "memory, MB", "≤", 0.8),
    ("many", "memory, MB", "≤", 1.3),
)


def main(run: Run, parts: list[str]) -> None:
    try:
        for part in parts:
            _measure(part, run)
    finally:
        print(surroundings("scikit-learn", "numpy", "Flask", "gunicorn"), end="\n\n")
        print(markdown_table(HEADER, _rows(run), words=2))
        print(*run.problems, sep="\n")


def _measure(part: str, run: Run) -> None:
    began = time.monotonic()
    print(f"Measuring {part}: {(PARTS[part].__doc__ or part).splitlines()[0]}", file=sys.stderr, flush=True)
    try:
        PARTS[part](run)
    except (NotServingError, OSError, ValueError, LookupError, subprocess.CalledProcessError) as problem:
        run.problems.append(f"{part} ended early: {type(problem).__name__}: {problem}")
    print(f"{part} took {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)


def _rows(run: Run) -> Iterator[list[str]]:
    for (part, title), values in run.figures.items():
        before, after = values["before"], values["after"]
        ratios = [new / old for old, new in zip(before, after, strict=False) if old]
        medians = [_number(statistics.median(each)) if each else "–" for each in (before, after)]
        sides = [statistics.median(ratios), min(ratios), max(ratios)] if ratios else []
        yield [part, title, *medians, *([f"{each:.2f}" for each in sides] or ["–"] * 3), *_goal(part, title, sides)]


def _goal(part: str, title: str, ratios: list[float]) -> tuple[str, str]:
    for of, pattern, sign, bound in GOALS:
        if of == part and re.search(pattern, title) and ratios:
            is_reached = ratios[0] <= bound if sign == "≤" else ratios[0] >= bound
            return f"{sign} {bound:g}", "yes" if is_reached else "no"
    return "", ""


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compare two trees of Scoredesk, measured in turns.")
    parser.add_argument("--before", type=Path, required=True, help="the folder of the earlier tree")
    parser.add_argument("--after", type=Path, default=ROOT, help="the folder of the later tree; default: this one")
    parser.add_argument("--only", default=",".join(PARTS), help="parts, separated by commas; default: %(default)s")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=4, help="of each load; probes take three times as long")
    parser.add_argument("--quick", action="store_true", help="one short round with fewer and smaller models")
    arguments = parser.parse_args()
    arguments.parts = arguments.only.split(",")
    if unknown := set(arguments.parts) - set(PARTS):
        parser.error(f"unknown parts: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    return arguments


if __name__ == "__main__":
    # Exiting this way also stops the services that are running.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))
    chosen = _read_arguments()
    many, nodes = (30, 100_000) if chosen.quick else (300, 1_000_000)
    rounds, seconds = (1, 2) if chosen.quick else (chosen.rounds, chosen.seconds)
    with TemporaryDirectory(prefix="scoredesk-bench-") as folder:
        fit = [sys.executable, str(Path(__file__).with_name("fit_cells.py")), folder, str(many), str(nodes)]
        subprocess.run(fit, check=True)  # noqa: S603
        trees = [Tree(name=name, folder=getattr(chosen, name).resolve()) for name in ("before", "after")]
        main(Run(trees=trees, models=Path(folder), rounds=rounds, seconds=seconds), chosen.parts)
