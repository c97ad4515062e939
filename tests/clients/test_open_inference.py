"""The client that the Open Inference project generates from its own description."""

from __future__ import annotations

from typing import Any

import pytest

from tests.clients.clients import Clients
from webapp.config import VERSION


@pytest.fixture(scope="module")
def said(clients: Clients, measured: dict[str, Any]) -> Any:
    return clients.said("ask_open_inference.py", measured)


def outputs(answer: Any) -> dict[str, Any]:
    return {output["name"]: output["data"] for output in answer["outputs"]}


def test_it_is_told_of_the_server_and_the_model(said: Any, native: Any, measured: dict[str, Any]) -> None:
    assert (said["server"]["name"], said["server"]["version"]) == ("scoredesk", VERSION)
    assert (said["model"]["name"], said["model"]["versions"]) == ("penguins", [native["version"]])
    assert [each["name"] for each in said["model"]["inputs"]] == list(measured)
    assert said["version"] == said["model"]


@pytest.mark.parametrize("way", ["answer", "one version", "asyncio"])
def test_it_is_answered_as_the_native_client_is(said: Any, native: Any, way: str) -> None:
    answer = said[way]
    assert (answer["model_name"], answer["model_version"]) == ("penguins", native["version"])
    assert answer["id"] == "visit-5"
    assert outputs(answer)["predict"] == [native["prediction"]]
    assert outputs(answer)["predict_proba"] == list(native["probabilities"].values())


def test_it_may_choose_its_outputs(said: Any, native: Any) -> None:
    assert outputs(said["chosen"]) == {"predict_proba": list(native["probabilities"].values())}


def test_it_may_send_one_matrix(said: Any) -> None:
    assert outputs(said["matrix"])["predict"] == [0, 2]


def test_its_whole_numbers_and_truths_may_come_as_floats(said: Any, clients: Clients) -> None:
    found = outputs(said["whole numbers"])
    native = clients.ask("/api/v1/models/stays/predict", {"inputs": {"ward": 2, "smoker": True}})
    assert found["predict_proba"] == list(native["probabilities"].values())
    kept = clients.ask(f"/api/v1/predictions/{found['prediction_id'][0]}")
    assert repr(kept["inputs"]) == repr({"ward": 2, "smoker": True})


def test_what_can_not_be_answered_is_refused_in_a_sentence(said: Any) -> None:
    assert "Island must be Biscoe, Dream or Torgersen." in said["refusals"]["category"]["error"]
    assert said["refusals"]["model"] == {"error": "There is no model with this name."}
