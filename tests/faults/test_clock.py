"""The clock of the machine is set back."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask

from tests.conftest import MakeApp

NOWHERE = "postgresql://x@127.0.0.1:9/x"
#: One month and the next, and back again, twice at the same millisecond.
HOURS = [
    datetime(2026, 11, 30, 23, 30, tzinfo=UTC),
    datetime(2026, 12, 1, 0, 30, tzinfo=UTC),
    datetime(2026, 11, 30, 23, 30, tzinfo=UTC),
    datetime(2026, 11, 30, 22, 30, tzinfo=UTC),
    datetime(2026, 11, 30, 22, 30, tzinfo=UTC),
]


def ask_at(hours: list[datetime], app: Flask, penguin: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Ask for several penguins at each of these times, and give the ids of the answers."""
    client, ids = app.test_client(), []
    for hour in hours:
        monkeypatch.setattr(time, "time_ns", lambda now=hour: int(now.timestamp()) * 1_000_000_000)
        given = client.post("/api/v1/models/penguins/predict", json={"inputs": [penguin] * 3})
        ids += [each["id"] for each in given.json["predictions"]]
    return ids


def kept(ids: list[str], app: Flask) -> list[datetime]:
    """Look each id up, and give the times of the records."""
    client = app.test_client()
    records = [client.get(f"/api/v1/predictions/{id}").json for id in ids]
    assert [record["id"] for record in records] == ids
    return [datetime.fromisoformat(record["created_at"]) for record in records]


def test_each_answer_is_found_under_an_id_of_its_own(
    app: Flask, penguin: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = ask_at(HOURS, app, penguin, monkeypatch)
    assert len(set(ids)) == 3 * len(HOURS)
    assert kept(ids, app) == [hour for hour in HOURS for _ in range(3)]


def test_what_waited_goes_to_the_month_it_was_made_in(
    make_app: MakeApp,
    demo_models: Path,
    tmp_path: Path,
    database_url: str,
    penguin: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folders = {"models_dir": demo_models, "spool_dir": tmp_path / "spool"}
    cut_off, whole = make_app(database_url=NOWHERE, **folders), make_app(**folders)
    ids = ask_at(HOURS, cut_off, penguin, monkeypatch)
    assert kept(ids, cut_off) == [hour for hour in HOURS for _ in range(3)]
    cut_off.extensions["scoredesk"].spool.seal()
    assert whole.extensions["scoredesk"].replayer.replay() == 3 * len(HOURS)
    assert kept(ids, whole) == [hour for hour in HOURS for _ in range(3)]
    with psycopg.connect(database_url) as connection:
        months = connection.execute("SELECT tableoid::regclass::text, count(*) FROM predictions GROUP BY 1 ORDER BY 1")
        assert months.fetchall() == [("predictions_202611", 12), ("predictions_202612", 3)]
