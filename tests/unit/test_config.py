"""webapp.config"""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from webapp.config import ROOT, Settings
from webapp.errors import SettingsError


def test_it_has_defaults_for_all() -> None:
    settings = Settings.from_environ({})
    assert (settings.host, settings.port, settings.database_url) == ("127.0.0.1", 8000, None)


def test_it_reads_variables() -> None:
    settings = Settings.from_environ({"PORT": "9000", "TRUSTED_HOSTS": "a.example, b.example", "STANDALONE": "false"})
    assert (settings.port, settings.trusted_hosts, settings.standalone) == (9000, ("a.example", "b.example"), False)


def test_it_reads_a_variable_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("0123456789abcdef\n")
    assert Settings.from_environ({"SECRET_KEY_FILE": str(tmp_path / "key")}).secret_key == "0123456789abcdef"


def test_it_takes_an_empty_variable_for_unset() -> None:
    assert Settings.from_environ({"PORT": "", "DATABASE_URL": ""}).port == 8000


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"),
        ("PORT", "70000"),
        ("THREADS", "0"),
        ("STANDALONE", "perhaps"),
        ("DATABASE_URL", "sqlite:///a.db"),
        ("DATABASE_URL", "postgresql://desk:hu/sh@db.example/scoredesk"),
        ("DATABASE_URL", "postgresql://desk:1/sh@db.example/scoredesk"),
        ("DATABASE_URL", "postgresql:///scoredesk?host=one:5432&host=two:5432"),
        ("MAINTENANCE_DATABASE_URL", "nowhere"),
        ("SECRET_KEY", "short-secret"),
        ("PROXY_HOPS", "-1"),
        ("SECRET_KEY_FILE", "/nowhere/at/all"),
    ],
)
def test_a_wrong_one_stops_the_start_and_is_named_but_not_repeated(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name}: ") as caught:
        Settings.from_environ({name: value})
    assert name.endswith("_FILE") or value not in caught.value.message


def test_it_names_all_that_are_wrong() -> None:
    with pytest.raises(SettingsError, match=r"PORT: .* THREADS: "):
        Settings.from_environ({"PORT": "x", "THREADS": "y"})


def test_it_makes_a_secret_key_once_and_keeps_it(tmp_path: Path) -> None:
    settings = Settings(instance_dir=tmp_path / "new")
    key = settings.signing_key()
    assert len(key) == 64
    assert Settings(instance_dir=tmp_path / "new").signing_key() == key
    assert stat.S_IMODE((tmp_path / "new" / "secret_key").stat().st_mode) == 0o600


def test_a_container_needs_a_secret_key(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="SECRET_KEY"):
        Settings(standalone=False, instance_dir=tmp_path).signing_key()


def test_who_only_reads_the_settings_imports_nothing_that_starts_threads() -> None:
    # OpenMP asks how many it may have when scikit-learn is imported.
    code = "import sys, webapp.config; sys.exit('sklearn' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
