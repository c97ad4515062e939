"""MLflow's ScoringServerClient."""

from __future__ import annotations

from typing import Any

import pytest

from tests.clients.clients import Clients
from webapp.config import VERSION


@pytest.fixture(scope="module")
def said(clients: Clients, measured: dict[str, Any]) -> Any:
    return clients.said("ask_mlflow.py", measured)


def test_it_finds_the_default_model_and_each_other_by_its_name(said: Any) -> None:
    assert said["pings"] == [True, True, False]
    assert said["version"] == [VERSION, VERSION]


def test_a_frame_is_answered(said: Any, native: Any) -> None:
    for way in ("frame", "other params"):
        assert said[way]["predictions"] == [native["prediction"]]
    assert said["as a frame"]["data"] == [[native["prediction"]]]


def test_it_may_ask_for_probabilities(said: Any, native: Any) -> None:
    assert said["probabilities"]["predictions"] == [list(native["probabilities"].values())]


def test_its_blanks_are_blanks(said: Any, clients: Clients, measured: dict[str, Any]) -> None:
    (id,) = said["blanks"]["prediction_ids"]
    assert clients.ask(f"/api/v1/predictions/{id}")["inputs"] == measured | {"bill_depth_mm": None, "sex": None}


def test_an_array_is_answered(said: Any) -> None:
    assert said["array"]["predictions"] == [0, 2]


def test_what_can_not_be_answered_is_refused_in_a_sentence(said: Any) -> None:
    refusals = said["refusals"]
    for what, status in {"category": 400, "more columns": 400, "width": 400, "model": 404}.items():
        assert refusals[what].startswith(f"Invocation failed (error code {status}, ")
    assert "Island must be Biscoe, Dream or Torgersen." in refusals["category"]
    assert "“name” is not an input of this model." in refusals["more columns"]
    assert "A row of this model has 4 values, not 2." in refusals["width"]
    assert '"error_code":"RESOURCE_DOES_NOT_EXIST"' in refusals["model"]
