"""Scoredesk beside other servers: python benchmarks/side_by_side.py [seconds] [rounds]

Serves the same Joblib files with each, one server at a time and in turns, drives it with wrk and writes what it
saw into docs/benchmarks.md. `make bench` runs it; what it installs and writes is under .bench.
"""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from cases import Case, read_cases
from contestants import HELLO, OURS, PEER_SERVERS, PEERS, Contestant, Place
from environments import programs
from load import ROOT, NotServingError, Server, drive, free_port, running
from results import Results
from standing import write

BENCH = ROOT / ".bench"
TOLERANCE = 1e-9


def main(seconds: int, rounds: int) -> None:
    # Whoever ends this ends the server too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))
    for old in (BENCH / "models", BENCH / OURS.name, BENCH / "mlflow" / "models"):
        shutil.rmtree(old, ignore_errors=True)
    # Apart: a process that maps scikit-learn as well would share its pages, and make Scoredesk look smaller.
    subprocess.run([sys.executable, Path(__file__).with_name("fit_cases.py"), BENCH / "models"], check=True)  # noqa: S603
    cases, results = read_cases(BENCH / "models"), Results()
    for turn in range(rounds):
        for model in dict.fromkeys(case.model for case in cases):
            asked = [case for case in cases if case.model == model]
            for contestant in [HELLO, OURS, *PEER_SERVERS]:
                print(f"Round {turn + 1}: {model}, {contestant.name}", file=sys.stderr, flush=True)
                _measure(contestant, asked, seconds, results)
    write(cases, results, seconds, rounds)


def _measure(contestant: Contestant, cases: list[Case], seconds: int, results: Results) -> None:
    """Measure one server with all that is asked of one model; what does not work is noted and not tried again."""
    if contestant is HELLO:
        cases = [case for case in cases if case.columns and case.length == 1]
    if not cases or (contestant.name, cases[0].model) in results.problems:
        return
    try:
        with _serving(contestant, cases[0].model) as server:
            for case in cases:
                _drive(contestant, server, case, seconds, results)
    except (NotServingError, OSError, ValueError, LookupError, subprocess.CalledProcessError) as problem:
        print(f"{contestant.name}: {problem}", file=sys.stderr, flush=True)
        results.problems[contestant.name, cases[0].model] = str(problem)


@contextmanager
def _serving(contestant: Contestant, model: str) -> Iterator[Server]:
    work = BENCH / contestant.name
    work.mkdir(parents=True, exist_ok=True)
    requirements = PEERS / contestant.name / "requirements.txt"
    place = Place(
        programs=programs(requirements, work) if requirements.exists() else Path(sys.executable).parent,
        work=work / "models",
        file=BENCH / "models" / model / f"{model}.joblib",
        port=free_port(),
    )
    place.work.mkdir(exist_ok=True)
    environ, log = contestant.environ(place), work / "log.txt"
    command = contestant.command(place)
    with running(command, place.port, environ, contestant.ready, folder=contestant.folder, log=log) as server:
        yield replace(server, database=_postgres(place.work))


def _postgres(work: Path) -> int | None:
    """Find the PostgreSQL that the server has started, if it has."""
    found = next(work.glob("instance/**/postmaster.pid"), None)
    return int(found.read_text().splitlines()[0]) if found else None


def _drive(contestant: Contestant, server: Server, case: Case, seconds: int, results: Results) -> None:
    path, bodies = contestant.path(case), [contestant.body(case, rows) for rows in case.requests]
    for connections in case.connections:
        drive(server, path, bodies, connections, 1)
        if contestant is not HELLO:
            _check(contestant, server, case)
        results.add(case, connections, contestant.name, drive(server, path, bodies, connections, seconds))


def _check(contestant: Contestant, server: Server, case: Case) -> None:
    """Send all requests at the same time, so that answers that were mixed up in a batch would be seen.

    Raises
    ------
    NotServingError
        An answer is not what the estimator itself says.
    """

    def ask(rows: object, expected: list[list[float]]) -> bool:
        body = json.dumps(contestant.body(case, rows)).encode()
        url = f"http://127.0.0.1:{server.port}{contestant.path(case)}"
        request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            found = contestant.probabilities(case, json.load(answer))
        pairs = [pair for each in zip(found, expected, strict=True) for pair in zip(*each, strict=True)]
        return bool(pairs) and all(abs(one - other) <= TOLERANCE for one, other in pairs)

    with ThreadPoolExecutor(len(case.requests)) as together:
        if not all(together.map(ask, case.requests, case.answers)):
            raise NotServingError("answered wrongly")


if __name__ == "__main__":
    main(*(int(each) for each in (sys.argv[1:] + ["5", "3"][len(sys.argv) - 1 :])))
