"""Compare Scoredesk with other servers: python benchmarks/side_by_side.py [seconds] [rounds]

Serves the same Joblib files with each server, one server at a time, in turn, loads it with wrk and writes the
results into docs/benchmarks.md. `make bench` runs it. All that it installs and writes is in .bench.
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
from contestants import HELLO, OURS, PEER_SERVERS, PEERS, Contestant, Deployment
from load import ROOT, NotServingError, Server, drive, free_port, postgres_of, running
from results import Results
from standing import write

from environments import programs

BENCH = ROOT / ".bench"
TOLERANCE = 1e-9


def main(seconds: int, rounds: int) -> None:
    # Exiting this way also stops the server that is running.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))
    for old in (BENCH / "models", BENCH / OURS.name, BENCH / "mlflow" / "models"):
        shutil.rmtree(old, ignore_errors=True)
    # In a separate process: if this one imported scikit-learn, it would share pages with Scoredesk's server, whose
    # memory would look smaller.
    subprocess.run([sys.executable, Path(__file__).with_name("fit_cases.py"), BENCH / "models"], check=True)  # noqa: S603
    cases, results = read_cases(BENCH / "models"), Results()
    for turn in range(rounds):
        for model in dict.fromkeys(case.model for case in cases):
            cases_of_model = [case for case in cases if case.model == model]
            for contestant in [HELLO, OURS, *PEER_SERVERS]:
                print(f"Round {turn + 1}: {model}, {contestant.name}", file=sys.stderr, flush=True)
                _measure(contestant, cases_of_model, seconds, results)
    write(cases, results, seconds, rounds)


def _measure(contestant: Contestant, cases: list[Case], seconds: int, results: Results) -> None:
    """Measure one server with all cases of one model; note a problem, and then don't measure this model again."""
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
    deployment = Deployment(
        programs=programs(requirements, work) if requirements.exists() else Path(sys.executable).parent,
        work=work / "models",
        file=BENCH / "models" / model / f"{model}.joblib",
        port=free_port(),
    )
    deployment.work.mkdir(exist_ok=True)
    environ, log = contestant.environ(deployment), work / "log.txt"
    command = contestant.command(deployment)
    with running(command, deployment.port, environ, contestant.ready, folder=contestant.folder, log=log) as server:
        yield replace(server, database=postgres_of(deployment.work / "instance"))


def _drive(contestant: Contestant, server: Server, case: Case, seconds: int, results: Results) -> None:
    path, bodies = contestant.path(case), [contestant.body(case, rows) for rows in case.requests]
    for connections in case.connections:
        drive(server, path, bodies, connections, 1)
        if contestant is not HELLO:
            _check(contestant, server, case)
        results.add(case, connections, contestant.name, drive(server, path, bodies, connections, seconds))


def _check(contestant: Contestant, server: Server, case: Case) -> None:
    """Send all requests at the same time, so that a server that mixes up answers in a batch is noticed.

    Raises
    ------
    NotServingError
        When an answer differs from the estimator's own.
    """

    def ask(rows: object, expected: list[list[float]]) -> bool:
        body = json.dumps(contestant.body(case, rows)).encode()
        url = f"http://127.0.0.1:{server.port}{contestant.path(case)}"
        request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            answered = contestant.probabilities(case, json.load(answer))
        pairs = [pair for each in zip(answered, expected, strict=True) for pair in zip(*each, strict=True)]
        return bool(pairs) and all(abs(one - other) <= TOLERANCE for one, other in pairs)

    with ThreadPoolExecutor(len(case.requests)) as together:
        if not all(together.map(ask, case.requests, case.answers)):
            raise NotServingError("it gave a wrong answer")


if __name__ == "__main__":
    main(*(int(each) for each in (sys.argv[1:] + ["5", "3"][len(sys.argv) - 1 :])))
