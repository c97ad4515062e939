"""What cells.py measures: each part runs the services of all trees in turn and notes figures."""

from __future__ import annotations

import json
import shutil
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.error import HTTPError

from callers import Caller, calling, percentile
from load import Measurement, drive
from trees import Service, Tree, address, memory_of, serving

COMPILED = ("penguins", "forest")
NOT_COMPILED = ("svc", "neighbours", "text", "stacking")
LIST_LENGTH = 1000
#: Callers of a slow model, and of one that hangs.
SLOW_CALLERS, HANGING_CALLERS = 8, 48
#: Beside them, this many callers ask another model, and as many /healthz, five times a second each.
PROBES, PROBE_INTERVAL = 8, 0.2
IDLE_SECONDS = 5
#: Seconds after which what nothing needs has ended.
REST_SECONDS = 75
DROPS = 10
#: A file counts as served when this many connections in a row got an answer: each may reach another worker.
ANSWERS_IN_A_ROW = 8


@dataclass(kw_only=True)
class Run:
    """What is compared, how long, and the figures so far."""

    trees: Sequence[Tree]
    models: Path
    rounds: int
    seconds: int
    #: By part and title, then by tree: one value for each round.
    figures: dict[tuple[str, str], dict[str, list[float]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rows: dict[str, list[list[Any]]] = json.loads((self.models / "rows.json").read_text())

    def turns(self) -> Iterator[Tree]:
        """Yield the trees once for each round, in one order and then in the other."""
        for turn in range(self.rounds):
            yield from self.trees if turn % 2 == 0 else reversed(self.trees)

    def note(self, part: str, title: str, tree: Tree, value: float) -> None:
        self.figures[part, title][tree.name].append(value)

    def drive(
        self, tree: Tree, service: Service, model: str, bodies: Sequence[object], connections: int
    ) -> Measurement:
        """Send the bodies after a second of the same load; failed requests are a problem."""
        drive(service.server, address(model), bodies, connections, 1)
        measured = drive(service.server, address(model), bodies, connections, self.seconds)
        if measured.failures:
            self.problems.append(f"{tree.name}: {measured.failures} requests to {model} failed")
        return measured


def speed(run: Run) -> None:
    """One row in each request: compiled models, and models that scikit-learn answers itself."""
    with _serving_all(run, run.models / "single") as services:
        for model, tree in product(COMPILED + NOT_COMPILED, run.turns()):
            service = services[tree.name]
            bodies = service.bodies(model, run.rows[model][:16])
            alone = run.drive(tree, service, model, bodies, 1)
            crowd = run.drive(tree, service, model, bodies, 32)
            run.note("speed", f"{model}, 1 connection: p50, ms", tree, alone.p50)
            run.note("speed", f"{model}, 32 connections: requests/s", tree, crowd.requests_per_second)
            run.note("speed", f"{model}, 32 connections: CPU, ms a request", tree, crowd.server.cpu)
            if crowd.database:
                run.note("speed", f"{model}, 32 connections: PostgreSQL's CPU, ms", tree, crowd.database.cpu)


def lists(run: Run) -> None:
    """A thousand rows in each request."""
    with _serving_all(run, run.models / "single") as services:
        for model, connections, tree in product(("forest", "neighbours"), (1, 8), run.turns()):
            bodies = services[tree.name].lists(model, run.rows[model], LIST_LENGTH)
            measured = run.drive(tree, services[tree.name], model, bodies, connections)
            title = f"{model}, {connections} connection{'s'[: connections > 1]}: rows/s"
            run.note("lists", title, tree, measured.requests_per_second * LIST_LENGTH)


def neighbours(run: Run) -> None:
    """Other requests beside a model whose calls take 100 ms, in Python or in one call that keeps the global lock."""
    with _serving_all(run, run.models / "single") as services:
        for tree in run.turns():
            service = services[tree.name]
            alone = _probe(run, tree, service, "neighbours", "alone", [])
            for model, title in {"slow": "beside Python", "pattern": "beside a locked call"}.items():
                (body, *_) = service.bodies(model, run.rows[model][:1])
                callers = [Caller(service.server.port, address(model), body) for _ in range(SLOW_CALLERS)]
                beside = _probe(run, tree, service, "neighbours", title, callers)
                for name, p99 in beside.items():
                    run.note("neighbours", f"{title}: p99 of {name}, times that alone", tree, p99 / alone[name])
                answered = sum(len(each.times) - each.failures for each in callers)
                run.note("neighbours", f"{title}: its own answers/s", tree, answered / _probe_seconds(run))
                time.sleep(1)


def hanging(run: Run) -> None:
    """Other requests while a model hangs, in a thousand calls of 100 ms or in one call that keeps the global lock.

    Who still waits in the end counts with the time until then.
    """
    kinds = {"pattern, a long list": "in many calls", "pattern, hanging": "in one locked call"}
    for tree in run.turns():
        for rows, title in kinds.items():
            with serving(tree, run.models / "single") as service:
                bodies = service.bodies("pattern", run.rows[rows])
                instances = [body["inputs"] for body in bodies]
                body = {"inputs": instances if len(instances) > 1 else instances[0]}
                port, timeout = service.server.port, 90.0
                callers = [Caller(port, address("pattern"), body, timeout=timeout) for _ in range(HANGING_CALLERS)]
                _probe(run, tree, service, "hanging", title, callers)


def memory(run: Run) -> None:
    """The three demo models, idle after some predictions."""
    for tree in run.turns():
        with serving(tree, run.models / "demo") as service:
            for model in ("penguins", "penguin-mass", "breast-cancer"):
                body = _typical_body(service, model)
                drive(service.server, address(model), [body], 8, min(run.seconds, 2))
            _note_memory(run, "memory", "demo models, at once", tree, service)
            time.sleep(REST_SECONDS)
            _note_memory(run, "memory", "demo models, after a rest", tree, service)


def large(run: Run) -> None:
    """A forest of nearly a million nodes, idle after some predictions."""
    for tree in run.turns():
        with serving(tree, run.models / "large") as service:
            run.note("large", "the forest: start until it is served, s", tree, service.seconds)
            bodies = service.bodies("large", run.rows["large"])
            drive(service.server, address("large"), bodies, 8, min(run.seconds, 2))
            _note_memory(run, "large", "the forest", tree, service)


def many(run: Run) -> None:
    """Hundreds of models: the first start, a prediction of each, and a later start."""
    for tree in run.turns():
        with TemporaryDirectory(prefix="scoredesk-bench-", ignore_cleanup_errors=True) as instance:
            with serving(tree, run.models / "many", Path(instance)) as service:
                run.note("many", "first start until all are served, s", tree, service.seconds)
                _note_memory(run, "many", "after the start", tree, service)
                times = [_time(service, file.stem) for file in sorted(service.models.glob("*.joblib"))]
                run.note("many", "first prediction of each: p50, ms", tree, 1000 * statistics.median(times))
                run.note("many", "first prediction of each: slowest, ms", tree, 1000 * max(times))
                _note_memory(run, "many", "after a prediction of each", tree, service)
            with serving(tree, run.models / "many", Path(instance)) as service:
                run.note("many", "later start until all are served, s", tree, service.seconds)


def dropped(run: Run) -> None:
    """Files that are copied into the folder of a running service."""
    with _serving_all(run, run.models / "demo") as services:
        for tree in run.turns():
            times = _drop(services[tree.name])
            run.note("dropped", "a file until it is served: median, s", tree, statistics.median(times))
            run.note("dropped", "a file until it is served: slowest, s", tree, max(times))


def _drop(service: Service) -> list[float]:
    """Rename copies of a file into the folder, one after the other; return how long each took to be served."""
    source, file = service.models / "penguins.joblib", service.models / "unfinished.tmp"
    body, times = _typical_body(service, "penguins"), []
    for _ in range(DROPS):
        name = f"dropped-{time.monotonic_ns()}"
        shutil.copy(source, file)
        began = time.monotonic()
        file.rename(service.models / f"{name}.joblib")
        times.append(_served_at(service, name, body) - began)
    return times


Part = Callable[[Run], None]
PARTS: dict[str, Part] = {
    each.__name__: each for each in (speed, lists, neighbours, hanging, memory, large, many, dropped)
}


@contextmanager
def _serving_all(run: Run, models: Path) -> Iterator[dict[str, Service]]:
    """Start the services of all trees; those that are not measured are idle."""
    with ExitStack() as stack:
        yield {tree.name: stack.enter_context(serving(tree, models)) for tree in run.trees}


def _probe_seconds(run: Run) -> int:
    return 3 * run.seconds


def _probe(run: Run, tree: Tree, service: Service, part: str, title: str, others: Sequence[Caller]) -> dict[str, float]:
    """Note how long penguins and /healthz take beside other callers; return the 99th percentile of each."""
    port, body = service.server.port, service.bodies("penguins", run.rows["penguins"][:1])[0]
    paths: dict[str, tuple[str, object]] = {"penguins": (address("penguins"), body), "healthz": ("/healthz", None)}
    with calling(others):
        time.sleep(1 if others else 0)
        probes = {
            name: [Caller(port, *target, interval=PROBE_INTERVAL) for _ in range(PROBES)]
            for name, target in paths.items()
        }
        with calling([each for callers in probes.values() for each in callers]):
            time.sleep(_probe_seconds(run))
    found = {}
    for name, callers in probes.items():
        found[name] = percentile(callers, 0.99)
        run.note(part, f"{title}: p50 of {name}, ms", tree, percentile(callers, 0.5))
        run.note(part, f"{title}: p99 of {name}, ms", tree, found[name])
        if part == "hanging":
            times = [each for caller in callers for each in caller.times]
            late = sum(each > 1 for each in times)
            run.note(part, f"{title}: {name} after more than a second, %", tree, 100 * late / len(times))
            run.note(part, f"{title}: refusals by {name}", tree, sum(each.failures for each in callers))
    return found


def _note_memory(run: Run, part: str, title: str, tree: Tree, service: Service) -> None:
    time.sleep(IDLE_SECONDS)
    used = memory_of(service.server)
    run.note(part, f"{title}: Pss, MB", tree, used.pss)
    run.note(part, f"{title}: memory, MB", tree, used.alone)
    run.note(part, f"{title}: processes", tree, used.processes)


def _typical_body(service: Service, model: str) -> object:
    """Return a request with the first choice, or a number in the range, of each input."""
    inputs = service.get(f"/api/v1/models/{model}")["inputs"]
    return {"inputs": {each["name"]: _typical(each) for each in inputs}}


def _typical(feature: dict[str, Any]) -> Any:
    return feature["choices"][0] if feature["choices"] else feature["range"]["high"] if feature["range"] else 1.0


def _time(service: Service, model: str) -> float:
    body = {"inputs": {f"x{each}": 0.5 for each in range(5)}}
    began = time.monotonic()
    service.open(address(model), body).read()
    return time.monotonic() - began


def _served_at(service: Service, model: str, body: object) -> float:
    """Return the time of the first answer after which all connections are answered."""
    first, answers, deadline = 0.0, 0, time.monotonic() + 60
    while answers < ANSWERS_IN_A_ROW:
        try:
            service.open(address(model), body).read()
        except HTTPError:
            answers = 0
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
            continue
        first, answers = first if answers else time.monotonic(), answers + 1
    return first
