"""Imports point one way, and the outer rooms stay out of the inner ones."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
#: From the bottom up; each room may import what stands before it, and itself.
ROOMS = ["types", "errors", "config", "worker", "helpers", "database", "services", "controllers", "cli"]
FILES = sorted((ROOT / "webapp").rglob("*.py"))


def room_of(module: str) -> str | None:
    parts = module.split(".")
    return parts[1] if parts[0] == "webapp" and len(parts) > 1 else None


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def upward(module: str, source: str) -> list[str]:
    """The imports of a module that point up."""
    own = room_of(module)
    if own is None:
        return []
    allowed = ROOMS[: ROOMS.index(own) + 1]
    found = [name for name in imports(source) if name.split(".")[0] == "webapp"]
    return [name for name in found if room_of(name) not in allowed]


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_it_imports_only_from_below(path: Path) -> None:
    assert upward(module_of(path), path.read_text()) == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("webapp.helpers.schema", "from webapp.services import Services"),
        ("webapp.services.predictor", "import webapp.controllers.api"),
        ("webapp.types", "from webapp.errors import ScoredeskError"),
        ("webapp.database.tables", "def late():\n    from webapp.services import Services"),
        ("webapp.services.predictor", "from webapp import create_app"),
    ],
)
def test_it_finds_a_planted_import_that_points_up(module: str, source: str) -> None:
    assert upward(module, source)


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_it_keeps_flask_out_of_services_and_helpers(path: Path) -> None:
    packages = {name.split(".")[0] for name in imports(path.read_text())}
    if room_of(module_of(path)) in ("types", "errors", "config", "helpers", "services"):
        assert not packages & {"flask", "werkzeug", "flask_sqlalchemy"}
    if room_of(module_of(path)) == "helpers":
        assert not packages & {"sqlalchemy", "psycopg", "time"}


def test_it_knows_every_room() -> None:
    assert {room_of(module_of(path)) for path in FILES} - {None} == set(ROOMS)


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_it_has_no_room_without_a_subject(path: Path) -> None:
    assert not {"utils", "common", "manager", "handler", "misc"} & set(path.with_suffix("").parts)
