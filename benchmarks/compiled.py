"""Compare how fast and how exactly compiled forms predict: python benchmarks/compiled.py [rounds]

Predicts with an estimator itself, with its compiled form and, if skl2onnx and onnxruntime are installed (no
other part of the service needs them), with ONNX Runtime on one thread. Each method is measured from instances
to answers; the methods take turns. Prints the medians, each also as a ratio to the estimator, and the largest
difference of a probability or a number from the estimator's, on the made-up instances with which compiled forms
are checked.
"""

from __future__ import annotations

import statistics
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from palmerpenguins import load_penguins
from report import markdown_table, surroundings
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from threadpoolctl import threadpool_limits

sys.path.insert(0, str(Path(__file__).parents[1]))

from examples.demo import breast_cancer, penguin_mass, penguins
from webapp.cell.compiled import export_plan, sample_splits
from webapp.cell.estimator.answers import predict_answers
from webapp.cell.estimator.matrix import as_matrix
from webapp.cell.signature import read_signature, read_splits
from webapp.models.answers import read_answers
from webapp.models.compiled import Unsure, prove, read_plan
from webapp.models.compiled.made_up_instances import make_up_instances
from webapp.types import Answer, Feature, Instance, Signature

try:
    import onnxruntime
    import skl2onnx
    from skl2onnx.common import data_types
except ImportError:
    skl2onnx = None

COUNTS = (1, 32, 1000)
Method = Callable[[Sequence[Instance]], list[Answer]]


def estimators() -> Iterator[tuple[str, Any]]:
    """Fit the demo models, and two larger ones on 30 made-up numbers."""
    data = load_penguins()
    yield "penguins: logistic regression", penguins(data)
    yield "penguin-mass: 80 boosted trees", penguin_mass(data)
    yield "breast-cancer: logistic regression", breast_cancer()
    chance = np.random.default_rng(0)
    X = chance.normal(size=(3000, 30))
    y = X[:, 0] * X[:, 1] + X[:, 2] + chance.normal(size=len(X)) > 0
    yield "random forest of 300 trees", RandomForestClassifier(300, random_state=0).fit(X, y)
    yield "100 boosted trees", HistGradientBoostingClassifier(random_state=0).fit(X, y)


def itself(estimator: Any, signature: Signature) -> Method:
    return lambda instances: predict_answers(estimator, as_matrix(instances, signature), signature)


def compiled(estimator: Any, signature: Signature) -> Method:
    plan = read_plan(export_plan(estimator, signature).to_bytes())
    ask = itself(estimator, signature)
    prove(plan, ask, signature, sample_splits(estimator))

    def answer(instances: Sequence[Instance]) -> list[Answer]:
        try:
            return read_answers(*plan.predict(instances), signature)
        except Unsure:
            # As in the service, the estimator answers many rows of many trees.
            return ask(instances)

    return answer


def onnx(kind: str) -> Callable[[Any, Signature], Method]:
    """Return the function that converts to ONNX, with 64-bit or 32-bit numbers (``Double`` or ``Float``)."""

    def convert(estimator: Any, signature: Signature) -> Method:
        features, numbers = signature.features, getattr(data_types, f"{kind}TensorType")
        mixed = any(each.choices for each in features)
        columns = [(each.name, data_types.StringTensorType if each.choices else numbers) for each in features]
        inputs = [(name, tensor([None, 1])) for name, tensor in columns]
        model = skl2onnx.convert_sklearn(
            estimator,
            initial_types=inputs if mixed else [("X", numbers([None, len(columns)]))],
            options={"zipmap": False} if signature.probabilities else None,
        )
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        dtype = {"Double": np.float64, "Float": np.float32}[kind]

        def answer(instances: Sequence[Instance]) -> list[Answer]:
            if mixed:
                feed = {each.name: _column(instances, each, dtype) for each in features}
            else:
                feed = {"X": np.array([list(instance.values()) for instance in instances], dtype=dtype)}
            y, *proba = session.run(None, feed)
            return read_answers(y, proba[0] if proba else None, signature)

        return answer

    return convert


def _column(instances: Sequence[Instance], feature: Feature, dtype: type) -> Any:
    values = [instance[feature.name] for instance in instances]
    if feature.choices:
        # ONNX has no blank in columns of strings.
        return np.array([["" if value is None else value] for value in values], dtype=object)
    return np.array(values, dtype=dtype).reshape(-1, 1)


METHODS: dict[str, Callable[[Any, Signature], Method]] = {"the estimator itself": itself, "compiled form": compiled}
if skl2onnx:
    METHODS |= {"ONNX Runtime, 64 bits": onnx("Double"), "ONNX Runtime, 32 bits": onnx("Float")}


def main(rounds: int) -> None:
    packages = ["scikit-learn", "numpy", *(["skl2onnx", "onnxruntime"] if skl2onnx else [])]
    header = ["model", "method", *(f"{count} row{'s'[: count != 1]}, ms" for count in COUNTS), "largest difference"]
    with warnings.catch_warnings(action="ignore"), threadpool_limits(1):
        rows = [row for name, estimator in estimators() for row in _rows(name, estimator, rounds)]
    print(surroundings(*packages), end="\n\n")
    print(markdown_table(header, rows, words=2))


def _rows(name: str, estimator: Any, rounds: int) -> Iterator[list[str]]:
    signature = read_signature(estimator)
    instances = make_up_instances(signature, read_splits(estimator))
    methods, reasons = {}, {}
    for title, make in METHODS.items():
        try:
            methods[title] = make(estimator, signature)
            methods[title](instances)
        except Exception as error:
            methods.pop(title, None)
            cause = error.__cause__ or error
            reasons[title] = " ".join(f"{type(cause).__name__}: {cause}".split())[:120]
    seconds = _measured(methods, (instances * 2)[: max(COUNTS)], rounds)
    exact = methods["the estimator itself"](instances)
    for title in METHODS:
        if title in reasons:
            yield [name, title, *["–"] * len(COUNTS), f"not converted: {reasons[title]}"]
            continue
        figures = [(seconds[title, count], seconds["the estimator itself", count]) for count in COUNTS]
        cells = [f"{own * 1e3:.2f} ({own / whole:.2f})" for own, whole in figures]
        yield [name, title, *cells, _difference(methods[title](instances), exact)]


def _measured(methods: dict[str, Method], instances: Sequence[Instance], rounds: int) -> dict[tuple[str, int], float]:
    found: dict[tuple[str, int], list[float]] = {(title, count): [] for title in methods for count in COUNTS}
    for _ in range(rounds):
        for title, count in found:
            began = time.perf_counter()
            methods[title](instances[:count])
            found[title, count].append(time.perf_counter() - began)
    return {key: statistics.median(each) for key, each in found.items()}


def _difference(answers: Sequence[Answer], wanted: Sequence[Answer]) -> str:
    pairs = list(zip(answers, wanted, strict=True))
    largest = max(abs(a - b) for pair in pairs for a, b in zip(*map(_numbers, pair), strict=True))
    labels = sum(a.prediction != b.prediction for a, b in pairs if not isinstance(b.prediction, float))
    return f"{largest:.1e}" + (f", {labels} of {len(pairs)} labels" if labels else "")


def _numbers(answer: Answer) -> list[float]:
    return list(answer.probabilities.values()) if answer.probabilities else [answer.prediction]


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50)
