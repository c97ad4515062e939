"""The examples on the page of each model, run as they stand there against a service that runs"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import joblib
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from sklearn.tree import DecisionTreeClassifier

from tests.conftest import SECRET, DatabaseServer
from tests.serving import Serving, serving

#: Names and choices that mean something to a shell, to Python or to HTML.
AWKWARD = pd.DataFrame({'it\'s "{x}" & <b>': [1.0, 2.0, 3.0, 4.0], "size\\n": [0.5, 0.25, 1.5, 2.0]})
#: So many instances may be in one request of the service below.
LIMIT = 16


@pytest.fixture(scope="module")
def server(
    database_server: DatabaseServer, demo_models: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Serving]:
    folder = tmp_path_factory.mktemp("models")
    shutil.copytree(demo_models, folder, dirs_exist_ok=True)
    joblib.dump(DecisionTreeClassifier().fit(AWKWARD, [True, False, True, False]), folder / "a b.joblib")
    url = database_server.create()
    with serving(
        database_url=url, secret_key=SECRET, models_dir=folder, web_concurrency=1, max_batch_size=LIMIT // 16
    ) as started:
        yield started
    database_server.drop(url)


def examples(server: Serving, name: str) -> dict[str, str]:
    """Read the examples of a model by their headings."""
    with urllib.request.urlopen(f"{server.url}/docs/{quote(name)}", timeout=20) as answer:
        page = BeautifulSoup(answer.read(), "html.parser")
    return {each.h3.text: each.code.text for each in page.select(".example")}


def run(*command: str) -> str:
    environ = {"PATH": os.environ["PATH"], "NO_PROXY": "*"}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(params=["penguins", "penguin-mass", "breast-cancer", "a b"])
def shown(server: Serving, request: pytest.FixtureRequest) -> dict[str, str]:
    return examples(server, request.param)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_each_curl_command_gets_predictions_from_its_protocol(shown: dict[str, str]) -> None:
    commands = [code for code in shown.values() if code.startswith("curl ")]
    assert len(commands) == 4
    for command in commands:
        assert re.search(r'"(prediction|predictions|outputs)":', run("sh", "-c", command)), command


def test_the_python_example_prints_the_prediction(shown: dict[str, str]) -> None:
    assert run(sys.executable, "-c", shown["Python"]).strip()


def test_the_pandas_example_prints_a_prediction_for_each_row(shown: dict[str, str]) -> None:
    header, *rows = run(sys.executable, "-c", shown["pandas"]).splitlines()
    assert header.endswith("prediction") or "..." in header
    assert len(rows) >= 2


def test_the_pandas_example_splits_a_list_that_is_longer_than_one_request_may_have(server: Serving) -> None:
    code = examples(server, "penguins")["pandas"]
    assert f"limit = {LIMIT} " in code
    assert "None]" in code
    longer = code.replace("rows = ", "cases = pd.concat([cases] * 20, ignore_index=True)\nrows = ", 1)
    printed = run(sys.executable, "-c", longer + "print(len(predictions), len(rows))\n")
    count, length = map(int, printed.split()[-2:])
    assert count == length > 2 * LIMIT
    too_long = longer.replace(f"limit = {LIMIT} ", f"limit = {LIMIT * 4} ", 1)
    refused = subprocess.run([sys.executable, "-c", too_long], capture_output=True, text=True, timeout=60, check=False)
    assert "Split a longer list into lists of at most 16." in refused.stderr
