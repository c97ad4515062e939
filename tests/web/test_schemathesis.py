"""A running service against its own description, by all checks of schemathesis."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import joblib
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.tree import DecisionTreeClassifier

from tests.conftest import SECRET, DatabaseServer
from tests.effort import EFFORT
from tests.serving import ROOT, Serving, serving
from tests.web.schemathesis_hooks import SPARE

#: Besides the cases that schemathesis derives from each part of the document.
EXAMPLES_EACH = 2 * EFFORT
LEAST = 2000
#: Texts come in through the first door; behind the others waits the same schema.
LEFT_OUT = f"/{SPARE}|^/(v1|v2|mlflow)/.*letters"
if EFFORT == 1:
    # Versions are asked as their models are; one model's will do.
    LEFT_OUT += "|/(pair|letters)/versions/"
#: Seconds after which it is too slow for those who wait for the tests.
PATIENCE = 300 + 30 * EXAMPLES_EACH


@pytest.fixture(scope="module")
def server(
    database_server: DatabaseServer, demo_models: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Serving]:
    """One model of each shape: categories and blanks, two outputs, texts; and a spare one."""
    folder = tmp_path_factory.mktemp("described")
    shutil.copy(demo_models / "penguins.joblib", folder)
    spare = LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])
    pairs = [["a", "x"], ["a", "y"], ["b", "x"], ["b", "y"]]
    pair = DecisionTreeClassifier().fit([[0.0], [1.0], [2.0], [3.0]], pairs)
    letters = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(["please pay", "with love"], ["bill", "other"])
    for name, estimator in {"pair": pair, "letters": letters, SPARE: spare}.items():
        joblib.dump(estimator, folder / f"{name}.joblib")
    url = database_server.create()
    with serving(
        database_url=url, secret_key=SECRET, models_dir=folder, default_model="penguins", max_batch_size=2
    ) as started:
        yield started
    database_server.drop(url)


def run(url: str, folder: Path) -> str:
    """Let schemathesis ask with the same seed as always, and give what it says; it fails if anything is wrong."""
    options = {
        "--checks": "all",
        "--max-examples": EXAMPLES_EACH,
        "--seed": 1,
        "--exclude-path-regex": LEFT_OUT,
    }
    command = [sys.executable, "-W", "ignore", "-m", "schemathesis.cli", "--no-color", "run", f"{url}/openapi.json"]
    words = [str(word) for option in options.items() for word in option]
    environ = os.environ | {"SCHEMATHESIS_HOOKS": "tests.web.schemathesis_hooks", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [*command, "--generation-deterministic", "--continue-on-failure", *words],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    return said


def test_it_answers_as_it_is_described(server: Serving, tmp_path: Path) -> None:
    said = run(server.url, tmp_path)
    (asked,) = re.findall(r"(\d[\d,]*) generated", said)
    assert int(asked.replace(",", "")) > LEAST, said
