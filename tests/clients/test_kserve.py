"""KServe's InferenceRESTClient, for V1 and for V2."""

from __future__ import annotations

from typing import Any

import pytest

from tests.clients.clients import Clients


@pytest.fixture(scope="module")
def said(clients: Clients, measured: dict[str, Any]) -> Any:
    return clients.said("ask_kserve.py", measured)


@pytest.mark.parametrize("protocol", ["v1", "v2"])
def test_it_finds_the_server_alive(said: Any, protocol: str) -> None:
    assert said[protocol]["live"] is True


def test_it_finds_what_is_ready(said: Any) -> None:
    assert said["v1"]["ready"] is True
    assert (said["v2"]["ready"], said["v2"]["model ready"], said["v2"]["nobody ready"]) == (True, True, False)


def test_v1_predicts_objects(said: Any, native: Any) -> None:
    answer = said["v1"]["objects"]
    assert answer["predictions"] == [native["prediction"]] * 2
    assert answer["probabilities"] == [native["probabilities"]] * 2


def test_v1_predicts_lists(said: Any) -> None:
    assert said["v1"]["lists"]["predictions"] == [0, 2]


def test_v1_explains(said: Any, native: Any) -> None:
    answer = said["v1"]["explained"]
    assert answer["predictions"] == [native["prediction"]]
    (explanations,) = answer["explanations"]
    assert {each["feature"] for each in explanations[0]["contributions"]} >= {"island", "bill_length_mm"}


@pytest.mark.parametrize("way", ["JSON", "binary"])
def test_v2_infers(said: Any, native: Any, way: str) -> None:
    assert said["v2"][way] == {
        "predict": [native["prediction"]],
        "predict_proba": [list(native["probabilities"].values())],
        "id": "visit-9",
    }


def test_what_can_not_be_answered_is_refused_in_a_sentence(said: Any) -> None:
    category, model = said["v1"]["refusals"]["category"], said["v1"]["refusals"]["model"]
    assert "Island must be Biscoe, Dream or Torgersen., '400 BAD REQUEST'" in category
    assert model.startswith("There is no model with this name., '404 NOT FOUND'")
    assert "“colour” is not an input of this model." in said["v2"]["refusal"]
