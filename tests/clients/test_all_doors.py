"""One penguin through all doors: the same numbers to the last bit, and the same record but for the door's name."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.clients.clients import Clients

DOORS = {
    "form": "form",
    "native": "json",
    "v2": "v2",
    "v2 in binary": "v2",
    "v1": "v1",
    "mlflow": "mlflow",
}
SAME = ("model", "version", "digest", "status", "inputs", "prediction", "probabilities", "warnings")


@pytest.fixture(scope="module")
def penguins(clients: Clients, measured: dict[str, Any]) -> Any:
    """What each door tells of a penguin, and of one with a blank."""
    return clients.said("ask_all_doors.py", [measured, measured | {"bill_depth_mm": None}])


@pytest.fixture(params=[0, 1], ids=["all values", "a blank"])
def told(request: pytest.FixtureRequest, penguins: Any) -> Any:
    return penguins[request.param]


@pytest.fixture
def records(told: Any, clients: Clients) -> dict[str, Any]:
    """The record of the same penguin from each door."""
    return {door: clients.ask(f"/api/v1/predictions/{id}") for door, (id, _) in told.items()}


@pytest.mark.parametrize("door", DOORS)
def test_each_client_is_told_the_same_to_the_last_bit(told: Any, records: dict[str, Any], door: str) -> None:
    _, probabilities = told[door]
    assert probabilities == list(records["native"]["probabilities"].values())


@pytest.mark.parametrize("door", DOORS)
def test_each_record_is_the_same_to_the_last_bit(records: dict[str, Any], door: str) -> None:
    # Written as text, a number that differs in its last bit or in its type differs.
    assert json.dumps({key: records[door][key] for key in SAME}) == json.dumps(
        {key: records["native"][key] for key in SAME}
    )


@pytest.mark.parametrize("door", DOORS)
def test_the_record_names_the_door(records: dict[str, Any], door: str) -> None:
    assert records[door]["channel"] == DOORS[door]
