"""Public clients, each in an environment of its own, and a real gunicorn that they ask."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import joblib
import pandas as pd
import pytest
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from tests.clients.clients import INSTALLED, Clients
from tests.conftest import SECRET, DatabaseServer
from tests.serving import Serving, serving


@pytest.fixture(scope="session")
def models(demo_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo models, one that was fitted on a bare array, and one of whole numbers and truths."""
    folder = tmp_path_factory.mktemp("asked")
    shutil.copytree(demo_models, folder, dirs_exist_ok=True)
    flowers = LogisticRegression(max_iter=500).fit(*load_iris(return_X_y=True))
    joblib.dump(flowers, folder / "flowers.joblib")
    stays = pd.DataFrame({"ward": [1, 2, 3, 1, 2, 3], "smoker": [True, False, True, False, True, False]})
    joblib.dump(
        make_pipeline(OneHotEncoder(), LogisticRegression()).fit(stays, [1, 0, 1, 0, 1, 1]), folder / "stays.joblib"
    )
    return folder


@pytest.fixture(scope="session")
def server(database_server: DatabaseServer, models: Path) -> Iterator[Serving]:
    """A Scoredesk whose default model is the penguins'."""
    url = database_server.create()
    with serving(
        database_url=url, secret_key=SECRET, models_dir=models, default_model="penguins", web_concurrency=1
    ) as started:
        yield started
    database_server.drop(url)


@pytest.fixture(scope="session")
def clients(server: Serving) -> Clients:
    if not INSTALLED.exists():
        missing = pytest.fail if os.environ.get("CI") else pytest.skip
        missing("The clients in tests/clients/requirements.txt are not installed")
    return Clients(url=server.url)


@pytest.fixture(scope="session")
def measured() -> dict[str, Any]:
    """A penguin whose measures have as many digits as a number holds."""
    return {
        "bill_length_mm": 46.500000000000007,
        "bill_depth_mm": 17.899999999999995,
        "flipper_length_mm": 192,
        "body_mass_g": 3750.1234567890123,
        "island": "Dream",
        "sex": "male",
    }


@pytest.fixture(scope="session")
def native(clients: Clients, measured: dict[str, Any]) -> Any:
    """What the native API answers to that penguin."""
    return clients.ask("/api/v1/models/penguins/predict", {"inputs": measured})
