"""Measures how much memory worker processes share when they serve the same large models.

Usage: python benchmarks/sharing.py

It takes about four minutes and 3 GB of memory; Linux only. It prints one table in Markdown. For each model and
each way to load it, a fresh process forks WORKERS workers, as gunicorn does; each answers a few predictions,
and then the kernel is asked what they hold. The first row is workers without a model: subtract it.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NoReturn

import fitted_models
import joblib
from fresh_process import APART, TIMEOUT, in_fresh_process
from report import markdown_table, megabytes, surroundings

WORKERS = 4
PREDICTIONS = 3
MODELS: dict[str, tuple[Callable[[int], Any], int]] = {
    "random forest": (fitted_models.forest, 25_000),
    "KNN, k-d tree": (fitted_models.neighbours_in_tree, 1_300_000),
    "KNN, brute force": (fitted_models.neighbours_by_brute_force, 550_000),
    "SVC": (fitted_models.support_vectors, 560),
    "linear": (fitted_models.linear, 550_000),
}


def fit(model: str, path: Path) -> None:
    """Fit a model and store it without compression, which would keep it from being mapped into memory."""
    make, size = MODELS[model]
    joblib.dump(make(size), path)


def load_mapped(path: Path) -> Any:
    """Load a model whose arrays stay in the file."""
    return joblib.load(path, mmap_mode="r")


def load_and_freeze(path: Path) -> Any:
    """Load a model before the fork and keep the garbage collector of the workers from writing to it."""
    estimator = joblib.load(path)
    gc.collect()
    gc.freeze()
    return estimator


@dataclass(frozen=True)
class Way:
    """What is loaded before the fork, and what in each worker."""

    before_fork: Callable[[Path], Any] | None = None
    in_worker: Callable[[Path], Any] | None = None


NO_MODEL = "no model"
WAYS = {
    NO_MODEL: Way(),
    "in each worker": Way(in_worker=joblib.load),
    "in each worker, mmap_mode": Way(in_worker=load_mapped),
    "before the fork, gc.freeze()": Way(before_fork=load_and_freeze),
}


@dataclass(frozen=True)
class Memory:
    """What processes hold, in bytes."""

    private: int
    proportional: int
    proportional_with_parent: int


def held(process: int) -> dict[str, int]:
    """Ask the kernel what a process holds, by kind, in bytes."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()[1:]
    return {kind.rstrip(":"): int(size) * 1024 for kind, size, _ in map(str.split, lines)}


def work(way: Way, path: Path, estimator: Any, connection: Connection) -> None:
    """Be a worker: load if it's time to, predict, say so, and wait for the end."""
    if way.in_worker:
        estimator = way.in_worker(path)
    if estimator is not None:
        for instance in fitted_models.instances(estimator, PREDICTIONS):
            estimator.predict(instance.reshape(1, -1))
    connection.send("ready")
    # The parent ends this process; if the parent is gone, it ends by itself.
    connection.poll(TIMEOUT)


def run_worker(way: Way, path: Path, estimator: Any, connection: Connection) -> NoReturn:
    """Work and leave, never to return into the parent's code."""
    status = 1
    try:
        work(way, path, estimator, connection)
        status = 0
    except Exception:
        traceback.print_exc()
    finally:
        os._exit(status)


def fork(way: Way, path: Path, estimator: Any) -> tuple[int, Connection]:
    """Start a worker; give its process and the line to it."""
    ours, theirs = Pipe()
    process = os.fork()
    if process == 0:
        run_worker(way, path, estimator, theirs)
    theirs.close()
    return process, ours


def serve(name: str, path: Path) -> Memory:
    """Be the parent: fork the workers and see what they hold when all have answered.

    The parent itself predicts nothing: after that, OpenMP would hang in the workers.
    """
    way = WAYS[name]
    estimator = way.before_fork(path) if way.before_fork else None
    workers = [fork(way, path, estimator) for _ in range(WORKERS)]
    try:
        for _, connection in workers:
            if not connection.poll(TIMEOUT):
                raise TimeoutError("A worker did not get ready.")
            connection.recv()
        return add_up([held(process) for process, _ in workers])
    finally:
        for process, _ in workers:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)


def add_up(workers: list[dict[str, int]]) -> Memory:
    """Add up what the workers hold, and what their parent holds beside them."""
    proportional = sum(worker["Pss"] for worker in workers)
    return Memory(
        private=sum(worker["Private_Clean"] + worker["Private_Dirty"] for worker in workers),
        proportional=proportional,
        proportional_with_parent=proportional + held(os.getpid())["Pss"],
    )


def row(model: str, size: str, name: str, memory: Memory) -> list[str]:
    """Give the cells of one way to load one model."""
    sizes = [memory.private, memory.proportional, memory.proportional_with_parent]
    return [model, size, name, *(megabytes(each) for each in sizes)]


def compare(model: str, path: Path) -> list[list[str]]:
    """Measure all ways to load one model."""
    print(model, file=sys.stderr, flush=True)
    in_fresh_process(APART, fit, model, path)
    size = megabytes(path.stat().st_size)
    return [row(model, size, name, in_fresh_process(APART, serve, name, path)) for name in WAYS if name != NO_MODEL]


def main() -> None:
    """Measure all ways with all models."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "large.joblib"
        rows = [row("–", "–", NO_MODEL, in_fresh_process(APART, serve, NO_MODEL, path))]
        for model in MODELS:
            rows += compare(model, path)
    header = [
        "model",
        "file, MB",
        "loaded",
        f"private to {WORKERS} workers, MB",
        "their Pss, MB",
        "Pss with the parent's, MB",
    ]
    print(surroundings("scikit-learn", "numpy", "joblib"), end="\n\n")
    print(markdown_table(header, rows, words=1))


if __name__ == "__main__":
    main()
