"""Compares the models of all archives with their answers at home, and writes the table of what was equal.

``python -m tests.other_versions.write_table``
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

import sklearn

from tests.other_versions.fixtures import Archive, archive, quiet, versions
from webapp.cell.migrations import Origin
from webapp.cell.migrations.compared import TABLE, Part, minor_of
from webapp.errors import NotServable

#: A class, what it tells apart, a parameter and its value.
Fact = tuple[str, str, str, Any]


@dataclass(frozen=True)
class Result:
    """What came of one model."""

    name: str
    #: The parts that the file holds.
    parts: tuple[Part, ...]
    is_equal: bool


def compare(found: Archive) -> list[Result]:
    """Load each model and compare its answers."""
    results = []
    for fixture in found.fixtures:
        origin = Origin()
        try:
            model = fixture.load(origin)
        except NotServable:
            continue
        kind = fixture.name.split()[0]
        # Of what isn't fitted nothing is shown, unless its class never keeps anything.
        parts = [part for part in origin.parts if part.task != "any" or part.name.endswith(f".{kind}")]
        results.append(Result(fixture.name, tuple(parts), fixture.difference(model) is None))
    return results


def facts_of(part: Part, found: Archive) -> set[Fact]:
    """Return what a part says of its class: that it was met, and the value of each parameter that has words."""
    options = found.options.get(part.name, ())
    settings = {(part.name, part.task, name, value) for name, value in part.settings if name in options}
    return settings | {(part.name, part.task, "", None)}


def equal_facts(found: Archive, results: list[Result]) -> set[Fact]:
    """Return the facts that only occur in models with equal answers, or that others explain.

    Raises
    ------
    AssertionError
        When a model answers otherwise and all that is in it also occurs where the answers are equal: another fixture
        must show which part it is.
    """
    equal: set[Fact] = set()
    for result in results:
        if result.is_equal:
            equal.update(*(facts_of(part, found) for part in result.parts))
    for result in results:
        if not result.is_equal:
            own = set().union(*(facts_of(part, found) for part in result.parts))
            if own <= equal:
                equal -= _blamed(result, own)
    return equal


def _blamed(result: Result, facts: set[Fact]) -> set[Fact]:
    """Return the facts of the class that a fixture is named after."""
    kind = result.name.split()[0]
    blamed = {fact for fact in facts if fact[0].endswith(f".{kind}")}
    assert blamed, f"Nothing shows what answers otherwise in {result.name}."
    return blamed


def main() -> None:
    rows: dict[tuple[str, str, str], dict[str, set[Any]]] = {}
    for version in versions():
        found = archive(version)
        with quiet():
            results = compare(found)
        minor = ".".join(map(str, minor_of(version)))
        for name, task, parameter, value in equal_facts(found, results):
            settings = rows.setdefault((name, task, minor), defaultdict(set))
            if parameter:
                settings[parameter].add(value)
        print(version, Counter(result.is_equal for result in results), "of", len(found.fixtures))  # noqa: T201
    TABLE.write_text(_text(rows))


def _text(rows: dict[tuple[str, str, str], dict[str, set[Any]]]) -> str:
    """Return the table as JSON, one line for each class, task and settings."""
    same: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for (name, task, minor), settings in sorted(rows.items()):
        listed = {parameter: sorted(values, key=str) for parameter, values in sorted(settings.items())}
        same[name, task, json.dumps(listed)].append(minor)
    classes: dict[str, list[str]] = defaultdict(list)
    for (name, task, settings_text), minors in same.items():
        row = f'{{"made_with": {json.dumps(minors)}, "task": "{task}", "settings": {settings_text}}}'
        classes[name].append(f"   {row}")
    body = ",\n".join(f'  "{name}": [\n' + ",\n".join(lines) + "\n  ]" for name, lines in classes.items())
    head = f'"read_with": "{sklearn.__version__}",\n "made_with": {json.dumps(versions())}'
    return f'{{\n {head},\n "classes": {{\n{body}\n }}\n}}\n'


if __name__ == "__main__":
    main()
