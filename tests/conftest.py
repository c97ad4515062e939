"""What all tests share: a real PostgreSQL, the demo models, and an app on a database of its own."""

from __future__ import annotations

import atexit
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from shutil import copy, disk_usage, rmtree
from tempfile import mkdtemp
from typing import Any, NoReturn
from uuid import uuid4

import joblib
import psycopg
import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade

from examples import demo
from tests import needs
from webapp import create_app
from webapp.config import Settings
from webapp.database import embedded
from webapp.helpers.sealing.derived_keys import fingerprint_of
from webapp.services.accounts import users
from webapp.services.model_store import cache, loading
from webapp.services.model_store.artifact_loader import ArtifactLoader
from webapp.services.model_store.files import VersionFile
from webapp.services.model_store.lane import Lane
from webapp.services.model_store.served import ServedModel, UnservedModel
from webapp.services.spool.key_note import KeyNote

# joblib starts lscpu, once, to count the cores; so it is no test that does.
joblib.cpu_count(only_physical_cores=True)

SECRET = "a secret that only the tests know"
#: Where Linux keeps files in memory, so that no database waits for a disk, and how many bytes must be free there.
MEMORY, MEMORY_BYTES = Path("/dev/shm"), 2 * 1024**3  # noqa: S108  (mkdtemp makes a folder of its own in it)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    needs.mark(items)
    needs.sort(items)


@pytest.fixture(autouse=True)
def starts_nothing(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test start a process that has no marker for it, so that `make test-quick` stays quick."""

    def refuse(*_: object, **__: object) -> NoReturn:
        pytest.fail(
            "This test starts a process, but has no marker that tells so. Add what it imports to tests/needs.py"
        )

    if needs.is_quick(request.node):
        monkeypatch.setattr(subprocess, "Popen", refuse)
        monkeypatch.setattr(os, "fork", refuse)


class DatabaseServer:
    """A PostgreSQL on which each test gets a database of its own, cloned from a migrated one."""

    # What is in the template was written long ago, so that copying its files is quicker than logging its pages.
    _CREATE = 'CREATE DATABASE "{}" TEMPLATE "{}" STRATEGY FILE_COPY'

    def __init__(self, url: str) -> None:
        self.url = url
        self.template = self.create(template="template0")
        app = create_app(Settings(database_url=self.template, secret_key=SECRET))
        with app.app_context():
            upgrade()
        app.extensions["scoredesk"].close()

    def create(self, *, template: str | None = None, copy_of: str | None = None) -> str:
        """Make a database, with the tables in it unless it is a copy of another, and give its URL."""
        name = f"scoredesk_{uuid4().hex}"
        source = template or _name(copy_of or self.template)
        self._run(self._CREATE.format(name, source))
        return _with_name(self.url, name)

    def drop(self, url: str) -> None:
        self._run(f'DROP DATABASE IF EXISTS "{_name(url)}" WITH (FORCE)')

    def forget_on_power_loss(self) -> None:
        """Wait for no disk: the data end with the tests. Tests that kill PostgreSQL start servers of their own."""
        for setting in ("fsync", "full_page_writes"):
            self._run(f"ALTER SYSTEM SET {setting} = off")
        self._run("SELECT pg_reload_conf()")

    def _run(self, statement: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement)


def _name(url: str) -> str:
    return url.split("?")[0].rsplit("/", 1)[1]


def _with_name(url: str, name: str) -> str:
    before, _, options = url.partition("?")
    return f"{before.rsplit('/', 1)[0]}/{name}{'?' + options if options else ''}"


@pytest.fixture(scope="session")
def database_server() -> Iterator[DatabaseServer]:
    """The server that TEST_DATABASE_URL names, or an embedded one that ends with the tests.

    Its data lie apart from pytest's own folders, which other runs on the machine may clear away.
    """
    url = os.environ.get("TEST_DATABASE_URL")
    if not url:
        has_room = MEMORY.is_dir() and disk_usage(MEMORY).free > MEMORY_BYTES
        # A service that starts removes what others named after it have left in memory.
        folder = Path(mkdtemp(prefix="tests-of-scoredesk-", dir=MEMORY if has_room else None))
        # What was registered first is done last, after the server has stopped.
        atexit.register(rmtree, folder, ignore_errors=True)
        url = embedded.start(folder / "postgres")
    server = DatabaseServer(url)
    if "TEST_DATABASE_URL" not in os.environ:
        server.forget_on_power_loss()
    yield server
    server.drop(server.template)


@pytest.fixture
def database_url(database_server: DatabaseServer) -> Iterator[str]:
    url = database_server.create()
    yield url
    database_server.drop(url)


@pytest.fixture(scope="module")
def module_database_url(database_server: DatabaseServer) -> Iterator[str]:
    """A database for all tests of a module, for those that ask one running service."""
    url = database_server.create()
    yield url
    database_server.drop(url)


@pytest.fixture(scope="session")
def demo_models(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the demo models, made as `make demo` makes them.

    They never change, so that each is loaded and compared with its compiled form once, not once for each app.
    Files in any other folder, copies of these too, are loaded each time.
    """
    folder = tmp_path_factory.mktemp("demo")
    demo.main(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cache, "load", _loading_once(folder))
        yield folder


@pytest.fixture(scope="session")
def penguins_alone(demo_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one of the demo models, for a gunicorn that is to start soon."""
    folder = tmp_path_factory.mktemp("penguins")
    copy(demo_models / "penguins.joblib", folder)
    return folder


def _loading_once(folder: Path) -> Callable[..., ServedModel | UnservedModel]:
    loaded: dict[Any, ServedModel | UnservedModel] = {}

    def load(file: VersionFile, loader: ArtifactLoader, *rest: Any) -> ServedModel | UnservedModel:
        if file.path.parent != folder:
            return loading.load(file, loader, *rest)
        key = file, loader._trusted, str(rest)
        if key not in loaded:
            loaded[key] = loading.load(file, loader, *rest)
        entry = loaded[key]
        # Each app has lines of its own before its models.
        return replace(entry, lane=Lane(entry.inference.max_calls)) if isinstance(entry, ServedModel) else entry

    return load


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Hash passwords in this process with little memory, in one pass; ``real_passwords`` undoes it for one test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(users, "PasswordHasher", partial(PasswordHasher, time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture
def real_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(users, "PasswordHasher", PasswordHasher)


def note_key(settings: Settings) -> None:
    """Leave what a host leaves that was at its database before: a note that its key was accepted there."""
    with suppress(OSError):
        KeyNote(settings.spool_folder).write(fingerprint_of(settings.signing_key()))


MakeApp = Callable[..., Flask]


@pytest.fixture
def make_app(database_url: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MakeApp]:
    """Make apps that serve the given estimators, by name, from files of their own."""
    made: list[Flask] = []

    def make(models: dict[str, Any] | None = None, **settings: Any) -> Flask:
        for name, estimator in (models or {}).items():
            joblib.dump(estimator, tmp_path / f"{name}.joblib")
        folders = {
            "models_dir": tmp_path,
            "spool_dir": tmp_path_factory.mktemp("spool"),
            "instance_dir": tmp_path_factory.getbasetemp() / "instance",
        }
        chosen = {"database_url": database_url, "secret_key": SECRET} | folders | settings
        settings = Settings(**chosen)
        note_key(settings)
        app = create_app(settings)
        app.testing = False
        made.append(app)
        return app

    yield make
    for app in made:
        app.extensions["scoredesk"].close()


@pytest.fixture
def app(make_app: MakeApp, demo_models: Path) -> Flask:
    """An app that serves the demo models."""
    return make_app(models_dir=demo_models)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def penguin() -> dict[str, Any]:
    """A penguin of the species Adelie, measured on Torgersen."""
    return {
        "bill_length_mm": 39.1,
        "bill_depth_mm": 18.7,
        "flipper_length_mm": 181,
        "body_mass_g": 3750,
        "island": "Torgersen",
        "sex": "male",
    }
