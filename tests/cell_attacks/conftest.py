"""Zygotes that leave out checks, the surroundings of their cells, and an honest model that must go on."""

from __future__ import annotations

import secrets
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import joblib
import pytest
from sklearn.linear_model import LinearRegression

from tests.cell_attacks.lax_zygote import LaxZygote
from tests.cell_attacks.surroundings import Surroundings, holding, surroundings
from webapp.services.model_store.artifact import Artifact


@pytest.fixture(scope="session")
def lax() -> Iterator[LaxZygote]:
    """A zygote without the gate."""
    # The witness is never ended because others need its place.
    zygote = LaxZygote("gate", max_cells=64)
    yield zygote
    zygote.close()


@pytest.fixture(scope="session")
def open_zygote() -> Iterator[LaxZygote]:
    """A zygote without the gate and without the lock."""
    zygote = LaxZygote("gate", "lock")
    yield zygote
    zygote.close()


@pytest.fixture(scope="session")
def strict() -> Iterator[LaxZygote]:
    """A zygote as in the service."""
    zygote = LaxZygote()
    yield zygote
    zygote.close()


@pytest.fixture(scope="session")
def holder() -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A secret, and another process that holds it: one for all tests, since none may harm it."""
    secret = secrets.token_hex(16)
    with holding(secret) as service:
        yield secret, service


@pytest.fixture
def around(
    holder: tuple[str, subprocess.Popen[bytes]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Surroundings]:
    folder = tmp_path / "around"
    folder.mkdir()
    with surroundings(folder, *holder) as found:
        monkeypatch.setenv("SECRET_KEY", found.secret)
        yield found


class Witness:
    """An honest model, which must answer from the same process after each attack."""

    def __init__(self, zygote: LaxZygote, folder: Path) -> None:
        self._zygote = zygote
        path = folder / "honest.joblib"
        joblib.dump(LinearRegression().fit([[0.0], [1.0]], [0.0, 2.0]), path)
        self._artifact: Artifact = zygote.loader().load(path, model="honest")
        self.key = self._artifact.key
        self._cells = self._now()

    def check(self) -> None:
        assert round(self._artifact.try_out([{"x0": 3.0}])[0].prediction, 6) == 6
        assert self._now() == self._cells

    def _now(self) -> Any:
        return status(self._zygote, self.key)


def status(zygote: LaxZygote, key: str) -> dict[str, Any]:
    """Return what the zygote says of the cells of a file."""
    return zygote.request({"request": "status", "key": key}, may_start=False)[0]


@pytest.fixture(scope="session")
def witness(lax: LaxZygote, tmp_path_factory: pytest.TempPathFactory) -> Witness:
    return Witness(lax, tmp_path_factory.mktemp("honest"))


Save = Callable[[bytes], Path]


@pytest.fixture
def save(tmp_path: Path) -> Save:
    def save(data: bytes) -> Path:
        path = tmp_path / "model.joblib"
        path.write_bytes(data)
        return path

    return save
