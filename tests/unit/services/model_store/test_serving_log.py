"""What the log says when models can't be served any more, or again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.services.model_store.test_store import store
from tests.versions.estimators import LOADER, put, times
from webapp.server.startup import report_claimer
from webapp.services.model_store.serving_log import ServingLog


def look(*logs: ServingLog) -> None:
    for log in logs:
        log._store.refresh()
        log.note()


def test_it_says_once_that_a_model_cant_be_served_and_once_that_it_can_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    put(times(1), tmp_path / "line.joblib")
    log = ServingLog(store(tmp_path, LOADER))
    look(log)
    (tmp_path / "churn.joblib").write_bytes(b"no pickle")
    look(log, log, log)
    (said,) = caplog.messages
    assert said.startswith("Not serving churn: It is damaged")
    put(times(2), tmp_path / "churn.joblib")
    look(log, log)
    assert caplog.messages[1:] == ["Serving churn again"]


def test_a_model_that_was_removed_is_not_called_served(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "churn.joblib").write_bytes(b"no pickle")
    log = ServingLog(store(tmp_path, LOADER))
    look(log)
    (tmp_path / "churn.joblib").unlink()
    look(log)
    assert caplog.messages == []


def test_it_names_a_version_that_another_one_replaces(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    put(times(1), tmp_path / "line" / "1.joblib")
    log = ServingLog(store(tmp_path, LOADER))
    look(log)
    (tmp_path / "line" / "2.joblib").write_bytes(b"no pickle")
    look(log, log)
    (said,) = caplog.messages
    assert said.startswith("Not using version 2 of line: It is damaged")


def test_of_all_workers_one_says_it(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    put(times(1), tmp_path / "line.joblib")
    claim, logs = report_claimer(), [ServingLog(store(tmp_path, LOADER)) for _ in range(3)]
    for log in logs:
        log.share(claim)
    look(*logs)
    (tmp_path / "churn.joblib").write_bytes(b"no pickle")
    look(*logs, *logs)
    (tmp_path / "churn.joblib").unlink()
    look(*logs)
    (tmp_path / "churn.joblib").write_bytes(b"no pickle")
    look(*logs, *logs)
    assert [said.partition(":")[0] for said in caplog.messages] == ["Not serving churn"] * 2
