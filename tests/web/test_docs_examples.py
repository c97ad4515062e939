"""The examples on the page of each model, run as they stand there against a service that runs"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from urllib.parse import quote

import joblib
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from sklearn.tree import DecisionTreeClassifier

from tests.conftest import SECRET, DatabaseServer
from tests.serving import Serving, serving
from webapp import create_app
from webapp.config import Settings
from webapp.helpers.accounts.roles import Role

#: Names and choices that mean something to a shell, to Python or to HTML.
AWKWARD = pd.DataFrame({'it\'s "{x}" & <b>': [1.0, 2.0, 3.0, 4.0], "size\\n": [0.5, 0.25, 1.5, 2.0]})
Run = Callable[..., subprocess.CompletedProcess[str]]
#: So many instances may be in one request of the service below.
LIMIT = 16


@pytest.fixture(scope="module", params=["none", "login"])
def auth(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def database(database_server: DatabaseServer, auth: str) -> Iterator[str]:
    url = database_server.create()
    yield url
    database_server.drop(url)


@pytest.fixture(scope="module")
def key(database: str) -> str:
    """A key for all models; a service without logins does not look at it."""
    app = create_app(Settings(database_url=database, secret_key=SECRET))
    made = app.extensions["scoredesk"].keys.make("nightly", Role.PREDICT)
    app.extensions["scoredesk"].close()
    return str(made)


@pytest.fixture(scope="module")
def server(database: str, auth: str, demo_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    folder = tmp_path_factory.mktemp("models")
    shutil.copytree(demo_models, folder, dirs_exist_ok=True)
    joblib.dump(DecisionTreeClassifier().fit(AWKWARD, [True, False, True, False]), folder / "a b.joblib")
    with serving(
        database_url=database,
        secret_key=SECRET,
        models_dir=folder,
        web_concurrency=1,
        max_batch_size=LIMIT // 16,
        auth=auth,
    ) as started:
        yield started


def examples(server: Serving, name: str, key: str) -> dict[str, str]:
    """Read the examples of a model by their headings."""
    request = urllib.request.Request(f"{server.url}/docs/{quote(name)}", headers={"Authorization": f"Bearer {key}"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        page = BeautifulSoup(answer.read(), "html.parser")
    return {each.h3.text: each.code.text for each in page.select(".example")}


@pytest.fixture
def run(key: str) -> Run:
    environ = {"PATH": os.environ["PATH"], "NO_PROXY": "*", "SCOREDESK_KEY": key}
    return partial(subprocess.run, env=environ, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture(params=["penguins", "breast-cancer", "a b"])
def shown(server: Serving, key: str, request: pytest.FixtureRequest) -> dict[str, str]:
    return examples(server, request.param, key)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_each_curl_command_gets_predictions_from_its_protocol(shown: dict[str, str], run: Run) -> None:
    commands = [code for code in shown.values() if code.startswith("curl ")]
    assert len(commands) == 4
    for command in commands:
        assert re.search(r'"(prediction|predictions|outputs)":', run(["sh", "-c", command]).stdout), command


def test_the_python_example_prints_the_prediction(shown: dict[str, str], run: Run) -> None:
    done = run([sys.executable, "-c", shown["Python"]])
    assert (done.returncode, bool(done.stdout.strip())) == (0, True), done.stderr


def test_the_pandas_example_prints_a_prediction_for_each_row(shown: dict[str, str], run: Run) -> None:
    done = run([sys.executable, "-c", shown["pandas"]])
    assert done.returncode == 0, done.stderr
    header, *rows = done.stdout.splitlines()
    assert header.endswith("prediction") or "..." in header
    assert len(rows) >= 2


def test_the_pandas_example_splits_a_list_that_is_longer_than_one_request_may_have(
    server: Serving, key: str, run: Run
) -> None:
    code = examples(server, "penguins", key)["pandas"]
    assert f"limit = {LIMIT} " in code
    assert "None]" in code
    longer = code.replace("blanked = ", "cases = pd.concat([cases] * 20, ignore_index=True)\nblanked = ", 1)
    done = run([sys.executable, "-c", longer + "print(len(predictions), len(rows))\n"])
    assert done.returncode == 0, done.stderr
    count, length = map(int, done.stdout.split()[-2:])
    assert count == length > 2 * LIMIT
    too_long = longer.replace(f"limit = {LIMIT} ", f"limit = {LIMIT * 4} ", 1)
    assert "Split a longer list into lists of at most 16." in run([sys.executable, "-c", too_long]).stderr
