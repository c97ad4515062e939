"""A real gunicorn seals what it records, without being asked, and one of its workers alone does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import Result

from tests import serving
from tests.conftest import SECRET, MakeApp
from tests.sealing import SEALING_SECRET
from tests.serving import ROOT, Serving


@pytest.fixture
def settings(penguins_alone: Path, database_url: str, tmp_path: Path) -> dict[str, object]:
    return {
        "database_url": database_url,
        "secret_key": SECRET,
        "sealing_key": SEALING_SECRET,
        "seal_every": 1,
        "seal_to": str(tmp_path / "heads.jsonl"),
        "instance_dir": tmp_path / "instance",
        "models_dir": penguins_alone,
        "web_concurrency": 2,
    }


def predict(server: Serving, penguin: dict[str, Any]) -> str:
    body = json.dumps({"inputs": penguin}).encode()
    url = f"{server.url}/api/v1/models/penguins/predict"
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return str(json.load(answer)["id"])


def command(settings: dict[str, object], *words: str) -> subprocess.CompletedProcess[str]:
    environ = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "predictions", *words],
        cwd=ROOT,
        env=environ | {name.upper(): str(value) for name, value in settings.items()},
        capture_output=True,
        text=True,
        timeout=120,
    )


def verify(make_app: MakeApp, settings: dict[str, object]) -> Result:
    """Verify the log as the command does, here, which needs no start of its own."""
    return make_app(**settings).test_cli_runner().invoke(args=["predictions", "verify"])


def sealed(url: str) -> list[bytes]:
    with psycopg.connect(url) as connection:
        return [row for (row,) in connection.execute("SELECT predictions FROM seals ORDER BY number")]


def wait_until_sealed(url: str, count: int) -> None:
    deadline = time.monotonic() + 30
    while sum(map(len, sealed(url))) < 48 * count:
        assert time.monotonic() < deadline, "It was not sealed"
        time.sleep(0.2)


def test_what_is_recorded_is_sealed_and_verified(
    settings: dict[str, object], database_url: str, penguin: dict[str, Any], make_app: MakeApp
) -> None:
    with serving.serving(**settings) as server:
        ids = [predict(server, penguin) for _ in range(5)]
        wait_until_sealed(database_url, 5)
        ids += [predict(server, penguin) for _ in range(5)]
        wait_until_sealed(database_url, 10)
    assert sum(map(len, sealed(database_url))) == 48 * 10
    assert all(id.replace("-", "") in b"".join(sealed(database_url)).hex() for id in ids)
    heads = [json.loads(line) for line in Path(str(settings["seal_to"])).read_text().splitlines()]
    assert [head["number"] for head in heads] == list(range(1, len(heads) + 1))
    verified = command(settings, "verify")
    assert (verified.returncode, verified.stderr) == (0, "")
    assert verified.stdout.endswith("No tampering was found.\n")
    with psycopg.connect(database_url) as owner:
        owner.execute("SET session_replication_role = replica")
        owner.execute("UPDATE predictions SET actor = 'eve' WHERE id = %s", [ids[3]])
    verified = verify(make_app, settings)
    assert verified.exit_code == 1
    assert verified.stdout.splitlines()[0] == f"Prediction {ids[3]} was changed after it was sealed."


def test_an_address_that_takes_no_heads_stops_nothing(
    settings: dict[str, object], database_url: str, penguin: dict[str, Any]
) -> None:
    elsewhere = f"http://127.0.0.1:{serving.free_port()}/"
    with serving.serving(**settings | {"seal_to": elsewhere, "web_concurrency": 1}) as server:
        predict(server, penguin)
        wait_until_sealed(database_url, 1)
        predict(server, penguin)
        said = server.stop()
    assert "Seals could not be written to SEAL_TO" in said


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"sealing_key": "no key"}, "SEALING_KEY: It must be an Ed25519 private key"),
        ({"sealing_key": "", "standalone": "false"}, "SEALING_KEY: Set it to a long random value."),
    ],
)
def test_without_a_key_that_can_sign_it_does_not_start(
    settings: dict[str, object], wrong: dict[str, object], sentence: str
) -> None:
    server = serving.start(**settings | wrong)
    said = server.said()
    assert server.process.returncode == 1
    assert said.splitlines()[-1].startswith(sentence)


def test_without_seals_it_needs_no_key(settings: dict[str, object]) -> None:
    without = {"sealing_key": "", "standalone": "false", "seal_every": 0, "web_concurrency": 1}
    with serving.serving(**settings | without) as server:
        assert server.ready()
