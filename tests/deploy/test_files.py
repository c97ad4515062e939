"""The Dockerfile and docker-compose.yml, as far as they can be checked without Docker."""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

from tests.serving import ROOT
from webapp.config import Settings

#: What the image or the composition decides itself.
DECIDED = {"database_url", "standalone", "instance_dir", "spool_dir", "models_dir", "host", "port"}

SECRETS = {
    "SECRET_KEY": "a secret key",
    "POSTGRES_PASSWORD": "a password",
    "WEB_PASSWORD": "another password",
    "SEALING_KEY": "11" * 32,
}


def compose(folder: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Resolve docker-compose.yml with these variables and no others."""
    if shutil.which("docker-compose") is None:
        pytest.skip("docker-compose is not installed")
    nothing = folder / "empty.env"
    nothing.touch()
    return subprocess.run(
        ["docker-compose", "--env-file", str(nothing), "--file", str(ROOT / "docker-compose.yml"), "config"],
        env={"PATH": os.environ["PATH"], "HOME": str(folder)} | environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_compose_takes_the_file_when_all_secrets_are_set(tmp_path: Path) -> None:
    resolved = compose(tmp_path, **SECRETS)
    assert resolved.returncode == 0, resolved.stderr
    for name in ("nginx", "migrate", "web", "postgres", "test"):
        assert f"\n  {name}:\n" in resolved.stdout


def test_the_spool_is_on_a_volume_for_the_service_and_for_commands() -> None:
    assert " SPOOL_DIR=/app/spool " in (ROOT / "Dockerfile").read_text()
    assert (ROOT / "docker-compose.yml").read_text().count("- spool:/app/spool\n") == 2


@pytest.mark.parametrize("name", sorted({*Settings.model_fields} - DECIDED))
def test_each_setting_can_be_set_for_compose(name: str) -> None:
    assert f"${{{name.upper()}:" in (ROOT / "docker-compose.yml").read_text()


def test_the_image_writes_lines_for_programs() -> None:
    assert " LOG_FORMAT=json " in (ROOT / "Dockerfile").read_text()


@pytest.mark.parametrize("missing", SECRETS)
def test_compose_refuses_without_a_secret_and_says_how_to_make_it(missing: str, tmp_path: Path) -> None:
    resolved = compose(tmp_path, **SECRETS | {missing: ""})
    assert resolved.returncode != 0
    assert f"{missing} is not set. To make what is missing, run: make secrets" in resolved.stderr


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_secrets_makes_what_is_missing_and_keeps_what_is_there(tmp_path: Path) -> None:
    secrets = tmp_path / ".env"
    secrets.write_text("SECRET_KEY=mine\n")
    for _ in range(2):
        subprocess.run(["make", "--file", str(ROOT / "Makefile"), "secrets"], cwd=tmp_path, check=True, timeout=60)
    kept, *made = secrets.read_text().splitlines()
    assert kept == "SECRET_KEY=mine"
    values = dict(line.split("=", 1) for line in made)
    assert set(values) == set(SECRETS) - {"SECRET_KEY"}
    assert {len(bytes.fromhex(value)) for value in values.values()} == {32}
    assert len(set(values.values())) == 3


def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    hadolint = Path(sysconfig.get_path("scripts")) / "hadolint"
    found = subprocess.run([hadolint, ROOT / "Dockerfile"], capture_output=True, text=True, timeout=60, check=False)
    assert found.returncode == 0, found.stdout
