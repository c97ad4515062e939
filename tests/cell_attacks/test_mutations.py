"""Whatever comes out of a cell is either refused or such as its signature allows."""

from __future__ import annotations

import io
import json
import math
import random
import socket
import threading
import time
from contextlib import suppress
from dataclasses import asdict
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_iris
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from tests.cell_attacks.mutations import as_json, fuzz, mutated, mutated_json
from webapp.cell.compiled import export_plan
from webapp.cell.reading import read_file
from webapp.errors import InvalidInput, PredictionFailed
from webapp.helpers.frames import HEAD, ConnectionEnded, FrameInvalid, receive_frame
from webapp.helpers.inputs.schema import InstanceSchema
from webapp.helpers.storable import is_storable
from webapp.models import file_report
from webapp.models.compiled import NotCompilable, Plan, PlanInvalid, Unsure, read_plan
from webapp.models.crossing.answers import (
    AnswersInvalid,
    max_answer_bytes,
    max_header_bytes,
    pack_answers,
    unpack_answers,
)
from webapp.models.explanation import background_of
from webapp.models.file_report import MAX_COMMAS, ReportInvalid, read_report, write_report
from webapp.models.guardrails.checks import Checks
from webapp.models.signature.example import example
from webapp.types import Answer, Output, Signature

#: The first is for these tests; by hand, try 100,000.
TIMES, SEED = 1500, 20
X, Y = load_iris(return_X_y=True)
TABLE = np.array([["a", 1.0], ["b", 2.0], ["c", 3.0]] * 5, dtype=object)
ESTIMATORS = {
    "numbers": LinearRegression().fit(X, Y),
    "several numbers": LinearRegression().fit(X, np.c_[Y, Y]),
    "classes": make_pipeline(StandardScaler(), LogisticRegression()).fit(X, Y),
    "several classes": RandomForestClassifier(2, max_depth=2, random_state=0).fit(X, np.c_[Y, Y > 1]),
    "trees": HistGradientBoostingRegressor(max_iter=2).fit(X, Y),
    "categories": make_pipeline(
        make_column_transformer((OneHotEncoder(), [0]), (StandardScaler(), [1])), LogisticRegression()
    ).fit(TABLE, [0, 1, 1] * 5),
}


def signature_of(estimator: Any) -> Signature:
    report = report_of(estimator)
    assert report.signature
    return report.signature


def report_of(estimator: Any) -> Any:
    buffer = io.BytesIO()
    joblib.dump(estimator, buffer)
    return list(read_file(buffer.getvalue(), ()))[-1][0]


def check_answers(answers: list[Answer], rows: int, signature: Signature) -> None:
    """Check that answers are such as the signature allows."""
    assert len(answers) == rows
    for answer in answers:
        several = signature.multi_output
        predictions = answer.prediction if several else [answer.prediction]
        assert len(predictions) == len(signature.outputs)
        for prediction, output in zip(predictions, signature.outputs, strict=True):
            check_prediction(prediction, output)
        if signature.probabilities:
            for shares, output in zip(
                answer.probabilities if several else [answer.probabilities], signature.outputs, strict=True
            ):
                assert len(shares) == len(output.classes)
                assert math.isclose(sum(shares.values()), 1, abs_tol=0.01)
        else:
            assert answer.probabilities is None
        json.dumps(asdict(answer), allow_nan=False).encode()


def check_prediction(prediction: Any, output: Output) -> None:
    if output.classes:
        assert any(type(prediction) is type(each) and prediction == each for each in output.classes)
    else:
        assert isinstance(prediction, bool | int | float | str)
        assert is_storable(prediction)


@pytest.mark.parametrize("estimator", ESTIMATORS.values(), ids=ESTIMATORS)
def test_answers(estimator: Any) -> None:
    signature, rows = signature_of(estimator), 3
    rows_of_x = TABLE[:rows] if estimator is ESTIMATORS["categories"] else X[:rows]
    proba = estimator.predict_proba(rows_of_x) if signature.probabilities else None
    header, payload = pack_answers(estimator.predict(rows_of_x), proba, signature)
    check_answers(unpack_answers(header, payload, rows, signature), rows, signature)

    def attempt(chance: random.Random) -> bool:
        odd = mutated_json(header, chance) if chance.random() < 0.5 else header
        text = as_json(odd)
        held = payload if chance.random() < 0.5 else mutated(payload, chance)
        frame = HEAD.pack(b"SDF1", len(text), len(held)) + text + held
        if chance.random() < 0.3:
            frame = mutated(frame, chance)
        try:
            found = received(frame, rows, signature)
            answers = unpack_answers(*found, rows, signature)
        except (FrameInvalid, ConnectionEnded, AnswersInvalid, PredictionFailed):
            return False
        check_answers(answers, rows, signature)
        return True

    assert 0 < fuzz(TIMES, SEED, attempt) < TIMES


def received(frame: bytes, rows: int, signature: Signature) -> tuple[dict[str, Any], bytes]:
    """Send a frame over a socket and receive it as the service does."""
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            theirs.sendall(frame[:150_000])
        limits = {"max_header": max_header_bytes(rows), "max_payload": max_answer_bytes(rows, signature)}
        return receive_frame(ours, **limits, deadline=time.monotonic() + 5)


@pytest.mark.parametrize("estimator", ESTIMATORS.values(), ids=ESTIMATORS)
def test_reports(estimator: Any) -> None:
    data = write_report(report_of(estimator))
    document = json.loads(data)

    def attempt(chance: random.Random) -> bool:
        odd = mutated(data, chance) if chance.random() < 0.3 else as_json(mutated_json(document, chance))
        try:
            report = read_report(odd)
        except ReportInvalid:
            return False
        if report.signature:
            check_shown(report.signature)
        return True

    assert 0 < fuzz(TIMES, SEED, attempt) < TIMES


def check_shown(signature: Signature) -> None:
    """Check that the service can show a signature and check inputs."""
    schema = InstanceSchema(signature, 4)
    # What it says of its own inputs may not fit them.
    with suppress(InvalidInput):
        schema.validate({"inputs": dict(example(signature))})
    Checks(signature, None)
    background_of(signature, None)


@pytest.mark.parametrize("what", [what for what in ESTIMATORS if what != "several classes"])
def test_plans(what: str) -> None:
    signature = signature_of(ESTIMATORS[what])
    data = export_plan(ESTIMATORS[what], signature).to_bytes()
    instances = [dict(example(signature))] * 4
    length = int.from_bytes(data[8:16], "little")
    header = json.loads(data[16 : 16 + length])
    body = data[-(-(16 + length) // 64) * 64 :]

    def attempt(chance: random.Random) -> bool:
        if chance.random() < 0.5:
            text = as_json(mutated_json(header, chance))
            odd = data[:8] + len(text).to_bytes(8, "little") + text
            odd += bytes(-len(odd) % 64) + body
        else:
            odd = mutated(data, chance)
        try:
            plan: Plan = read_plan(odd)
            plan.predict(instances)
        except (PlanInvalid, Unsure, NotCompilable):
            return False
        except Exception as error:
            # Whatever a plan raises, the estimator answers instead.
            assert not isinstance(error, MemoryError | RecursionError)
            return False
        return True

    with np.errstate(all="ignore"):
        fuzz(TIMES, SEED, attempt)


def test_an_answer_that_never_ends_takes_no_more_memory_than_it_may() -> None:
    ours, theirs = socket.socketpair()
    sent = 0

    def send() -> None:
        nonlocal sent
        try:
            while True:
                sent += theirs.send(bytes(1_000_000))
        except OSError:
            return

    with theirs:
        with ours:
            theirs.sendall(HEAD.pack(b"SDF1", 2, 2**32 - 1) + b"{}")
            sender = threading.Thread(target=send)
            sender.start()
            with pytest.raises(FrameInvalid):
                receive_frame(ours, max_header=100, max_payload=10_000_000, deadline=time.monotonic() + 5)
        sender.join(timeout=10)
    assert sent < 2_000_000


@pytest.mark.parametrize("item", [b'{"name": "a"},', b"0,"], ids=["objects", "numbers"])
def test_a_report_of_many_values_is_refused_before_they_are_made(item: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_report, "_REPORT", None)
    with pytest.raises(ReportInvalid):
        read_report(b"[" + item * (MAX_COMMAS + 1))


def test_no_signature_makes_an_answer_as_large_as_memory() -> None:
    outputs = tuple(Output(name=str(number)) for number in range(1000))
    signature = Signature(task="classification", features=(), outputs=outputs, probabilities=True)
    assert max_answer_bytes(1000, signature) < 1024**3
