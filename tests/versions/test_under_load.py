"""Versions change while requests go on, in all workers, and no request fails."""

from __future__ import annotations

import time
from pathlib import Path

from tests.serving import Serving
from tests.versions.estimators import digest, promote, put, times
from tests.versions.load import Load, wait_until_all_say
from webapp.services.model_store.history import VersionHistory

#: What the design promises from the commit to the last worker.
PROMISED = 2.0


def address(server: Serving, name: str = "line") -> str:
    return f"{server.url}/api/v1/models/{name}/predict"


def test_no_request_fails_during_a_hundred_promotions(server: Serving, folder: Path, history: VersionHistory) -> None:
    with Load(address(server)) as load:
        for number in range(100):
            promote(history, folder, str(number % 2 + 1))
            time.sleep(0.05)
        wait_until_all_say(address(server), lambda answer: answer["version"] == "2", 30)
    assert load.failures == []
    assert {answer["version"] for answer in load.answers} == {"1", "2"}
    # Each answer is the one of the version that it names.
    assert all(round(answer["prediction"]) == int(answer["version"]) for answer in load.answers)


def test_all_workers_follow_a_promotion_and_a_rollback(server: Serving, folder: Path, history: VersionHistory) -> None:
    for version in ("1", "2"):
        # Each worker tries and loads a version once, which takes its time.
        promote(history, folder, version)
        wait_until_all_say(address(server), lambda answer, v=version: answer["version"] == v, 30)
    for version in ("1", "2", "1"):
        promote(history, folder, version)
        assert wait_until_all_say(address(server), lambda answer, v=version: answer["version"] == v, 5) < PROMISED
    history.roll_back("line", "2", digest(folder / "line" / "2.joblib"), None)
    assert wait_until_all_say(address(server), lambda answer: answer["version"] == "2", 5) < PROMISED


def test_no_request_fails_while_a_file_is_replaced(server: Serving, folder: Path) -> None:
    with Load(address(server, "bare")) as load:
        for number in range(2, 5):
            put(times(number), folder / "bare.joblib")
            wait_until_all_say(address(server, "bare"), lambda answer, n=number: round(answer["prediction"]) == n, 20)
    assert load.failures == []
    # A version names the file that answered.
    versions = {(answer["version"], round(answer["prediction"])) for answer in load.answers}
    assert len(versions) == len({version for version, _ in versions}) == 4


def test_a_file_that_is_half_there_or_broken_changes_nothing(server: Serving, folder: Path) -> None:
    put(times(1), folder / "bare.joblib")
    wait_until_all_say(address(server, "bare"), lambda answer: round(answer["prediction"]) == 1, 20)
    # A slow worker that was not asked may still serve what another test put there.
    time.sleep(3)
    wait_until_all_say(address(server, "bare"), lambda answer: round(answer["prediction"]) == 1, 20)
    whole = (folder / "bare.joblib").read_bytes()
    with Load(address(server, "bare")) as load:
        for content in (whole[:100], b"no pickle", b""):
            (folder / "bare.joblib").write_bytes(content)
            time.sleep(1.2)
    assert load.failures == []
    assert {round(answer["prediction"]) for answer in load.answers} == {1}
