"""NVIDIA's tritonclient, with geventhttpclient and with asyncio."""

from __future__ import annotations

from typing import Any

import pytest

from tests.clients.clients import Clients
from webapp.config import VERSION


@pytest.fixture(scope="module")
def said(clients: Clients, measured: dict[str, Any]) -> Any:
    return clients.said("ask_tritonclient.py", measured)


def test_it_is_told_of_the_server(said: Any) -> None:
    told = said["told"]
    assert (told["live"], told["ready"]) == (True, True)
    assert (told["server"]["name"], told["server"]["version"]) == ("scoredesk", VERSION)


def test_it_is_told_of_the_models(said: Any, native: Any, measured: dict[str, Any]) -> None:
    told = said["told"]
    assert (told["model ready"], told["version ready"], told["nobody ready"]) == (True, True, False)
    assert told["model"]["versions"] == [native["version"]]
    assert told["version"] == told["model"]
    assert {each["name"]: each["datatype"] for each in told["model"]["inputs"]} == {
        name: "BYTES" if isinstance(value, str) else "FP64" for name, value in measured.items()
    }
    assert told["array"]["inputs"] == [{"name": "input-0", "datatype": "FP64", "shape": [-1, 4]}]


def test_it_is_told_of_the_repository(said: Any, native: Any) -> None:
    found = {each["name"]: each for each in said["told"]["index"]}
    assert set(found) == {"breast-cancer", "flowers", "penguin-mass", "penguins", "stays"}
    assert found["penguins"] == {"name": "penguins", "version": native["version"], "state": "READY", "reason": ""}
    assert said["asyncio"]["index"] == said["told"]["index"]


@pytest.mark.parametrize(
    "way",
    [
        "binary both ways",
        "JSON both ways",
        "binary in",
        "binary out",
        "one version",
        "gzip",
        "deflate",
        "compressed answer",
        "greenlet",
    ],
)
def test_it_is_answered_as_the_native_client_is(said: Any, native: Any, way: str) -> None:
    answer = said["inferred"][way]
    assert answer["predict"] == [native["prediction"]]
    assert answer["predict_proba"] == [list(native["probabilities"].values())]
    assert len(answer["prediction_id"]) == 1


def test_a_matrix_is_answered_as_its_rows_are(said: Any, clients: Clients) -> None:
    rows = [[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3]]
    names = [each["name"] for each in clients.ask("/api/v1/models/flowers")["inputs"]]
    inputs = [dict(zip(names, row, strict=True)) for row in rows]
    native = clients.ask("/api/v1/models/flowers/predict", {"inputs": inputs})["predictions"]
    for way in ("matrix", "matrix in JSON"):
        answer = said["inferred"][way]
        assert answer["predict"] == [each["prediction"] for each in native]
        assert answer["predict_proba"] == [list(each["probabilities"].values()) for each in native]


def test_it_may_choose_its_outputs(said: Any, native: Any) -> None:
    assert said["inferred"]["chosen"] == {"predict_proba": [list(native["probabilities"].values())]}


def test_its_id_comes_back(said: Any) -> None:
    assert (said["inferred"]["id"], said["asyncio"]["id"]) == ("visit-7", "visit-8")


def test_its_nan_is_a_blank(said: Any, clients: Clients, measured: dict[str, Any]) -> None:
    inputs = measured | {"bill_depth_mm": None}
    native = clients.ask("/api/v1/models/penguins/predict", {"inputs": inputs})
    for answer in said["blank"].values():
        assert answer["predict_proba"] == [list(native["probabilities"].values())]
        assert clients.ask(f"/api/v1/predictions/{answer['prediction_id'][0]}")["inputs"] == inputs


def test_what_can_not_be_answered_is_refused_in_a_sentence(said: Any) -> None:
    refusals = {what: (status, message) for what, (status, message) in said["refusals"].items()}
    assert refusals["category"] == (
        "400",
        "The input is not valid for this model. Instance 0: Island must be Biscoe, Dream or Torgersen.",
    )
    assert refusals["column"][0] == "400"
    assert "“colour” is not an input of this model." in refusals["column"][1]
    assert refusals["output"] == (
        "400",
        "The outputs of this model are predict, predict_proba, prediction_id, warnings.",
    )
    assert refusals["model"] == refusals["metadata"] == ("404", "There is no model with this name.")
    assert refusals["address"] == ("404", "There is nothing at this address.")
    assert said["asyncio"]["refusal"] == refusals["column"][1]


def test_it_puts_a_model_away_and_takes_it_back(said: Any) -> None:
    found = said["put away"]
    assert found["ready"] == [True, False, True]
    assert found["refusal"] == ["503", f"This model can't be served. {found['index']['reason']}"]
    assert found["index"]["state"] == "UNAVAILABLE"


def test_it_is_answered_through_asyncio(said: Any, native: Any) -> None:
    assert said["asyncio"]["ready"] is True
    assert said["asyncio"]["answer"]["predict_proba"] == [list(native["probabilities"].values())]
