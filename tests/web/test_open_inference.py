"""The Open Inference Protocol, V2, as its clients speak it."""

from __future__ import annotations

import gzip
import json
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.multioutput import MultiOutputClassifier

from tests.conftest import MakeApp

URL = "/v2/models/penguins/infer"
LENGTH = "Inference-Header-Content-Length"


def tensors(penguin: dict[str, Any]) -> list[dict[str, Any]]:
    """The penguin as a tensor for each column."""
    return [
        {
            "name": name,
            "shape": [1, 1],
            "datatype": "BYTES" if isinstance(value, str) else "FP64",
            "data": [value],
        }
        for name, value in penguin.items()
    ]


def outputs(answer: Any) -> dict[str, Any]:
    return {output["name"]: output["data"] for output in answer.json["outputs"]}


def record(client: FlaskClient) -> Any:
    return client.get("/api/v1/predictions").json["predictions"][0]


@pytest.fixture
def array(make_app: MakeApp) -> FlaskClient:
    """A client of a model that was fitted on a bare array of two columns."""
    estimator = LogisticRegression().fit([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]], [3, 3, 7, 7])
    return make_app({"two": estimator}).test_client()


def test_it_answers_a_tensor_for_each_column_as_the_native_endpoint_does(
    client: FlaskClient, penguin: dict[str, Any]
) -> None:
    native = client.post("/api/v1/models/penguins/predict", json={"inputs": penguin}).json
    answer = client.post(URL, json={"inputs": tensors(penguin), "id": "42"})
    assert answer.status_code == 200
    assert (answer.json["model_name"], answer.json["id"]) == ("penguins", "42")
    assert answer.json["model_version"] == native["version"]
    found = outputs(answer)
    assert found["predict"] == [native["prediction"]]
    assert found["predict_proba"] == list(native["probabilities"].values())
    kept = record(client)
    assert (kept["id"], kept["channel"], kept["inputs"]) == (found["prediction_id"][0], "v2", penguin)


def test_it_makes_an_id_from_the_request_where_there_is_none(client: FlaskClient, penguin: dict[str, Any]) -> None:
    answer = client.post(URL, json={"inputs": tensors(penguin)}, headers={"X-Request-ID": "mine"})
    assert answer.json["id"] == "mine"


@pytest.mark.parametrize("data", [[0.0, 0.2, 1.0, 0.9], [[0.0, 0.2], [1.0, 0.9]]], ids=["flat", "nested"])
def test_it_takes_one_matrix(array: FlaskClient, data: Any) -> None:
    tensor = {"name": "anything", "shape": [2, 2], "datatype": "FP64", "data": data}
    answer = array.post("/v2/models/two/infer", json={"inputs": [tensor], "parameters": {"content_type": "np"}})
    found = {each["name"]: each for each in answer.json["outputs"]}
    assert (found["predict"]["datatype"], found["predict"]["data"]) == ("INT64", [3, 7])
    assert found["predict_proba"]["shape"] == [2, 2]


def test_it_gives_the_outputs_that_are_asked_for_in_their_order(array: FlaskClient) -> None:
    tensor = {"name": "x", "shape": [1, 2], "datatype": "FP32", "data": [0.0, 1.0]}
    body = {"inputs": [tensor], "outputs": [{"name": "predict_proba"}, {"name": "predict"}]}
    answer = array.post("/v2/models/two/infer", json=body)
    assert [each["name"] for each in answer.json["outputs"]] == ["predict_proba", "predict"]


def test_binary_tensors_go_both_ways(array: FlaskClient) -> None:
    head = {
        "inputs": [
            {"name": "x1", "shape": [2], "datatype": "FP32", "parameters": {"binary_data_size": 8}},
            {"name": "x0", "shape": [2], "datatype": "INT16", "parameters": {"binary_data_size": 4}},
        ],
        "parameters": {"binary_data_output": True},
    }
    sent = json.dumps(head).encode()
    body = sent + np.array([0.25, 1], "<f4").tobytes() + np.array([0, 1], "<i2").tobytes()
    answer = array.post("/v2/models/two/infer", data=body, headers={LENGTH: str(len(sent))})
    assert answer.content_type == "application/octet-stream"
    length = int(answer.headers[LENGTH])
    told, binary = json.loads(answer.data[:length]), answer.data[length:]
    sizes = [each["parameters"]["binary_data_size"] for each in told["outputs"]]
    assert sum(sizes) == len(binary)
    assert np.frombuffer(binary[: sizes[0]], "<i8").tolist() == [3, 7]
    (first,) = struct.unpack_from("<I", binary, sizes[0] + sizes[1])
    assert first == 36
    assert record(array)["inputs"] == {"x0": 1.0, "x1": 1.0}


def test_binary_texts_have_their_lengths_before_them(client: FlaskClient, penguin: dict[str, Any]) -> None:
    parts, described = [], []
    for tensor in tensors(penguin):
        (value,) = tensor.pop("data")
        text = value.encode() if isinstance(value, str) else b""
        parts.append(struct.pack("<I", len(text)) + text if isinstance(value, str) else struct.pack("<d", value))
        described.append(tensor | {"parameters": {"binary_data_size": len(parts[-1])}})
    head = json.dumps({"inputs": described}).encode()
    answer = client.post(URL, data=b"".join([head, *parts]), headers={LENGTH: str(len(head))})
    assert outputs(answer)["predict"] == ["Adelie"]
    assert record(client)["inputs"] == penguin


@pytest.mark.parametrize(
    ("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)], ids=["gzip", "deflate"]
)
def test_it_takes_compressed_bodies(client: FlaskClient, penguin: dict[str, Any], encoding: str, pack: Any) -> None:
    body = pack(json.dumps({"inputs": tensors(penguin)}).encode())
    answer = client.post(URL, data=body, headers={"Content-Encoding": encoding})
    assert outputs(answer)["predict"] == ["Adelie"]


def test_a_body_that_grows_without_end_is_refused(make_app: MakeApp) -> None:
    client = make_app({"line": LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])}).test_client()
    body = gzip.compress(bytes(50_000_000))
    answer = client.post("/v2/models/line/infer", data=body, headers={"Content-Encoding": "gzip"})
    assert (answer.status_code, answer.json) == (413, {"error": "The request is too large."})


@pytest.mark.parametrize(
    "body", [b"no gzip", gzip.compress(b"{}", mtime=0)[:-4], gzip.compress(b"{}", mtime=0) + b"more"]
)
def test_a_body_that_is_not_compressed_as_it_says_is_refused(client: FlaskClient, body: bytes) -> None:
    answer = client.post(URL, data=body, headers={"Content-Encoding": "gzip"})
    assert (answer.status_code, list(answer.json)) == (400, ["error"])


def test_an_encoding_that_is_not_known_is_refused(client: FlaskClient) -> None:
    assert client.post(URL, data=b"{}", headers={"Content-Encoding": "br"}).status_code == 415


def test_whole_numbers_may_be_written_as_floats(array: FlaskClient) -> None:
    tensors = [
        {"name": "x0", "shape": [1], "datatype": "INT32", "data": [1.0]},
        {"name": "x1", "shape": [1], "datatype": "UINT8", "data": [0.0]},
    ]
    assert outputs(array.post("/v2/models/two/infer", json={"inputs": tensors}))["predict"] == [3]
    assert record(array)["inputs"] == {"x0": 1.0, "x1": 0.0}


def test_nan_and_null_are_blanks(client: FlaskClient, penguin: dict[str, Any]) -> None:
    sent = tensors(penguin | {"bill_length_mm": None})
    sent[3] |= {"data": [float("nan")]}
    answer = client.post(URL, data=json.dumps({"inputs": sent}))
    assert answer.status_code == 200
    assert record(client)["inputs"] == penguin | {"bill_length_mm": None, "body_mass_g": None}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "inputs"),
        ({"inputs": []}, "inputs"),
        ({"inputs": ["x"]}, "name, shape, datatype and data"),
        ({"inputs": [{"name": "x", "shape": [1, 2], "datatype": "FP8", "data": [1, 2]}]}, "datatypes BOOL"),
        ({"inputs": [{"name": "x", "shape": [-1], "datatype": "FP64", "data": [1, 2]}]}, "shape"),
        ({"inputs": [{"name": "x", "shape": [], "datatype": "FP64", "data": [1, 2]}]}, "shape"),
        ({"inputs": [{"name": "x", "shape": [1, 2], "datatype": "FP64", "data": [1]}]}, "as many values"),
        ({"inputs": [{"name": "x", "shape": [1, 2], "datatype": "FP64", "data": ["1", 2]}]}, "values of FP64"),
        ({"inputs": [{"name": "x", "shape": [1, 2], "datatype": "UINT8", "data": [1, 256]}]}, "values of UINT8"),
        ({"inputs": [{"name": "x", "shape": [1, 2], "datatype": "INT8", "data": [1, True]}]}, "values of INT8"),
        ({"inputs": [{"name": "x", "shape": [1, 2], "datatype": "INT8", "data": [1, 1.5]}]}, "values of INT8"),
        ({"inputs": [{"name": "x", "shape": [1, 2], "datatype": "BOOL", "data": [1, 2]}]}, "values of BOOL"),
        ({"inputs": [{"name": "x", "shape": [1, 2], "datatype": "BYTES", "data": ["a", 2]}]}, "values of BYTES"),
        ({"inputs": [{"name": "x", "shape": [1, 2], "datatype": "INT8", "data": [1, 1e300]}]}, "values of INT8"),
        (
            {
                "inputs": [{"name": "x", "shape": [1, 2], "datatype": "FP64", "data": [1, 2]}],
                "outputs": [{"name": "predict", "parameters": {"classification": 2}}],
            },
            "classification is not supported here",
        ),
        ({"inputs": [{"name": "x", "shape": [1, 2], "datatype": "FP64"}]}, "a list as its data"),
        ({"inputs": [{"name": "x", "shape": [1, 1], "datatype": "FP64", "data": [1]}]}, "“x” is not an input"),
        ({"inputs": [{"name": "x0", "shape": [1, 3], "datatype": "FP64", "data": [1, 2, 3]}]}, "[n, 1] for “x0”"),
        ({"inputs": [{"name": "x0", "shape": [1], "datatype": "FP64", "data": [1]}] * 2}, "Send one tensor"),
        (
            {
                "inputs": [
                    {"name": "x0", "shape": [1], "datatype": "FP64", "data": [1]},
                    {"name": "x1", "shape": [2], "datatype": "FP64", "data": [1, 2]},
                ]
            },
            "same length",
        ),
        (
            {
                "inputs": [{"name": "x", "shape": [1, 2], "datatype": "FP64", "data": [1, 2]}],
                "outputs": [{"name": "transform"}],
            },
            "predict, predict_proba, prediction_id",
        ),
        ({"inputs": [{"name": "x", "shape": [1, 2], "datatype": "FP64", "data": [1, 2], "parameters": 3}]}, "object"),
        (
            {
                "inputs": [{"name": "x", "shape": [1, 2], "datatype": "FP64", "data": [1, 2]}],
                "parameters": {"content_type": "hg_jpeg"},
            },
            "pd, np or str",
        ),
        (
            {"inputs": [{"name": "x", "shape": [1, 2], "datatype": "FP64", "data": [1, 2]}], "outputs": {}},
            "outputs must be a list",
        ),
        ({"inputs": [{"name": "x0", "shape": [1], "datatype": "FP64", "data": [1]}]}, "x1 is required"),
        ({"inputs": [{"name": "x", "shape": [0, 2], "datatype": "FP64", "data": []}]}, "Send 1 to"),
        ({"inputs": [{"name": "x", "shape": [9999, 2], "datatype": "FP64", "data": []}]}, "Send 1 to"),
        ({"inputs": [{"name": "x", "shape": [3, 2], "datatype": "FP64", "data": [[1, 2, 3], [4, 5, 6]]}]}, "nested as"),
        ({"inputs": [{"name": "x", "shape": [2, 2], "datatype": "FP64", "data": [[1, 2, 3], [4]]}]}, "nested as"),
        ({"inputs": [{"name": "x", "shape": [2, 2], "datatype": "FP64", "data": [[1, 2], 3, 4]}]}, "nested as"),
        (
            {"inputs": [{"name": "x", "shape": [1, 2], "datatype": "FP64", "data": [1, 2]}], "id": "\ud800"},
            "id must be a text",
        ),
        ([1], "inputs"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence_and_on_record(array: FlaskClient, body: Any, words: str) -> None:
    answer = array.post("/v2/models/two/infer", json=body)
    assert (answer.status_code, list(answer.json)) == (400, ["error"])
    assert words in answer.json["error"]
    assert (record(array)["status"], record(array)["channel"]) == ("rejected", "v2")


@pytest.mark.parametrize(
    ("size", "data", "length"),
    [
        (8, bytes(4), None),
        (4, bytes(8), None),
        (-8, bytes(8), None),
        ("8", bytes(8), None),
        (8, b"", "9999"),
        (8, bytes(8), "-1"),
        (8, bytes(8), "x"),
        (8, bytes(8), "1" * 5000),
        (8, bytes(16), None),
    ],
)
def test_binary_data_that_dont_fit_are_refused(array: FlaskClient, size: Any, data: bytes, length: str | None) -> None:
    tensor = {"name": "x0", "shape": [1], "datatype": "FP64", "parameters": {"binary_data_size": size}}
    head = json.dumps({"inputs": [tensor]}).encode()
    answer = array.post("/v2/models/two/infer", data=head + data, headers={LENGTH: length or str(len(head))})
    assert (answer.status_code, list(answer.json)) == (400, ["error"])


@pytest.mark.parametrize("data", [b"\1", b"\5\0\0\0abc", b"\1\0\0\0\xff"])
def test_binary_texts_that_dont_fit_are_refused(client: FlaskClient, data: bytes) -> None:
    tensor = {"name": "sex", "shape": [1], "datatype": "BYTES", "parameters": {"binary_data_size": len(data)}}
    head = json.dumps({"inputs": [tensor]}).encode()
    answer = client.post(URL, data=head + data, headers={LENGTH: str(len(head))})
    assert answer.status_code == 400


def test_lists_in_lists_are_taken_apart_no_deeper_than_the_shape_says(array: FlaskClient) -> None:
    data: Any = [1.0]
    for _ in range(500):
        data = [data]
    tensor = {"name": "x", "shape": [1, 2], "datatype": "FP64", "data": [*data, 2.0]}
    assert array.post("/v2/models/two/infer", json={"inputs": [tensor]}).status_code == 400


def test_it_describes_the_server_and_its_health(client: FlaskClient) -> None:
    told = client.get("/v2").json
    assert (told["name"], "binary_tensor_data" in told["extensions"]) == ("scoredesk", True)
    assert client.get("/v2/health/live").json == {"live": True}
    assert client.get("/v2/health/ready").json == {"ready": True}
    assert "penguins" in client.get("/v2/models").json["models"]


def test_it_describes_a_model(client: FlaskClient) -> None:
    told = client.get("/v2/models/penguins").json
    assert (told["name"], told["platform"]) == ("penguins", "sklearn_joblib")
    assert {"name": "island", "datatype": "BYTES", "shape": [-1, 1]} in told["inputs"]
    assert {"name": "bill_length_mm", "datatype": "FP64", "shape": [-1, 1]} in told["inputs"]
    shares = next(each for each in told["outputs"] if each["name"] == "predict_proba")
    assert (shares["shape"], shares["parameters"]["classes"]) == ([-1, 3], ["Adelie", "Chinstrap", "Gentoo"])
    (version,) = told["versions"]
    assert client.get(f"/v2/models/penguins/versions/{version}").json == told
    assert client.get(f"/v2/models/penguins/versions/{version}/ready").json == {"name": "penguins", "ready": True}


def test_a_model_of_a_bare_array_takes_one_matrix(array: FlaskClient) -> None:
    assert array.get("/v2/models/two").json["inputs"] == [{"name": "input-0", "datatype": "FP64", "shape": [-1, 2]}]


def test_a_version_can_be_asked(client: FlaskClient, penguin: dict[str, Any]) -> None:
    version = client.get("/v2/models/penguins").json["versions"][0]
    answer = client.post(f"/v2/models/penguins/versions/{version}/infer", json={"inputs": tensors(penguin)})
    assert answer.json["model_version"] == version
    missing = client.post("/v2/models/penguins/versions/77/infer", json={"inputs": tensors(penguin)})
    assert (missing.status_code, missing.json) == (404, {"error": "This model has no such version."})


def test_several_outputs_are_one_tensor_and_one_of_probabilities_each(make_app: MakeApp) -> None:
    X, Y = [[0.0], [1.0], [0.1], [0.9]], [["a", "n"], ["b", "n"], ["a", "m"], ["b", "m"]]
    client = make_app({"both": MultiOutputClassifier(LogisticRegression()).fit(X, Y)}).test_client()
    tensor = {"name": "x0", "shape": [2, 1], "datatype": "FP64", "data": [0.0, 1.0]}
    found = {
        each["name"]: each for each in client.post("/v2/models/both/infer", json={"inputs": [tensor]}).json["outputs"]
    }
    assert (found["predict"]["shape"], found["predict"]["data"][::2]) == ([2, 2], ["a", "b"])
    assert [name for name in found if name.startswith("predict_proba.")] == ["predict_proba.y0", "predict_proba.y1"]
    told = client.get("/v2/models/both").json["outputs"]
    assert [each["name"] for each in told] == list(found)


def test_a_regressor_gives_numbers(client: FlaskClient) -> None:
    sent = [
        {"name": name, "shape": [1], "datatype": "BYTES", "data": [value]}
        for name, value in [("species", "Gentoo"), ("island", "Biscoe")]
    ]
    found = client.post("/v2/models/penguin-mass/infer", json={"inputs": sent}).json["outputs"]
    assert [(each["name"], each["datatype"]) for each in found] == [
        ("predict", "FP64"),
        ("prediction_id", "BYTES"),
        ("warnings", "BYTES"),
    ]


@pytest.mark.parametrize("path", ["/v2/models/none", "/v2/models/none/ready", "/v2/nothing", "/v2/models/none/infer"])
def test_what_is_not_there_is_an_error_of_the_protocol(client: FlaskClient, path: str) -> None:
    answer = client.post(path, json={}) if path.endswith("infer") else client.get(path)
    assert (answer.status_code, list(answer.json)) == (404, ["error"])


def test_a_model_that_cant_be_served_is_not_ready(make_app: MakeApp, tmp_path: Any) -> None:
    (tmp_path / "broken.joblib").write_bytes(b"no model")
    client = make_app().test_client()
    answer = client.get("/v2/models/broken/ready")
    assert (answer.status_code, answer.json) == (503, {"name": "broken", "ready": False})


def test_a_request_that_is_sent_again_with_its_key_gets_its_first_answer(app: Flask, penguin: dict[str, Any]) -> None:
    client, key = app.test_client(), {"Idempotency-Key": "visit-1"}
    first, again = (client.post(URL, json={"inputs": tensors(penguin)}, headers=key) for _ in range(2))
    assert (again.data, again.headers["Idempotent-Replayed"]) == (first.data, "true")
    other = client.post(URL, json={"inputs": tensors(penguin)}, headers=key | {LENGTH: "3"})
    assert other.status_code == 400


def test_a_key_does_not_go_with_binary_outputs(array: FlaskClient) -> None:
    tensor = {"name": "x", "shape": [1, 2], "datatype": "FP64", "data": [1, 2]}
    body = {"inputs": [tensor], "parameters": {"binary_data_output": True}}
    answer = array.post("/v2/models/two/infer", json=body, headers={"Idempotency-Key": "one"})
    assert (answer.status_code, "in JSON, not as binary" in answer.json["error"]) == (400, True)
