"""Measure how much memory worker processes share when they serve the same large models.

Usage: python benchmarks/sharing.py

It takes about four minutes and 3 GB of memory; Linux only. It prints one table in Markdown. For each model and
each loading method, a new process forks WORKERS workers, as gunicorn does. Each worker makes a few predictions;
then the kernel reports the memory of all of them. The first row is workers without a model: subtract it.
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
from fresh_process import SPAWN, TIMEOUT_SECONDS, in_fresh_process
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
    """Fit a model and store it uncompressed, because a compressed file can't be mapped into memory."""
    make, size = MODELS[model]
    joblib.dump(make(size), path)


def load_mapped(path: Path) -> Any:
    """Load a model, mapping its arrays from the file."""
    return joblib.load(path, mmap_mode="r")


def load_and_freeze(path: Path) -> Any:
    """Load a model before the fork, and keep the workers' garbage collectors from writing to its memory."""
    estimator = joblib.load(path)
    gc.collect()
    gc.freeze()
    return estimator


@dataclass(frozen=True)
class LoadingMethod:
    """How a model is loaded before the fork, and how in each worker."""

    before_fork: Callable[[Path], Any] | None = None
    in_worker: Callable[[Path], Any] | None = None


NO_MODEL = "no model"
METHODS = {
    NO_MODEL: LoadingMethod(),
    "in each worker": LoadingMethod(in_worker=joblib.load),
    "in each worker, mmap_mode": LoadingMethod(in_worker=load_mapped),
    "before the fork, gc.freeze()": LoadingMethod(before_fork=load_and_freeze),
}


@dataclass(frozen=True)
class Memory:
    """The memory of processes, in bytes."""

    private: int
    proportional: int
    proportional_with_parent: int


def read_memory(process: int) -> dict[str, int]:
    """Read the memory of a process from the kernel, by kind, in bytes."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()[1:]
    return {kind.rstrip(":"): int(size) * 1024 for kind, size, _ in map(str.split, lines)}


def work(method: LoadingMethod, path: Path, estimator: Any, connection: Connection) -> None:
    """Do a worker's part: load the model unless the parent did, predict, report readiness, and wait for the end."""
    if method.in_worker:
        estimator = method.in_worker(path)
    if estimator is not None:
        for instance in fitted_models.instances(estimator, PREDICTIONS):
            estimator.predict(instance.reshape(1, -1))
    connection.send("ready")
    # The parent kills this process; if the parent is gone, this returns at once.
    connection.poll(TIMEOUT_SECONDS)


def run_worker(method: LoadingMethod, path: Path, estimator: Any, connection: Connection) -> NoReturn:
    """Run the worker and exit, without returning into the parent's code."""
    status = 1
    try:
        work(method, path, estimator, connection)
        status = 0
    except Exception:
        traceback.print_exc()
    finally:
        os._exit(status)


def fork(method: LoadingMethod, path: Path, estimator: Any) -> tuple[int, Connection]:
    """Start a worker; return its process ID and the connection to it."""
    ours, theirs = Pipe()
    process = os.fork()
    if process == 0:
        run_worker(method, path, estimator, theirs)
    theirs.close()
    return process, ours


def serve(name: str, path: Path) -> Memory:
    """Do the parent's part: fork the workers, and measure their memory when all have predicted.

    The parent must not predict: OpenMP would then hang in the workers.
    """
    method = METHODS[name]
    estimator = method.before_fork(path) if method.before_fork else None
    workers = [fork(method, path, estimator) for _ in range(WORKERS)]
    try:
        for _, connection in workers:
            if not connection.poll(TIMEOUT_SECONDS):
                raise TimeoutError("A worker was not ready in time.")
            connection.recv()
        return add_up([read_memory(process) for process, _ in workers])
    finally:
        for process, _ in workers:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)


def add_up(workers: list[dict[str, int]]) -> Memory:
    """Add up the memory of the workers, and of the parent in addition."""
    proportional = sum(worker["Pss"] for worker in workers)
    return Memory(
        private=sum(worker["Private_Clean"] + worker["Private_Dirty"] for worker in workers),
        proportional=proportional,
        proportional_with_parent=proportional + read_memory(os.getpid())["Pss"],
    )


def row(model: str, size: str, name: str, memory: Memory) -> list[str]:
    """Return the cells of one loading method with one model."""
    sizes = [memory.private, memory.proportional, memory.proportional_with_parent]
    return [model, size, name, *(megabytes(each) for each in sizes)]


def compare(model: str, path: Path) -> list[list[str]]:
    """Measure all loading methods with one model."""
    print(model, file=sys.stderr, flush=True)
    in_fresh_process(SPAWN, fit, model, path)
    size = megabytes(path.stat().st_size)
    return [row(model, size, name, in_fresh_process(SPAWN, serve, name, path)) for name in METHODS if name != NO_MODEL]


def main() -> None:
    """Measure all loading methods with all models."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "large.joblib"
        rows = [row("–", "–", NO_MODEL, in_fresh_process(SPAWN, serve, NO_MODEL, path))]
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
