"""A real service on a PostgreSQL that may be harmed."""

from __future__ import annotations

import atexit
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any, Protocol

import joblib
import numpy as np
import pytest
from flask_migrate import upgrade
from sklearn.linear_model import LinearRegression

from tests import serving
from tests.conftest import SECRET
from tests.faults.load import Answered, lost, wrong
from tests.faults.postgres import Postgres, wait_until
from tests.serving import Serving
from webapp import create_app
from webapp.config import Settings


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    """A server of this module's own, with the tables in it."""
    folder = Path(mkdtemp(prefix="scoredesk-faults-"))
    # What was registered first is done last, after the server has stopped.
    atexit.register(rmtree, folder, ignore_errors=True)
    postgres = Postgres(folder / "postgres")
    app = create_app(Settings(database_url=postgres.url, secret_key=SECRET, models_dir=folder))
    with app.app_context():
        upgrade()
    app.extensions["scoredesk"].log.close()
    yield postgres
    postgres.stop()


@pytest.fixture(scope="session")
def sums(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one model, which adds two numbers."""
    folder = tmp_path_factory.mktemp("sums")
    X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    joblib.dump(LinearRegression().fit(X, X.sum(axis=1)), folder / "sum.joblib")
    return folder


class Serve(Protocol):
    """Serves the model in two workers until the block ends."""

    def __call__(self, **settings: Any) -> Any: ...


@pytest.fixture
def spool_dir(tmp_path: Path) -> Path:
    return tmp_path / "spool"


@pytest.fixture
def serve(postgres: Postgres, sums: Path, spool_dir: Path) -> Serve:
    @contextmanager
    def serve(**settings: Any) -> Iterator[Serving]:
        chosen = {"database_url": postgres.url, "secret_key": SECRET, "models_dir": sums, "spool_dir": spool_dir}
        with serving.serving(**chosen | {"web_concurrency": 2} | settings) as server:
            yield server

    return serve


@pytest.fixture
def nothing_is_lost(postgres: Postgres, spool_dir: Path) -> Any:
    """The oracle: each answer that a client got is in the table exactly once, as it was given."""

    def check(answers: list[Answered]) -> None:
        assert answers, "nobody was answered"
        wait_until(lambda: not list(spool_dir.glob("*.journal")))
        assert lost(answers, postgres) == []
        assert wrong(answers) == []

    return check
