"""The Dockerfile and docker-compose.yml, as far as they can be checked without Docker."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.serving import ROOT
from webapp.config import Settings

#: What the image or the composition decides itself.
DECIDED = {
    "database_url",
    "standalone",
    "instance_dir",
    "spool_dir",
    "known_dir",
    "environments_dir",
    "models_dir",
    "host",
    "port",
}
DECIDED |= {"environments_dir", "secret_key", "sealing_key", "database_password", "first_model"}

SECRETS = ("secret_key", "sealing_key", "postgres_password", "web_password")
#: Everything that docker-compose.yml says, but for what stands for a setting.
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


def test_compose_takes_the_file(tmp_path: Path) -> None:
    if shutil.which("docker-compose") is None:
        pytest.skip("docker-compose is not installed")
    nothing = tmp_path / "empty.env"
    nothing.touch()
    resolved = subprocess.run(
        ["docker-compose", "--env-file", str(nothing), "--file", str(ROOT / "docker-compose.yml"), "config"],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert resolved.returncode == 0, resolved.stderr
    assert set(yaml.safe_load(resolved.stdout)["services"]) == set(SERVICES)


@pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)
def test_no_service_can_gain_privileges_or_take_the_whole_machine(service: dict[str, Any]) -> None:
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service.keys() >= {"mem_limit", "pids_limit", "cpus", "networks"}


@pytest.mark.parametrize("name", ["nginx", "migrate", "web", "postgres"])
def test_a_service_writes_only_where_it_must(name: str) -> None:
    assert SERVICES[name]["read_only"] is True


def test_only_the_service_itself_reaches_both_nginx_and_postgresql() -> None:
    networks = {name: set(service["networks"]) for name, service in SERVICES.items()}
    assert networks["nginx"] == {"outside"}
    assert networks["web"] == {"outside", "inside"}
    assert networks["postgres"] == networks["migrate"] == {"inside"}
    assert COMPOSE["networks"]["inside"] == {"internal": True}


def test_no_server_runs_as_root() -> None:
    assert {SERVICES[name]["user"] for name in ("nginx", "postgres")} == {"nginx", "postgres"}
    assert "\nUSER 10001\n" in (ROOT / "Dockerfile").read_text()


def test_each_secret_is_a_file_and_none_a_variable() -> None:
    assert COMPOSE["secrets"] == {name: {"file": f"./secrets/{name}"} for name in SECRETS}
    for service in SERVICES.values():
        for variable, value in service.get("environment", {}).items():
            if any(word in variable for word in ("SECRET", "SEALING", "PASSWORD")):
                assert variable.endswith("_FILE")
                assert Path(value).parent == Path("/run/secrets")
                assert Path(value).name in service["secrets"]


def test_each_installed_file_is_known_by_its_hash() -> None:
    """pip refuses a file with a list of requirements in which one lacks its hash, if any has one."""
    for path in (
        *ROOT.glob("requirements*.txt"),
        *ROOT.glob("environments/*.txt"),
        ROOT / "tests/clients/requirements.txt",
    ):
        assert "--hash=sha256:" in path.read_text(), path


def test_the_spool_is_on_a_volume_for_the_service_and_for_commands() -> None:
    assert " SPOOL_DIR=/app/spool " in (ROOT / "Dockerfile").read_text()
    assert (ROOT / "docker-compose.yml").read_text().count("- spool:/app/spool\n") == 2


@pytest.mark.parametrize("name", sorted({*Settings.model_fields} - DECIDED))
def test_each_setting_can_be_set_for_compose(name: str) -> None:
    assert f"${{{name.upper()}:" in (ROOT / "docker-compose.yml").read_text()


def test_the_image_writes_lines_for_programs() -> None:
    assert " LOG_FORMAT=json " in (ROOT / "Dockerfile").read_text()


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_secrets_makes_what_is_missing_and_keeps_what_is_there(tmp_path: Path) -> None:
    # An earlier version kept them in this file.
    (tmp_path / ".env").write_text("SECRET_KEY='mine'\nPORT=80\n")
    made = []
    for _ in range(2):
        subprocess.run(["make", "--file", str(ROOT / "Makefile"), "secrets"], cwd=tmp_path, check=True, timeout=60)
        made.append({path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()})
    assert made[0] == made[1]
    assert set(made[0]) == set(SECRETS)
    assert made[0].pop("secret_key") == "mine\n"
    assert {len(bytes.fromhex(value)) for value in made[0].values()} == {32}
    assert len(set(made[0].values())) == 3


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_only_its_owner_can_enter_the_folder_of_secrets(tmp_path: Path) -> None:
    subprocess.run(["make", "--file", str(ROOT / "Makefile"), "secrets"], cwd=tmp_path, check=True, timeout=60)
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700
    # In a container, another user reads them.
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "secrets").iterdir()} == {0o444}


def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    hadolint = Path(sysconfig.get_path("scripts")) / "hadolint"
    found = subprocess.run([hadolint, ROOT / "Dockerfile"], capture_output=True, text=True, timeout=60, check=False)
    assert found.returncode == 0, found.stdout


def test_https_is_nginx_in_another_place() -> None:
    nginx, tls = SERVICES["nginx"], SERVICES["tls"]
    assert tls["profiles"] == ["tls"]
    assert {name: nginx[name] for name in nginx.keys() - {"ports", "volumes"}} == {
        name: tls[name] for name in tls.keys() - {"ports", "volumes", "profiles"}
    }
    assert {*nginx["volumes"]} < {*tls["volumes"]}
