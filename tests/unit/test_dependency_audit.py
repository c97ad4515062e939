"""``make audit`` passes only when somebody who knows looked"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests import audit

HOLE = [{"id": "PYSEC-2019-79", "aliases": ["CVE-2019-12308"], "fix_versions": ["2.2.2"]}]


def service(folder: Path, answer: str) -> Path:
    """A program that answers in pip-audit's place."""
    (folder / "answer").write_text(answer)
    program = folder / "pip-audit"
    program.write_text(f"#!/bin/sh\ncat {folder / 'answer'}\nexit 1\n")
    program.chmod(0o755)
    return program


def about(holes: dict[str, Any]) -> list[dict[str, Any]]:
    """What it says of all pinned packages, and of the one that is known to have a hole."""
    pins = {line for name in audit.PINNED for line in audit._pins(audit.ROOT / name)} | {audit.KNOWN}
    named = [pin.partition("[")[0] + pin[pin.find("==") :] if "[" in pin else pin for pin in pins]
    return [
        dict(zip(("name", "version"), pin.split("=="), strict=True)) | {"vulns": holes.get(pin, [])} for pin in named
    ]


def run(folder: Path, found: list[dict[str, Any]]) -> int:
    return audit.main(service(folder, json.dumps({"dependencies": found})))


def test_it_passes_when_nothing_but_the_old_hole_is_known(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, about({audit.KNOWN: HOLE})) == 0
    assert capsys.readouterr().out.startswith("0 of ")


def test_it_names_a_package_with_a_hole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, about({audit.KNOWN: HOLE, "flask==3.1.3": HOLE})) == 1
    assert "flask==3.1.3: PYSEC-2019-79, CVE-2019-12308, mended in 2.2.2\n1 of " in capsys.readouterr().out


@pytest.mark.parametrize("answer", ["", "not JSON", "{}"])
def test_it_does_not_pass_when_nobody_could_be_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], answer: str
) -> None:
    assert audit.main(service(tmp_path, answer)) == 2
    assert "NOT known" in capsys.readouterr().out


def test_it_does_not_believe_who_knows_of_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, about({})) == 2
    assert "which has one that everybody knows. Whether a pinned" in capsys.readouterr().out


def test_it_does_not_pass_over_a_package_that_is_not_known(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = about({audit.KNOWN: HOLE})
    found[0] = {"name": found[0]["name"], "skip_reason": "Dependency not found on PyPI"}
    assert run(tmp_path, found) == 2
    assert "does not know" in capsys.readouterr().out


def test_it_does_not_pass_when_some_were_left_out(tmp_path: Path) -> None:
    found = [each for each in about({audit.KNOWN: HOLE}) if each["name"] != "flask"]
    assert run(tmp_path, found) == 2
