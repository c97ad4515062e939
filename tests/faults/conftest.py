"""A real service on a PostgreSQL that may be harmed."""

from __future__ import annotations

import atexit
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any, Protocol

import pytest

from tests import serving
from tests.conftest import SECRET
from tests.faults.load import Answered, lost, save_sums, wrong
from tests.faults.postgres import Postgres, wait_until, with_tables
from tests.faults.proxy import Proxy
from tests.serving import Serving


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A server for those tests that harm it, with the tables in it; each leaves it as it was."""
    folder = Path(mkdtemp(prefix="scoredesk-faults-"))
    # What was registered first is done last, after the server has stopped.
    atexit.register(rmtree, folder, ignore_errors=True)
    postgres = with_tables(folder)
    yield postgres
    postgres.stop()


@pytest.fixture(scope="session")
def sums(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one model, which adds two numbers."""
    return save_sums(tmp_path_factory.mktemp("sums"))


class Serve(Protocol):
    """Serves the model in two workers until the block ends."""

    def __call__(self, **settings: Any) -> Any: ...


@pytest.fixture(scope="module")
def spool_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data") / "spool"


@pytest.fixture(scope="module")
def serve(postgres: Postgres, sums: Path, spool_dir: Path) -> Serve:
    @contextmanager
    def serve(**settings: Any) -> Iterator[Serving]:
        chosen = {"database_url": postgres.url, "secret_key": SECRET, "models_dir": sums, "spool_dir": spool_dir}
        with serving.serving(**chosen | {"web_concurrency": 2} | settings) as server:
            yield server

    return serve


@pytest.fixture(scope="module")
def server(serve: Serve) -> Iterator[Serving]:
    """One service for all tests of a module that leave it whole."""
    with serve() as server:
        yield server


@pytest.fixture(scope="module")
def wire(postgres: Postgres) -> Iterator[Proxy]:
    """The way from one host to the database."""
    proxy = Proxy(postgres.url)
    yield proxy
    proxy.close()


@pytest.fixture(scope="module")
def nothing_is_lost(postgres: Postgres, spool_dir: Path) -> Any:
    """The oracle: each answer that a client got is in the table exactly once, as it was given."""

    def check(answers: list[Answered], folder: Path = spool_dir) -> None:
        assert answers, "nobody was answered"
        wait_until(lambda: not list(folder.glob("*.journal")))
        assert lost(answers, postgres) == []
        assert wrong(answers) == []
        assert not (folder / "set-aside.jsonl").exists()

    return check
