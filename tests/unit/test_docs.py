"""What the documents say is so."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.telemetry.numbers import families
from webapp.config import VERSION, Settings

ROOT = Path(__file__).parents[2]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
#: What differs from one run to the next.
CHANGING = {"id", "created_at", "request_id", "duration", "version", "digest", "model_version", "prediction_ids"}


def examples() -> list[Any]:
    """Each curl command of the documents with the output that is shown below it."""
    found = []
    for page in PAGES:
        for block in re.findall(r"```console\n\$ (curl .*?)\n```", page.read_text(), re.DOTALL):
            command, output = re.split(r"\n(?=\{\n)", block, maxsplit=1)
            found.append(pytest.param(command, output, id=f"{page.name}-{len(found)}"))
    return found


def run(client: FlaskClient, command: str) -> Any:
    words = shlex.split(command.replace("\\\n", ""))
    url = next(word for word in words if word.startswith("http://127.0.0.1:8000"))
    path = url.removeprefix("http://127.0.0.1:8000")
    if "--json" in words:
        return client.post(path, data=words[words.index("--json") + 1], content_type="application/json").json
    return client.get(path).json


def steady(value: Any) -> Any:
    """Leave out what changes, and the last digits, which differ between machines."""
    if isinstance(value, dict):
        return {key: steady(each) for key, each in value.items() if key not in CHANGING}
    if isinstance(value, list):
        return [steady(each) for each in value]
    return float(f"{value:.3g}") if isinstance(value, float) else value


@pytest.mark.parametrize(("command", "output"), examples())
def test_each_example_gives_what_it_shows(client: FlaskClient, command: str, output: str) -> None:
    assert steady(run(client, command)) == steady(json.loads(output))


def test_there_are_examples() -> None:
    assert len(examples()) >= 4


def test_the_readmes_python_call_gives_what_it_shows(client: FlaskClient) -> None:
    text = (ROOT / "README.md").read_text()
    call, output = re.findall(r"```python\n(import.*?)```.*?```\n(.*?)```", text, re.DOTALL)[0]
    (body,) = re.findall(r"inputs = (\{.*?\})\n", call, re.DOTALL)
    answer = client.post("/api/v1/models/penguins/predict", json={"inputs": json.loads(body)}).json
    assert steady([answer["prediction"], answer["probabilities"]["Chinstrap"]]) == steady(
        [output.split()[0], float(output.split()[1])]
    )


def test_the_explanation_is_the_one_that_is_given(client: FlaskClient) -> None:
    command = next(each.values[0] for each in examples() if "penguins/predict" in each.values[0])
    (shown,) = re.findall(r"```json\n(.*?)```", (ROOT / "docs/api.md").read_text(), re.DOTALL)
    (found,) = run(client, command.replace("/predict", "/predict?explain=true", 1))["explanations"]
    for key, value in json.loads(shown).items():
        given = found[key][: len(value)] if isinstance(value, list) else found[key]
        assert steady(given) == steady(value)


def test_each_setting_is_described() -> None:
    text = (ROOT / "docs/operations.md").read_text()
    for name, field in Settings.model_fields.items():
        assert f"| `{name.upper()}` | {field.description} |" in text


def test_each_route_is_described(app: Flask) -> None:
    text = (ROOT / "docs/api.md").read_text() + (ROOT / "docs/protocols.md").read_text()
    for rule in app.url_map.iter_rules():
        address = rule.rule.replace("<bare:", "<")
        assert re.search(rf"[`/ ]{re.escape(address)}[`?]", text), address


def test_each_metric_is_described(app: Flask, penguin: dict[str, Any]) -> None:
    client = app.test_client()
    client.post("/api/v1/models/penguins/predict", json={"inputs": penguin})
    described = dict(re.findall(r"^\| `(scoredesk_\w+)` (\| \w+ \| .*?) \|", metrics_table(), re.MULTILINE))
    for family in families(client.get("/metrics").text):
        labels = sorted({label for sample in family.samples for label in sample.labels if label != "le"})
        name = f"{family.name}_total" if family.type == "counter" else family.name
        kind, told = described.pop(name).removeprefix("| ").split(" | ")
        assert kind == family.type, name
        # Of one that nothing was counted in yet, there is no label to be seen.
        assert sorted(re.findall(r"`(\w+)`", told)) == labels or not family.samples, name
    assert described == {}


def metrics_table() -> str:
    text = (ROOT / "docs/operations.md").read_text()
    return text[text.index("| metric | type |") : text.index("A label is one of")]


def test_each_command_is_described(app: Flask) -> None:
    text = "".join(page.read_text() for page in PAGES)
    for group in ("database", "models", "predictions", "spool", "users", "keys"):
        for command in app.cli.commands[group].commands:
            assert f"flask --app wsgi {group} {command}" in text
    assert "flask --app wsgi doctor" in text


def test_each_link_leads_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#]+?)\)", page.read_text()):
            assert target.startswith("http") or (page.parent / target).exists(), f"{page.name}: {target}"


def test_each_link_to_a_section_leads_to_its_heading() -> None:
    for page in PAGES:
        for path, anchor in re.findall(r"\]\((?!http)([^)#]*)#([^)]+)\)", page.read_text()):
            assert anchor in anchors(page.parent / path if path else page), f"{page.name}: {path}#{anchor}"


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub forms them."""
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


def test_there_is_one_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == VERSION
