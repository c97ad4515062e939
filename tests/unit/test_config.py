"""webapp.config"""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
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


def test_it_reads_origins_as_browsers_send_them() -> None:
    settings = Settings.from_environ({"CORS_ORIGINS": "https://Ward.example, http://localhost:5173"})
    assert settings.cors_origins == ("https://ward.example", "http://localhost:5173")


@pytest.mark.parametrize(
    "origin",
    [
        *("*", "https://*.example", "null", "ward.example", "https://ward.example/", "https://ward.example:443"),
        *("http://ward.example:80", "ftp://ward.example", "https://user@ward.example", "https://", "https://a:b"),
    ],
)
def test_it_takes_exact_origins_only(origin: str) -> None:
    with pytest.raises(SettingsError, match="CORS_ORIGINS: Write exact origins such as"):
        Settings.from_environ({"CORS_ORIGINS": origin})


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


@pytest.mark.parametrize("name", ["secret_key", "sealing_key"])
@pytest.mark.parametrize("left", ["", "0123456789abcdef" * 2, "\0" * 64])
def test_a_key_that_a_power_cut_left_in_parts_is_refused_and_kept(tmp_path: Path, name: str, left: str) -> None:
    (tmp_path / name).write_text(left)
    settings = Settings(instance_dir=tmp_path)
    with pytest.raises(SettingsError, match=r"does not hold the whole key.*Restore it from a backup") as caught:
        settings.signing_key() if name == "secret_key" else settings.sealing_secret()
    assert str(tmp_path / name) in caught.value.message
    assert (tmp_path / name).read_text() == left


def test_a_key_of_an_earlier_version_stays_valid_with_the_end_of_line_of_an_editor(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("0123456789abcdef" * 4 + "\n")
    assert Settings(instance_dir=tmp_path).signing_key() == "0123456789abcdef" * 4 + "\n"


def test_a_key_is_on_the_disk_before_it_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda fd: synced.append(str(Path(f"/proc/self/fd/{fd}").readlink())))
    Settings(instance_dir=tmp_path / "new").signing_key()
    made, *rest = synced
    # The folder itself, then the file before it has its name, then that name.
    assert (made, Path(rest[0]).parent, rest[1:]) == (str(tmp_path), tmp_path / "new", [str(tmp_path / "new")])


@pytest.fixture
def ten_seconds() -> Iterator[None]:
    """Let the test fail after ten seconds, instead of waiting for ever."""

    def fail(*_: object) -> None:
        pytest.fail("It still waits")

    before = signal.signal(signal.SIGALRM, fail)
    signal.alarm(10)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.usefixtures("ten_seconds")
@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("fifo", r"can't be read \(not a regular file\)"),
        ("folder", r"can't be read \(not a regular file\)"),
        ("device", r"can't be read \(not a regular file\)"),
        ("empty", "is empty"),
        ("bytes", "is not text"),
    ],
)
def test_a_file_of_a_setting_that_can_not_be_one_is_refused_at_once(tmp_path: Path, kind: str, why: str) -> None:
    path = tmp_path / "key"
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "device":
        path = Path("/dev/null")
    else:
        path.write_bytes(b"" if kind == "empty" else b"\xff" * 64)
    with pytest.raises(SettingsError, match=f"^SECRET_KEY_FILE: {path} {why}"):
        Settings.from_environ({"SECRET_KEY_FILE": str(path)})


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "127.0.0.1:8000"),
        ("127.0.0.2", "127.0.0.2:8000"),
        ("::1", "[::1]:8000"),
        ("[::1]", "[::1]:8000"),
        ("0:0:0:0:0:0:0:1", "[::1]:8000"),
        ("LOCALHOST", "localhost:8000"),
    ],
)
def test_without_a_login_it_listens_on_any_loopback_address_and_answers_to_it(host: str, address: str) -> None:
    settings = Settings.from_environ({"HOST": host})
    assert settings.address == address
    assert settings.hosts is not None
    assert address.removesuffix(":8000") in settings.hosts


@pytest.mark.parametrize(
    "host",
    ["0.0.0.0", "::", "[::]", "192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1", "db.example"],  # noqa: S104
)
def test_without_a_login_it_listens_on_no_other_address(host: str) -> None:
    with pytest.raises(SettingsError, match="AUTH=none is only allowed with a loopback HOST"):
        Settings.from_environ({"HOST": host})
    assert Settings.from_environ({"HOST": host, "AUTH": "login"}).hosts is None


def test_a_folder_whose_links_lead_in_a_circle_is_named(tmp_path: Path) -> None:
    (tmp_path / "one").symlink_to(tmp_path / "two")
    (tmp_path / "two").symlink_to(tmp_path / "one")
    with pytest.raises(SettingsError, match=r"^INSTANCE_DIR: .*in a circle"):
        Settings.from_environ({"INSTANCE_DIR": str(tmp_path / "one")})
