"""requests, and with it what the other clients have no calls for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.clients.clients import Clients


@pytest.fixture(scope="module")
def said(clients: Clients, measured: dict[str, Any]) -> Any:
    return clients.said("ask_requests.py", measured)


def test_probes_are_answered(said: Any) -> None:
    assert said["alive"] == [200, "application/json", '{"status":"alive"}']
    assert said["health"] == [200, "application/json", "\n"]


@pytest.mark.parametrize("protocol", ["V1", "V2"])
def test_models_are_listed(said: Any, protocol: str) -> None:
    status, _, body = said[f"models of {protocol}"]
    names = ["breast-cancer", "flowers", "penguin-mass", "penguins", "stays"]
    assert (status, json.loads(body)) == (200, {"models": names})


@pytest.mark.parametrize("way", ["V1", "records", "CSV", "packed"])
def test_each_way_gives_the_same_answer(said: Any, way: str) -> None:
    assert said[way]["predictions"] == [said["native"]["prediction"]]


def test_a_refusal_has_a_code_and_a_sentence(said: Any) -> None:
    assert said["refusal"] == {
        "error_code": "BAD_REQUEST",
        "message": "The input is not valid for this model. Instance 0: Island must be Biscoe, Dream or Torgersen.",
    }
