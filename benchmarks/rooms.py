"""Counts the calls, files and rooms below webapp/ that one request enters: python benchmarks/rooms.py

A room is a folder, or a file that stands on a floor of its own (webapp/controllers/api.py). A crossing is a call from
one room into another. Each request is sent once before it is counted, so that nothing is loaded or compiled meanwhile.
"""

from __future__ import annotations

import atexit
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from types import FrameType
from typing import Any
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from flask_migrate import upgrade  # noqa: E402

from examples import demo  # noqa: E402
from webapp import create_app  # noqa: E402
from webapp.config import Settings  # noqa: E402

WEBAPP = str(ROOT / "webapp") + os.sep
PENGUIN = {
    "bill_length_mm": 39.1,
    "bill_depth_mm": 18.7,
    "flipper_length_mm": 181,
    "body_mass_g": 3750,
    "island": "Torgersen",
    "sex": "male",
}


def room_of(file: str) -> str:
    """Return the room of a file below webapp/: its folder, or the file itself where that folder is a floor."""
    parts = Path(file).relative_to(WEBAPP).parts
    return "/".join(parts[:-1] if len(parts) > 2 else parts)


class Walk:
    """What is entered while it is watched."""

    def __init__(self) -> None:
        self.calls = 0
        self.crossings = 0
        self.files: set[str] = set()

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Count the calls of this thread until the block ends."""
        sys.setprofile(self._note)
        try:
            yield
        finally:
            sys.setprofile(None)

    @property
    def rooms(self) -> set[str]:
        """The rooms of the files that were entered."""
        return set(map(room_of, self.files))

    def _note(self, frame: FrameType, event: str, _argument: Any) -> None:
        file = frame.f_code.co_filename
        if event != "call" or not file.startswith(WEBAPP):
            return
        self.calls += 1
        self.files.add(file)
        above = frame.f_back
        while above and not above.f_code.co_filename.startswith(WEBAPP):
            above = above.f_back
        self.crossings += above is not None and room_of(above.f_code.co_filename) != room_of(file)


def main() -> None:
    """Print a row for each kind of request, and the largest floors."""
    folder = Path(tempfile.mkdtemp())
    # Registered first, so that it is done last, after PostgreSQL has stopped.
    atexit.register(rmtree, folder, ignore_errors=True)
    models = folder / "models"
    models.mkdir()
    demo.main(models)
    app = create_app(Settings(models_dir=models, spool_dir=folder, instance_dir=folder))
    with app.app_context():
        upgrade()
    print("| request | calls | files | rooms | crossings |\n|---|---:|---:|---:|---:|")
    for name, send in requests(app, models).items():
        send()
        walk = Walk()
        with walk.watched():
            send()
        print(f"| {name} | {walk.calls:,} | {len(walk.files)} | {len(walk.rooms)} | {walk.crossings:,} |")
    print("\nLines by floor and room:")
    for name, lines in (*sizes(1).most_common(5), *sizes(2).most_common(5)):
        print(f"  {name}: {lines:,} ({lines / sizes(1).total():.0%})")


def sizes(depth: int) -> Counter[str]:
    """Count the lines below each folder of this depth."""
    lines = Counter[str]()
    for file in Path(WEBAPP).rglob("*.py"):
        parts = file.relative_to(WEBAPP).parts
        if len(parts) > depth:
            lines["/".join(parts[:depth])] += len(file.read_text().splitlines())
    return lines


def requests(app: Any, models: Path) -> dict[str, Callable[[], Any]]:
    """Return what is sent, by name."""
    client, runner = app.test_client(), app.test_cli_runner()
    body = {"inputs": PENGUIN}
    id = client.post("/api/v1/models/penguins/predict", json=body).json["id"]
    form = urlencode(PENGUIN)
    file = next(models.glob("**/penguins*.joblib"))
    return {
        "JSON predict": lambda: client.post("/api/v1/models/penguins/predict", json=body),
        "form POST": lambda: client.post(
            "/models/penguins", data=form, content_type="application/x-www-form-urlencoded"
        ),
        "record as JSON": lambda: client.get(f"/predictions/{id}.json"),
        "models publish": lambda: runner.invoke(args=["models", "publish", str(file), "--name", "published"]),
    }


if __name__ == "__main__":
    main()
