"""Compares ways to store fitted models: size, time and memory.

Usage: python benchmarks/serialization.py

It takes about three minutes. `pip install -r benchmarks/requirements.txt` first. It prints one table in Markdown:
the medians of RUNS runs, in which the formats take turns. Every run has a fresh process; what it takes to start
that and to import scikit-learn is not counted. Files are read from the operating system's cache and written to
it, so what is compared is the formats' work and not the disk's. Each model that was loaded must give the same
predictions as the one that was stored.
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
from fresh_process import forget_peak_memory, imported_once, in_fresh_process, peak_memory
from report import markdown_table, megabytes, surroundings

RUNS = 5
FRESH = imported_once(
    ["skops.io", "sklearn.ensemble", "sklearn.linear_model", "sklearn.neighbors", "sklearn.svm", "joblib"]
)
MODELS: dict[str, tuple[Callable[[int], Any], int]] = {
    "linear": (fitted_models.linear, 100_000),
    "random forest": (fitted_models.forest, 6_000),
    "KNN, k-d tree": (fitted_models.neighbours_in_tree, 300_000),
    "KNN, brute force": (fitted_models.neighbours_by_brute_force, 100_000),
    "HistGradientBoosting": (fitted_models.boosting, 700),
}
#: What skops doesn't trust by itself and these models need.
TRUSTED = [
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.metrics._dist_metrics.EuclideanDistance64",
    "sklearn.neighbors._kd_tree.KDTree",
    "sklearn.tree._tree.Tree",
]


def dump_pickle(estimator: Any, path: Path) -> None:
    """Store by the standard library alone."""
    with path.open("wb") as file:
        pickle.dump(estimator, file, protocol=5)


def load_pickle(path: Path) -> Any:
    """Load by the standard library alone."""
    with path.open("rb") as file:
        return pickle.load(file)  # noqa: S301  (this program wrote it)


@dataclass(frozen=True)
class Format:
    """A way to store a model and to get it back."""

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
    """What was measured of one model in one format, run by run; a reason if it failed."""

    size: int = 0
    save_seconds: list[float] = field(default_factory=list)
    save_memory: list[float] = field(default_factory=list)
    load_seconds: list[float] = field(default_factory=list)
    load_memory: list[float] = field(default_factory=list)
    save_failure: str = ""
    load_failure: str = ""


def prepare(model: str, reference: Path) -> None:
    """Fit a model and keep it, with some rows and what it predicts for them, to compare with."""
    fit, size = MODELS[model]
    estimator = fit(size)
    rows = fitted_models.instances(estimator, 5)
    dump_pickle(estimator, reference)
    np.savez(reference.with_suffix(".npz"), rows=rows, expected=estimator.predict(rows))


def save(name: str, reference: Path, path: Path) -> tuple[float, float]:
    """Store the model; give the seconds and the bytes of memory that this took beyond the model's own."""
    estimator = load_pickle(reference)
    forget_peak_memory()
    before = peak_memory()
    start = perf_counter()
    FORMATS[name].dump(estimator, path)
    return perf_counter() - start, peak_memory() - before


def load(name: str, reference: Path, path: Path) -> tuple[float, float]:
    """Load the model; give the seconds and the peak memory of the whole process in bytes."""
    start = perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        estimator = FORMATS[name].load(path)
    seconds, peak = perf_counter() - start, peak_memory()
    known = np.load(reference.with_suffix(".npz"))
    if not np.allclose(estimator.predict(known["rows"]), known["expected"], rtol=1e-12):
        raise ValueError("The model that was loaded predicts something else.")
    return seconds, peak


def measure(name: str, reference: Path, path: Path, baseline: int, results: Results) -> None:
    """Add one run of a format, or the reason why there can be none."""
    try:
        seconds, memory = in_fresh_process(FRESH, save, name, reference, path)
    except Exception as error:
        results.save_failure = f"can't store it: {type(error).__name__}"
        return
    results.size = path.stat().st_size
    results.save_seconds.append(seconds)
    results.save_memory.append(memory)
    try:
        seconds, memory = in_fresh_process(FRESH, load, name, reference, path)
    except Exception as error:
        results.load_failure = f"can't load it: {type(error).__name__}"
        return
    results.load_seconds.append(seconds)
    results.load_memory.append(memory - baseline)


def milliseconds(seconds: list[float]) -> str:
    """Write the median of some durations."""
    return f"{median(seconds) * 1000:.0f}"


def row(model: str, name: str, results: Results) -> list[str]:
    """Give the cells of one format."""
    if results.save_failure:
        return [model, name, "–", results.save_failure, "–", "–", "–"]
    saved = [megabytes(results.size), milliseconds(results.save_seconds), megabytes(median(results.save_memory))]
    if results.load_failure:
        return [model, name, *saved, results.load_failure, "–"]
    return [model, name, *saved, milliseconds(results.load_seconds), megabytes(median(results.load_memory))]


def compare(model: str, folder: Path) -> list[list[str]]:
    """Measure all formats with one model, taking turns, so that a busy moment meets them all alike."""
    reference = folder / "reference"
    in_fresh_process(FRESH, prepare, model, reference)
    names = list(FORMATS)
    results = {name: Results() for name in names}
    for number in range(RUNS):
        print(f"{model}: run {number + 1} of {RUNS}", file=sys.stderr, flush=True)
        # A process that only imports is the measure of what the imports take.
        baseline = in_fresh_process(FRESH, peak_memory)
        # They begin with another one each time, because what comes before may leave its traces.
        for index in range(number, number + len(names)):
            name = names[index % len(names)]
            measure(name, reference, folder / f"{index % len(names)}.model", baseline, results[name])
    return [row(model, name, results[name]) for name in names]


def main() -> None:
    """Compare all formats with all models."""
    # First of all, because it fails if a package is missing.
    print(surroundings("scikit-learn", "numpy", "joblib", "skops", "lz4"), end="\n\n", flush=True)
    rows = []
    for model in MODELS:
        with TemporaryDirectory() as folder:
            rows += compare(model, Path(folder))
    header = ["model", "format", "file, MB", "save, ms", "peak while saving, MB", "load, ms", "peak while loading, MB"]
    print(markdown_table(header, rows, words=2))


if __name__ == "__main__":
    main()
