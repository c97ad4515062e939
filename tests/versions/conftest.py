"""A server with two workers that serves two versions of one model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import NullPool

from tests import serving
from tests.conftest import SECRET, DatabaseServer
from tests.serving import Serving
from tests.versions.estimators import put, times
from webapp.database.engines import with_driver
from webapp.services.model_store.history import VersionHistory


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A models folder with the versions 1 and 2 of ``line``; version n answers n times its input."""
    models = tmp_path_factory.mktemp("models")
    for version in (1, 2):
        put(times(version), models / "line" / f"{version}.joblib")
    put(times(1), models / "bare.joblib")
    return models


@pytest.fixture(scope="module")
def engine(database_server: DatabaseServer) -> Iterator[Engine]:
    url = database_server.create()
    engine = create_engine(with_driver(url), poolclass=NullPool)
    yield engine
    engine.dispose()
    database_server.drop(url)


@pytest.fixture(scope="module")
def history(engine: Engine) -> VersionHistory:
    return VersionHistory(engine)


@pytest.fixture(scope="module")
def server(folder: Path, engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    # The spool of whoever runs the tests must not be replayed into their database.
    folders = {"models_dir": folder, "spool_dir": tmp_path_factory.mktemp("spool")}
    with serving.serving(**folders, database_url=url, secret_key=SECRET, web_concurrency=2) as server:
        yield server
