"""The files of deploy/, which docs/production.md puts on a machine: units of systemd, settings and the backup."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from tests.conftest import DatabaseServer, MakeApp
from tests.faults.rows import a_row, spooled
from tests.serving import ROOT
from webapp.config import Settings

DEPLOY = ROOT / "deploy"
UNITS = [path.name for path in DEPLOY.glob("scoredesk*.*")]
#: Where the documents put the checkout.
HOME = "/srv/scoredesk"
PAGE = (ROOT / "docs/production.md").read_text()


def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not installed")
    for name in UNITS:
        (tmp_path / name).write_text((DEPLOY / name).read_text().replace(HOME, str(ROOT)))
    command = ["systemd-analyze", "verify", *(str(tmp_path / name) for name in UNITS)]
    found = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (found.returncode, found.stderr) == (0, "")


@pytest.mark.parametrize("name", [name for name in UNITS if name.endswith(".service")])
def test_the_command_of_a_unit_exists(name: str) -> None:
    (command,) = re.findall(rf"^ExecStart={HOME}/(\S+)", (DEPLOY / name).read_text(), re.MULTILINE)
    assert os.access(ROOT / command, os.X_OK)


def test_each_line_of_the_settings_is_a_setting() -> None:
    names = re.findall(r"^(\w+)=", (DEPLOY / "env").read_text(), re.MULTILINE)
    assert {name.removesuffix("_FILE").lower() for name in names} - {*Settings.model_fields} == {"owner_url"}


def test_each_file_is_put_in_place_by_the_page() -> None:
    unnamed = [path.name for path in DEPLOY.iterdir() if f"deploy/{path.name}" not in PAGE]
    assert {*unnamed} == {*UNITS}
    assert f"cp {HOME}/deploy/*.service {HOME}/deploy/*.timer /etc/systemd/system/" in PAGE


@pytest.fixture
def programs() -> str:
    """The folder of pg_dump, of the version of the server if that is an embedded one."""
    for process in psutil.process_iter(["name", "exe"]):
        if process.info["name"] == "postgres" and process.info["exe"] and "pgserver" in process.info["exe"]:
            return str(Path(process.info["exe"]).parent)
    return ""


@pytest.fixture
def environment(tmp_path: Path, database_url: str, programs: str) -> dict[str, str]:
    """What systemd gives to the backup."""
    for name in ("etc", "instance", "models"):
        (tmp_path / name).mkdir()
    (tmp_path / "etc/owner_password").write_text("unused\n")
    (tmp_path / "etc/secret_key").write_text("x" * 64)
    (tmp_path / "models/line.joblib").write_bytes(b"a model")
    spooled(tmp_path / "instance/spool", [a_row()])
    return {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "SCOREDESK_ETC": str(tmp_path / "etc"),
        "INSTANCE_DIR": str(tmp_path / "instance"),
        "MODELS_DIR": str(tmp_path / "models"),
        "OWNER_URL": database_url,
        "KEEP": "2",
    }


def back_up(folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [str(DEPLOY / "backup"), str(folder)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_a_backup_has_all_and_can_be_restored(
    tmp_path: Path, environment: dict[str, str], database_server: DatabaseServer, make_app: MakeApp
) -> None:
    make_app().test_cli_runner().invoke(args=["keys", "create", "nightly"])
    made = back_up(tmp_path / "backups", environment)
    assert made.returncode == 0, made.stderr
    (backup,) = (tmp_path / "backups").iterdir()
    assert {path.name for path in backup.iterdir()} == {"etc", "models", "scoredesk.dump", "spool"}
    assert (backup / "etc/secret_key").read_text() == "x" * 64
    assert (backup / "models/line.joblib").read_bytes() == b"a model"
    assert len(list((backup / "spool").glob("*.journal"))) == 1
    assert backup.stat().st_mode & 0o077 == 0
    url = database_server.create(template="template0")
    restore(backup, url, environment)
    with psycopg.connect(url) as restored:
        assert restored.execute("SELECT name FROM api_keys").fetchall() == [("nightly",)]
    database_server.drop(url)


def restore(backup: Path, url: str, environment: dict[str, str]) -> None:
    (options,) = re.findall(r"pg_restore (.*?) \\\n", PAGE)
    command = ["pg_restore", *options.split(), "--dbname", url, str(backup / "scoredesk.dump")]
    subprocess.run(command, env=environment, check=True, timeout=120)


def test_only_the_newest_backups_stay(tmp_path: Path, environment: dict[str, str]) -> None:
    folder = tmp_path / "backups"
    old = ["2026-01-01T000000Z", "2026-01-02T000000Z", "2026-01-03T000000Z.part", "mine"]
    for name in old:
        (folder / name).mkdir(parents=True)
    assert back_up(folder, environment).returncode == 0
    left = sorted(path.name for path in folder.iterdir())
    assert (left[0], left[-1], len(left)) == (old[1], "mine", 3)


def test_a_backup_that_fails_leaves_the_others_and_says_so(tmp_path: Path, environment: dict[str, str]) -> None:
    folder = tmp_path / "backups"
    (folder / "2026-01-01T000000Z").mkdir(parents=True)
    nowhere: Any = {**conninfo_to_dict(environment["OWNER_URL"]), "dbname": "nowhere"}
    url = " ".join(f"{name}={value}" for name, value in nowhere.items())
    failed = back_up(folder, environment | {"OWNER_URL": url, "KEEP": "1"})
    assert failed.returncode != 0
    assert [path.name for path in folder.glob("*Z")] == ["2026-01-01T000000Z"]
