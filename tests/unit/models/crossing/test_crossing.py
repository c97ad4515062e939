"""webapp.models.crossing: what crosses arrives with the same bits, and each lie is refused."""

from __future__ import annotations

import struct
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.fitted import CASES
from webapp.cell.estimator.answers import predict_arrays
from webapp.cell.estimator.matrix import matrix_of
from webapp.cell.probing import probe
from webapp.cell.signature import read_signature
from webapp.errors import PredictionFailed
from webapp.helpers.frames import HEAD, decode_header, encode_frame
from webapp.models.answers import read_answers
from webapp.models.compiled.made_up_instances import make_up_instances
from webapp.models.crossing.answers import (
    AnswersInvalid,
    max_answer_bytes,
    max_header_bytes,
    pack_answers,
    unpack_answers,
)
from webapp.models.crossing.instances import columns_of, pack_instances, signature_of, unpack_instances
from webapp.models.signature.example import example
from webapp.models.signature.input_types import with_input_types
from webapp.types import Answer, Feature, InputType, Output, Signature


def across(header: dict[str, Any], payload: bytes) -> tuple[dict[str, Any], bytes]:
    """Send a header and a payload, as a frame does."""
    frame = encode_frame(header, payload)
    _, size, length = HEAD.unpack_from(frame)
    return decode_header(frame[HEAD.size : HEAD.size + size]), frame[len(frame) - length :]


def bits(value: Any) -> Any:
    """Return a value such that only the same bits of the same type are equal."""
    if isinstance(value, Answer):
        return bits([value.prediction, value.probabilities])
    if isinstance(value, dict):
        return {key: bits(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [bits(each) for each in value]
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.tobytes()
    return type(value), struct.pack("<d", value) if isinstance(value, float) else value


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", CASES)
def test_instances_and_answers_arrive_with_the_same_bits(name: str) -> None:
    estimator = CASES[name]().estimator
    signature = read_signature(estimator)
    signature = with_input_types(signature, probe(estimator, signature), "testing")
    is_picky = any(feature.kind == "text" or feature.unknown for feature in signature.features)
    # Made-up texts are blank, and made-up numbers below zero, which a function may not stand.
    instances = [example(signature)] * 3 if is_picky else make_up_instances(signature, {}, within_range=True)[:40]
    columns = unpack_instances(*across(*pack_instances(instances, signature)), signature)
    assert bits(columns) == bits(columns_of(instances, signature))
    y, proba = predict_arrays(estimator, matrix_of(columns, signature), signature)
    header, payload = across(*pack_answers(y, proba, signature))
    assert len(payload) <= max_answer_bytes(len(instances), signature)
    assert len(encode_frame(header)) - HEAD.size <= max_header_bytes(len(instances))
    found = unpack_answers(header, payload, len(instances), signature)
    assert bits(found) == bits(read_answers(y, proba, signature))


def test_blanks_and_odd_values_arrive_as_they_were() -> None:
    features = (
        Feature(name="number", optional=True),
        Feature(name="integer", kind="integer"),
        Feature(name="text", kind="text"),
        Feature(name="any", kind="category", choices=(1, "1", True, 1.0)),
    )
    signature = Signature(task="prediction", features=features, outputs=(Output(name="y"),))
    values = [
        (None, 3, "", 1),
        (-0.0, -(2**53), "ü\u2028\U0001f427", "1"),
        (5e-324, 0, "\0", True),
        (1e308, 1, " ", 1.0),
    ]
    instances = [dict(zip(("number", "integer", "text", "any"), row, strict=True)) for row in values]
    columns = unpack_instances(*across(*pack_instances(instances, signature)), signature)
    assert bits(columns) == bits(columns_of(instances, signature))
    assert bits(columns["any"]) == bits([1, "1", True, 1.0])


def test_the_types_that_a_card_says_cross_with_the_instances() -> None:
    features = (Feature(name="grade"), Feature(name="day"), Feature(name="note"), Feature(name="member"))
    of_file = Signature(task="prediction", features=features, outputs=(Output(name="y"),))
    types = {
        "grade": InputType(kind="integer", dtype="int64"),
        "day": InputType(kind="datetime", dtype="datetime64"),
        "note": InputType(kind="text", choices=("a", "b")),
        "member": InputType(kind="boolean"),
    }
    of_card = with_input_types(of_file, types, "card")
    instances: list[Any] = [
        {"grade": 3.0, "day": "2024-07-05T10:00:00", "note": "a", "member": True},
        {"grade": 2.0**53, "day": "1999-12-31T23:59:59.123456", "note": "", "member": False},
    ]
    header, payload = across(*pack_instances(instances, of_card))
    arrived = signature_of(header, of_file)
    X = matrix_of(unpack_instances(header, payload, arrived), arrived)
    assert [str(each) for each in X.dtypes][:2] == ["int64", "datetime64[us]"]
    assert X["grade"].tolist() == [3, 2**53]
    assert X["day"].map(lambda day: day.isoformat()).tolist() == [row["day"] for row in instances]
    assert (X["note"].tolist(), X["member"].tolist()) == (["a", ""], [True, False])


def test_without_a_card_nothing_is_said_of_types() -> None:
    of_file = Signature(task="prediction", features=(Feature(name="x"),), outputs=(Output(name="y"),))
    header, _ = pack_instances([{"x": 1.0}], of_file)
    assert header == {"rows": 1, "others": []}
    assert signature_of(header, of_file) is of_file


def signature(*classes: tuple[Any, ...], probabilities: bool = False) -> Signature:
    """Return a signature with an output for each tuple of classes."""
    outputs = tuple(Output(name=f"y{index}", classes=each) for index, each in enumerate(classes))
    task = "classification" if classes[0] else "regression"
    return Signature(task=task, features=(Feature(name="x"),), outputs=outputs, probabilities=probabilities)


SHARES = np.array([[0.25, 0.75], [1.0, 0.0], [0.1, 0.9]])
CLASSES: list[tuple[Any, ...]] = [("no", "yes"), (-1, 2**62), (False, True), (0.5, 1.5)]


@pytest.mark.parametrize("classes", CLASSES)
def test_a_class_arrives_in_its_own_type(classes: tuple[Any, ...]) -> None:
    y = np.array([classes[0], classes[1], classes[0]])
    found = unpack_answers(
        *across(*pack_answers(y, SHARES, signature(classes, probabilities=True))),
        3,
        signature(classes, probabilities=True),
    )
    assert bits([answer.prediction for answer in found]) == bits([classes[0], classes[1], classes[0]])
    assert bits(found[0].probabilities) == bits({str(classes[0]): 0.25, str(classes[1]): 0.75})


@pytest.mark.parametrize(
    ("y", "expected"),
    [
        (np.array([1.5, -0.0, 5e-324]), [1.5, -0.0, 5e-324]),
        (np.array([0.1, 0.2, 0.3], dtype=np.float32), np.array([0.1, 0.2, 0.3], dtype=np.float32).tolist()),
        (np.array([1, -1, 2**62]), [1, -1, 2**62]),
        (np.array([[1], [2], [3]], dtype=np.uint8), [1, 2, 3]),
        (np.array([True, False, True]), [True, False, True]),
        (np.array(["a", "b", "ü"]), ["a", "b", "ü"]),
        (np.array(["a", 1, 2.5], dtype=object), ["a", 1, 2.5]),
    ],
)
def test_what_has_no_classes_arrives_in_its_own_type(y: Any, expected: list[Any]) -> None:
    found = unpack_answers(*across(*pack_answers(y, None, signature(()))), 3, signature(()))
    assert bits([answer.prediction for answer in found]) == bits(expected)


def test_several_outputs_arrive_in_their_order() -> None:
    two = signature(("a", "b"), (1, 2, 3), probabilities=True)
    y = np.array([["a", 3], ["b", 1]], dtype=object)
    proba = [np.array([[0.5, 0.5], [0.0, 1.0]]), np.array([[0.1, 0.2, 0.7], [1.0, 0.0, 0.0]])]
    found = unpack_answers(*across(*pack_answers(y, proba, two)), 2, two)
    assert [answer.prediction for answer in found] == [["a", 3], ["b", 1]]
    assert found[0].probabilities == [{"a": 0.5, "b": 0.5}, {"1": 0.1, "2": 0.2, "3": 0.7}]
    numbers = signature((), ())
    found = unpack_answers(*across(*pack_answers(np.array([[0.5, 1.5]]), None, numbers)), 1, numbers)
    assert found == [Answer(prediction=[0.5, 1.5])]


#: Honest answers to two rows, of which each lie changes something.
ASKED = signature(("no", "yes"), probabilities=True)
HEADER: dict[str, Any] = {"kind": "classes", "classes": [2]}
PLACES, HONEST_SHARES = [0, 1], [0.25, 0.75, 1.0, 0.0]


def lie(header: dict[str, Any] | None = None, places: Any = None, shares: Any = None, more: bytes = b"") -> Any:
    payload = np.array(PLACES if places is None else places, dtype=np.int64).tobytes()
    payload += np.array(HONEST_SHARES if shares is None else shares, dtype=np.float64).tobytes() + more
    return unpack_answers(*across(HEADER | (header or {}), payload), 2, ASKED)


def test_the_honest_one_is_believed() -> None:
    assert [answer.prediction for answer in lie()] == ["no", "yes"]


@pytest.mark.parametrize(
    "told",
    [
        {"more": b"\0"},
        {"more": b"\0" * 8},
        {"shares": [0.25, 0.75, 1.0]},
        {"shares": []},
        {"places": [0]},
        {"places": [0, 1, 1]},
        {"places": [0, 2]},
        {"places": [0, -1]},
        {"places": [0, 2**62]},
        {"header": {"kind": "numbers"}},
        {"header": {"kind": "integers"}},
        {"header": {"kind": "values", "values": ["no", "yes"]}},
        {"header": {"kind": "pickle"}},
        {"header": {"kind": None}},
        {"header": {"kind": ["classes"]}},
        {"header": {"classes": None}},
        {"header": {"classes": []}},
        {"header": {"classes": [3]}, "shares": [0.2, 0.3, 0.5] * 2},
        {"header": {"classes": [2, 2]}},
        {"header": {"classes": [2.0]}},
        {"header": {"classes": [True]}, "shares": [1.0, 1.0]},
        {"header": {"classes": ["2"]}},
        {"header": {"classes": {"0": 2}}},
        {"header": {"classes": [-2]}},
    ],
)
def test_a_lie_is_no_answer(told: dict[str, Any]) -> None:
    with pytest.raises(AnswersInvalid):
        lie(**told)


@pytest.mark.parametrize(
    "shares",
    [
        [float("nan"), 0.75, 1.0, 0.0],
        [float("inf"), 0.75, 1.0, 0.0],
        [-float("inf"), 0.75, 1.0, 0.0],
        [0.25, 0.7, 1.0, 0.0],
        [0.25, 0.75, 0.0, 0.0],
        [-0.5, 1.5, 1.0, 0.0],
        [1e308, 1e308, 1.0, 0.0],
    ],
)
def test_what_is_no_probability_is_a_failure(shares: list[float]) -> None:
    with pytest.raises(PredictionFailed):
        lie(shares=shares)


def test_probabilities_in_single_precision_add_up_well_enough() -> None:
    shares = np.full((2, 2), 0.5, dtype=np.float32).ravel() + np.float32(1e-4)
    assert lie(shares=shares)


def test_probabilities_that_were_not_asked_for_are_refused() -> None:
    with pytest.raises(AnswersInvalid):
        unpack_answers(*across({"kind": "classes", "classes": [2]}, b"\0" * 24), 1, replace(ASKED, probabilities=False))


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
@pytest.mark.parametrize("outputs", [1, 2])
def test_a_number_that_is_not_finite_is_a_failure(number: float, outputs: int) -> None:
    payload = np.full(outputs, number).tobytes()
    with pytest.raises(PredictionFailed):
        unpack_answers(*across({"kind": "numbers", "classes": []}, payload), 1, signature(*[()] * outputs))


@pytest.mark.parametrize(
    "values",
    [None, [], ["a", "b"], [None], [["a"]], [{"a": 1}], ["a\0"], [2**63], "a", {"0": "a"}],
)
def test_values_that_could_not_be_recorded_are_refused(values: Any) -> None:
    with pytest.raises(AnswersInvalid):
        unpack_answers(*across({"kind": "values", "values": values}, b""), 1, signature(()))


@pytest.mark.parametrize("asked", [signature(("a", "b")), signature((), ())])
def test_values_are_refused_where_classes_or_several_numbers_are_asked_for(asked: Signature) -> None:
    with pytest.raises(AnswersInvalid):
        unpack_answers(*across({"kind": "values", "values": ["a"]}, b""), 1, asked)


def test_an_empty_header_is_no_answer() -> None:
    with pytest.raises(AnswersInvalid):
        unpack_answers({}, b"", 1, signature(()))


def test_values_that_are_not_finite_are_no_answer() -> None:
    """JSON has no such numbers, so they arrive as null."""
    header, payload = pack_answers(np.array([float("nan"), "a"], dtype=object), None, signature(()))
    with pytest.raises(AnswersInvalid):
        unpack_answers(*across(header, payload), 2, signature(()))


def test_a_huge_count_of_classes_reserves_no_memory() -> None:
    asked = signature((), probabilities=True)
    with pytest.raises(AnswersInvalid):
        unpack_answers(*across({"kind": "numbers", "classes": [10**15]}, b""), 1, asked)
