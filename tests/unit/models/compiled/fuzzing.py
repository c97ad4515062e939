"""Plans with random changes, read and used within bounds: python -m tests.unit.models.compiled.fuzzing [count] [seed]

Fits a few estimators whose plans have every kind of operation, limits its own memory, and changes their bytes at
random: single bytes, numbers in arrays, and parts of the header. Prints how many were refused, read and answered;
fails if a plan raises what callers don't expect.
"""

from __future__ import annotations

import copy
import json
import os
import resource
import sys
import time
import warnings
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
)
from sklearn.feature_selection import SelectKBest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, PoissonRegressor, SGDClassifier
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.tree import DecisionTreeRegressor

from webapp.cell.compiled import export_plan
from webapp.cell.signature import read_signature
from webapp.models.compiled import PlanInvalid, Unsure, read_plan
from webapp.models.compiled.made_up_instances import make_up_instances
from webapp.models.compiled.plan_data import ALIGNMENT, MAGIC, PREFIX_BYTES
from webapp.types import Instance

#: What a plan may take while it is read and predicts.
MAX_BYTES = 2**30
#: What else a plan may raise; the estimator then answers.
ORDINARY = (Unsure, ValueError, TypeError, IndexError, KeyError, AttributeError, ArithmeticError)
EXTREMES = (0, 1, -1, 2, 7, 63, 64, 2**31 - 1, -(2**31), 2**40, 2**63, 10**30, 0.5, -1.5, 1e300, 1e-300, 1e18)
WORDS = ("", "scale", "clip", "select", "side by side", "encode", "forest", "boosted class", "logit", "log", "float64")


def plans() -> list[tuple[bytes, list[Instance]]]:
    """Return a plan of each kind, and instances that it answers."""
    random = np.random.default_rng(0)
    N = 90
    data = pd.DataFrame(
        {
            "size": random.normal(size=N),
            "age": random.integers(18, 80, N).astype(float),
            "city": random.choice(["Bonn", "Kiel", "Ulm"], N),
            "grade": random.choice([1.0, 2.0], N),
        }
    )
    data.loc[::7, "size"] = data.loc[::9, "grade"] = np.nan
    two, three = np.where(data["age"] > 50, "old", "young"), np.digitize(data["age"], [35, 55])
    numbers = make_pipeline(
        SimpleImputer(add_indicator=True),
        make_union(StandardScaler(), MinMaxScaler(clip=True)),
        FunctionTransformer(np.cbrt, validate=True),
        SelectKBest(k=3),
    )
    texts = make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder())
    mixed = make_column_transformer(
        (numbers, ["size", "age"]), (texts, ["city"]), (OrdinalEncoder(encoded_missing_value=-1), ["grade"])
    )
    X = data[["age", "size"]].fillna(0).to_numpy()
    fitted = [
        make_pipeline(mixed, LogisticRegression()).fit(data, two),
        make_pipeline(mixed, RandomForestClassifier(4, random_state=0)).fit(data, three),
        SGDClassifier(loss="log_loss", random_state=0).fit(X, three),
        PoissonRegressor().fit(X, data["age"]),
        DecisionTreeRegressor(random_state=0).fit(X, data["age"]),
        GradientBoostingClassifier(n_estimators=3).fit(X, three),
        HistGradientBoostingClassifier(max_iter=3, min_samples_leaf=4).fit(data[["size", "age"]], two),
        HistGradientBoostingRegressor(max_iter=3, min_samples_leaf=4, loss="poisson").fit(X, data["age"]),
    ]
    signatures = [read_signature(estimator) for estimator in fitted]
    return [
        (export_plan(estimator, signature).to_bytes(), make_up_instances(signature, {})[:40])
        for estimator, signature in zip(fitted, signatures, strict=True)
    ]


def mutated(data: bytes, random: Random) -> bytes:
    """Return the plan with one to four changes of one kind."""
    change = random.choice([_other_bytes, _other_length, *[_other_numbers] * 3, *[_other_header] * 3])
    for _ in range(random.choice([1, 1, 2, 4])):
        data = change(data, random)
    return data


def _other_bytes(data: bytes, random: Random) -> bytes:
    changed = bytearray(data)
    changed[random.randrange(len(data))] = random.choice([0, 1, 0x30, 0x5B, 0x7F, 0x80, 0xFF, random.randrange(256)])
    return bytes(changed)


def _other_numbers(data: bytes, random: Random) -> bytes:
    start = -(-_header_end(data) // ALIGNMENT) * ALIGNMENT
    dtype = random.choice(["<f8", "<i4"])
    value = random.choice(
        [0, 1, -1, 2, 5, 1000, 2**31 - 1, -(2**31), *([np.nan, np.inf, 1e308] if "f" in dtype else [])]
    )
    number = np.array(value, dtype=dtype).tobytes()
    place = random.randrange(start, len(data), len(number))
    return data[:place] + number + data[place + len(number) :]


def _other_header(data: bytes, random: Random) -> bytes:
    end = _header_end(data)
    header = json.loads(data[PREFIX_BYTES:end])
    part, key = random.choice(list(_places(header)))
    match random.randrange(6):
        case 0:
            part[key] = random.choice([*EXTREMES, *WORDS, None, True, [], {}, [[]], {"float": "nan"}])
        case 1:
            del part[key]
        case 2:
            other, name = random.choice(list(_places(header)))
            part[key] = copy.deepcopy(other[name])
        case 3 if isinstance(part[key], int | float):
            part[key] += random.choice([-1, 1, 64, 2**31])
        case 4 if isinstance(part[key], list):
            part[key] = part[key] * random.choice([2, 3, 500])
        case _ if isinstance(part, list):
            part.insert(key, copy.deepcopy(part[key]))
        case _:
            part["more"] = part[key]
    text = json.dumps(header).encode()
    start = MAGIC + len(text).to_bytes(8, "little") + text
    return start + b"\0" * (-len(start) % ALIGNMENT) + data[-(-end // ALIGNMENT) * ALIGNMENT :]


def _other_length(data: bytes, random: Random) -> bytes:
    return data[: random.randrange(len(data))] if random.random() < 0.5 else data + bytes(random.choice([1, 64, 4096]))


def _header_end(data: bytes) -> int:
    return min(PREFIX_BYTES + int.from_bytes(data[len(MAGIC) : PREFIX_BYTES], "little"), len(data) - 1)


def _places(value: Any) -> Any:
    """Yield each place in JSON: the object or list, and the key."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        yield value, key
        if isinstance(inner, dict | list):
            yield from _places(inner)


def main(count: int, seed: int) -> None:
    warnings.simplefilter("ignore")
    originals, random, ends = plans(), Random(seed), Counter[str]()  # noqa: S311  # the same changes each time
    for data, instances in originals:
        read_plan(data).predict(instances)
    present = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    resource.setrlimit(resource.RLIMIT_AS, (present + MAX_BYTES, present + MAX_BYTES))
    slowest = 0.0
    for _ in range(count):
        original, instances = random.choice(originals)
        try:
            data = mutated(original, random)
        except (ValueError, LookupError):
            # The change before made it another format.
            data = _other_bytes(original, random)
        began = time.perf_counter()
        ends[_end(data, instances)] += 1
        slowest = max(slowest, time.perf_counter() - began)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    sys.stdout.write(f"{dict(ends)}, the slowest in {slowest:.3f} s, at most {peak} MiB\n")


def _end(data: bytes, instances: list[Instance]) -> str:
    try:
        plan = read_plan(data)
    except PlanInvalid:
        return "refused"
    end = "answered"
    for some in (instances[:1], instances):
        try:
            plan.predict(some)
        except RecursionError:
            raise
        except ORDINARY as error:
            end = type(error).__name__
    return end


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3000, int(sys.argv[2]) if len(sys.argv) > 2 else 0)
