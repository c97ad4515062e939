# ruff: noqa: S310, S603, S607  # it starts programs and opens addresses of its own
"""Serve models that were made in many environments, and compare: python -m benchmarks.corpus FOLDER (needs uv)

Makes the environments and the models in FOLDER unless they are there, serves the models, runs the commands that the
refused ones are refused with, serves all again, asks each its 200 rows, and prints a table.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from corpus.libraries import ENVIRONMENTS, Environment
from load import ROOT, free_port, running
from report import markdown_table, surroundings

RECIPES = Path(__file__).with_name("recipes.py")
#: How much a number may differ from that of its home, relatively.
TOLERANCE = 1e-9
TIMEOUT_SECONDS = 600
#: After how many seconds without a change nothing more is expected of the service.
QUIET_SECONDS = 20
#: A command in a reason, as far as it can be run as it stands.
COMMAND = re.compile(r"flask --app wsgi environments add [a-z0-9][^ ]*(?: --(?:scikit-learn|package) [^ ]*[^ .,])+")
HEADER = ["library", "models", "served", "equal to home", "refused", "different"]


@dataclass(frozen=True)
class Outcome:
    """What became of a model."""

    name: str
    #: One of equal, different, refused.
    state: str
    told: str = ""


def main(folder: Path) -> None:
    models, homes = folder / "models", folder / "homes"
    for each in ENVIRONMENTS:
        _make(each, folder)
    served = folder / "served"
    shutil.rmtree(served, ignore_errors=True)
    served.mkdir()
    names = [path.name.removesuffix(".answers.json") for path in sorted(homes.glob("*.answers.json"))]
    for path in models.iterdir():
        shutil.copy(path, served)
    outcomes = _ask_all(names, homes, served, folder / "instance")
    print(surroundings("scikit-learn", "numpy", "pandas"), end="\n\n")
    print(markdown_table(HEADER, _rows(outcomes), words=1))
    for each in outcomes:
        if each.state != "equal":
            print(f"{each.name}: {each.state}. {each.told}")


def _make(environment: Environment, folder: Path) -> None:
    """Fit the models of an environment, unless that was done before."""
    place, made = folder / "environments" / environment.label, folder / "made" / environment.label
    if made.exists():
        return
    print(f"Fitting with {environment.label}", file=sys.stderr, flush=True)
    subprocess.run(
        ["uv", "venv", "--quiet", "--clear", "--no-python-downloads", "--python", environment.python, place], check=True
    )
    python = place / "bin" / "python"
    command = ["uv", "pip", "install", "--quiet", "--python", python, "joblib", *environment.requirements]
    subprocess.run(command, check=True)
    for part in ("models", "homes", "made"):
        (folder / part).mkdir(exist_ok=True)
    subprocess.run([python, RECIPES, folder / "models", environment.label, *environment.recipes], check=True)
    for path in (folder / "models").glob("*.answers.json"):
        path.replace(folder / "homes" / path.name)
    made.touch()


def _ask_all(names: list[str], homes: Path, served: Path, instance: Path) -> list[Outcome]:
    port = free_port()
    environ = {
        "MODELS_DIR": str(served),
        "INSTANCE_DIR": str(instance),
        "DATABASE_URL": "",
        "AUTH": "none",
        "PORT": str(port),
    }
    url = f"http://127.0.0.1:{port}"

    def states() -> dict[str, dict[str, Any]]:
        return _states(url, names)

    command = [sys.executable, "-m", "gunicorn"]
    serving = partial(running, command, port, environ, "/readyz", folder=ROOT, timeout=TIMEOUT_SECONDS)
    with serving():
        found = states()
    _add_environments(found, os.environ | environ)
    with serving():
        found = states()
        return [_ask(url, name, homes, found) for name in names]


def _add_environments(states: Mapping[str, Mapping[str, Any]], environ: dict[str, str]) -> None:
    """Run the commands in the reasons why models are not served, as their reader would."""
    commands = {
        _with_versions(command, name)
        for name, each in states.items()
        if not each["ready"]
        for command in COMMAND.findall(each["reason"])
    }
    for command in sorted(commands):
        print(command, file=sys.stderr, flush=True)
        program, *arguments = shlex.split(command)
        subprocess.run([sys.executable, "-m", program, *arguments], env=environ, cwd=ROOT, check=False)


def _with_versions(command: str, name: str) -> str:
    """Return a command with the versions of packages that whoever fitted the model knows."""
    environment = next(each for each in ENVIRONMENTS if name.startswith(f"{each.label}-"))
    pinned = {each.partition("==")[0]: each for each in environment.requirements if "==" in each}
    return " ".join(pinned.get(word, word) for word in command.split(" "))


def _states(url: str, names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return what the service says of each model that it lists, once it has looked at all."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    found: dict[str, dict[str, Any]] = {}
    changed = time.monotonic()
    while time.monotonic() < deadline:
        last, found = found, {each["name"]: each for each in _get(f"{url}/api/v1/models")["models"]}
        is_known = all(each["ready"] or each["reason"] for each in found.values())
        if is_known and found.keys() >= set(names):
            break
        if last != found:
            changed = time.monotonic()
        # A file that is no model is never listed.
        if is_known and time.monotonic() > changed + QUIET_SECONDS:
            break
        time.sleep(1)
    return found


def _get(url: str, body: object = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        return json.load(error)


def _ask(url: str, name: str, homes: Path, states: dict[str, dict[str, Any]]) -> Outcome:
    state = states.get(name)
    if state is None:
        return Outcome(name, "refused", "It is not listed.")
    if not state["ready"]:
        return Outcome(name, "refused", state["reason"])
    home = json.loads((homes / f"{name}.answers.json").read_text())
    names = [each["name"] for each in _get(f"{url}/api/v1/models/{name}")["inputs"]]
    rows = [_renamed(row, names) for row in home["rows"]]
    answer = _get(f"{url}/api/v1/models/{name}/predict", {"inputs": rows})
    if "predictions" not in answer:
        return Outcome(name, "refused", f"As a list: {json.dumps(answer)[:300]}")
    wrong = [place for place, each in enumerate(answer["predictions"]) if not _is_equal(each, home, place)]
    if wrong:
        return Outcome(name, "different", f"{len(wrong)} rows, among them {answer['predictions'][wrong[0]]}")
    return Outcome(name, "equal")


def _renamed(row: dict[str, Any], names: list[str]) -> dict[str, Any]:
    """Return a row under the names of the inputs, where the model has none of its own."""
    return row if set(row) <= set(names) or len(row) != len(names) else dict(zip(names, row.values(), strict=True))


def _is_equal(answer: dict[str, Any], home: dict[str, Any], place: int) -> bool:
    wanted = home["predictions"][place]
    if isinstance(answer["prediction"], float) and isinstance(wanted, int | float):
        is_same = _is_near(answer["prediction"], wanted)
    else:
        is_same = str(answer["prediction"]) == str(wanted)
    if is_same and answer.get("probabilities") and "probabilities" in home:
        theirs = dict(zip(home["classes"], home["probabilities"][place], strict=False))
        is_same = all(_is_near(value, theirs[name]) for name, value in answer["probabilities"].items())
    return is_same


def _is_near(one: float, other: float) -> bool:
    return abs(one - other) <= TOLERANCE * max(1.0, abs(other))


def _rows(outcomes: list[Outcome]) -> list[list[str]]:
    labels = [each.label for each in ENVIRONMENTS]
    rows = []
    for label in [*labels, "all"]:
        of = [each for each in outcomes if label == "all" or each.name.startswith(f"{label}-")]
        states = Counter(each.state for each in of)
        numbers = [
            len(of),
            states["equal"] + states["different"],
            states["equal"],
            states["refused"],
            states["different"],
        ]
        rows.append([label, *map(str, numbers)])
    return rows


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
