"""Compare formats for fitted models: size, time and memory.

Usage: python benchmarks/serialization.py

Run `pip install -r benchmarks/requirements.txt` first. It takes about three minutes and prints one table in
Markdown: the medians of RUNS runs, in which the formats take turns. Each run has a new process; starting it and
importing scikit-learn are not counted. Files are read from and written to the operating system's cache, so the
formats are compared and not the disk. Each loaded model must give the same predictions as the stored one.
"""

from __future__ import annotations

import pickle
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import fitted_models
import joblib
import numpy as np
import skops.io
from fresh_process import fork_server, in_fresh_process, peak_memory, reset_peak_memory
from report import markdown_table, megabytes, surroundings

RUNS = 5
FORK_SERVER = fork_server(
    ["skops.io", "sklearn.ensemble", "sklearn.linear_model", "sklearn.neighbors", "sklearn.svm", "joblib"]
)
MODELS: dict[str, tuple[Callable[[int], Any], int]] = {
    "linear": (fitted_models.linear, 100_000),
    "random forest": (fitted_models.forest, 6_000),
    "KNN, k-d tree": (fitted_models.neighbours_in_tree, 300_000),
    "KNN, brute force": (fitted_models.neighbours_by_brute_force, 100_000),
    "HistGradientBoosting": (fitted_models.boosting, 700),
}
#: The types in these models that skops doesn't trust by default.
TRUSTED = [
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.metrics._dist_metrics.EuclideanDistance64",
    "sklearn.neighbors._kd_tree.KDTree",
    "sklearn.tree._tree.Tree",
]


def dump_pickle(estimator: Any, path: Path) -> None:
    """Store a model with the standard library."""
    with path.open("wb") as file:
        pickle.dump(estimator, file, protocol=5)


def load_pickle(path: Path) -> Any:
    """Load a model with the standard library."""
    with path.open("rb") as file:
        return pickle.load(file)  # noqa: S301  (this program wrote it)


@dataclass(frozen=True)
class Format:
    """How to store and load a model."""

    dump: Callable[[Any, Path], object]
    load: Callable[[Path], Any]


FORMATS = {
    "joblib": Format(joblib.dump, joblib.load),
    "joblib, mmap_mode": Format(joblib.dump, lambda path: joblib.load(path, mmap_mode="r")),
    "joblib, from bytes": Format(joblib.dump, lambda path: joblib.load(BytesIO(path.read_bytes()))),
    "joblib, zlib 3": Format(lambda estimator, path: joblib.dump(estimator, path, compress=("zlib", 3)), joblib.load),
    "joblib, lz4": Format(lambda estimator, path: joblib.dump(estimator, path, compress="lz4"), joblib.load),
    "pickle 5": Format(dump_pickle, load_pickle),
    "skops": Format(skops.io.dump, lambda path: skops.io.load(path, trusted=TRUSTED)),
}


@dataclass
class Results:
    """The measurements of one model in one format, run by run; or the reason why there are none."""

    size: int = 0
    save_seconds: list[float] = field(default_factory=list)
    save_memory: list[float] = field(default_factory=list)
    load_seconds: list[float] = field(default_factory=list)
    load_memory: list[float] = field(default_factory=list)
    save_failure: str = ""
    load_failure: str = ""


def prepare(model: str, reference: Path) -> None:
    """Fit a model and store it, with some rows and its predictions for them, to compare with."""
    fit, size = MODELS[model]
    estimator = fit(size)
    rows = fitted_models.instances(estimator, 5)
    dump_pickle(estimator, reference)
    np.savez(reference.with_suffix(".npz"), rows=rows, expected=estimator.predict(rows))


def save(name: str, reference: Path, path: Path) -> tuple[float, float]:
    """Store the model; return the seconds, and the bytes of memory that this needed in addition to the model."""
    estimator = load_pickle(reference)
    reset_peak_memory()
    before = peak_memory()
    start = perf_counter()
    FORMATS[name].dump(estimator, path)
    return perf_counter() - start, peak_memory() - before


def load(name: str, reference: Path, path: Path) -> tuple[float, float]:
    """Load the model; return the seconds, and the peak memory of the whole process in bytes."""
    start = perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        estimator = FORMATS[name].load(path)
    seconds, peak = perf_counter() - start, peak_memory()
    known = np.load(reference.with_suffix(".npz"))
    if not np.allclose(estimator.predict(known["rows"]), known["expected"], rtol=1e-12):
        raise ValueError("The loaded model gives other predictions than the stored one.")
    return seconds, peak


def measure(name: str, reference: Path, path: Path, baseline: int, results: Results) -> None:
    """Add one run of a format, or the reason why it failed."""
    try:
        seconds, memory = in_fresh_process(FORK_SERVER, save, name, reference, path)
    except Exception as error:
        results.save_failure = f"can't store it: {type(error).__name__}"
        return
    results.size = path.stat().st_size
    results.save_seconds.append(seconds)
    results.save_memory.append(memory)
    try:
        seconds, memory = in_fresh_process(FORK_SERVER, load, name, reference, path)
    except Exception as error:
        results.load_failure = f"can't load it: {type(error).__name__}"
        return
    results.load_seconds.append(seconds)
    results.load_memory.append(memory - baseline)


def milliseconds(seconds: list[float]) -> str:
    """Format the median of some durations."""
    return f"{median(seconds) * 1000:.0f}"


def row(model: str, name: str, results: Results) -> list[str]:
    """Return the cells of one format."""
    if results.save_failure:
        return [model, name, "–", results.save_failure, "–", "–", "–"]
    saved = [megabytes(results.size), milliseconds(results.save_seconds), megabytes(median(results.save_memory))]
    if results.load_failure:
        return [model, name, *saved, results.load_failure, "–"]
    return [model, name, *saved, milliseconds(results.load_seconds), megabytes(median(results.load_memory))]


def compare(model: str, folder: Path) -> list[list[str]]:
    """Measure all formats with one model, in turn, so that a busy moment affects all of them alike."""
    reference = folder / "reference"
    in_fresh_process(FORK_SERVER, prepare, model, reference)
    names = list(FORMATS)
    results = {name: Results() for name in names}
    for number in range(RUNS):
        print(f"{model}: run {number + 1} of {RUNS}", file=sys.stderr, flush=True)
        # The memory of a process that only imports is the baseline.
        baseline = in_fresh_process(FORK_SERVER, peak_memory)
        # Each run starts with another format, because a format may affect the one after it.
        for index in range(number, number + len(names)):
            name = names[index % len(names)]
            measure(name, reference, folder / f"{index % len(names)}.model", baseline, results[name])
    return [row(model, name, results[name]) for name in names]


def main() -> None:
    """Compare all formats with all models."""
    # This comes first because it fails if a package is missing.
    print(surroundings("scikit-learn", "numpy", "joblib", "skops", "lz4"), end="\n\n", flush=True)
    rows = []
    for model in MODELS:
        with TemporaryDirectory() as folder:
            rows += compare(model, Path(folder))
    header = ["model", "format", "file, MB", "save, ms", "peak while saving, MB", "load, ms", "peak while loading, MB"]
    print(markdown_table(header, rows, words=2))


if __name__ == "__main__":
    main()
