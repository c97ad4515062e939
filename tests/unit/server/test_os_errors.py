"""webapp.server.os_errors"""

from __future__ import annotations

import errno
import getpass
import os
from pathlib import Path

import pytest

from webapp.config import Settings
from webapp.server.os_errors import as_sentence


def said(number: int, path: Path | None, instance_dir: Path) -> str:
    error = OSError(number, os.strerror(number), str(path)) if path else OSError(number, os.strerror(number))
    return as_sentence(error, Settings(instance_dir=instance_dir))


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (errno.EROFS, "INSTANCE_DIR can name another folder"),
        (errno.ENOSPC, "Free some space"),
        (errno.EDQUOT, "Free some space"),
        (errno.ENOTDIR, "Move it away"),
        (errno.EACCES, "belongs to "),
        (errno.EIO, "INSTANCE_DIR can name another folder"),
    ],
)
def test_it_says_which_path_why_and_what_to_do(tmp_path: Path, number: int, advice: str) -> None:
    sentence = said(number, tmp_path / "secret_key", tmp_path)
    assert sentence.startswith(f"{tmp_path}/secret_key can't be used ({os.strerror(number)}). ")
    assert advice in sentence


def test_an_error_without_a_path_has_a_sentence_too(tmp_path: Path) -> None:
    sentence = said(errno.ENOSPC, None, tmp_path)
    assert sentence.startswith("The service can't start (No space left on device). Free some space")


def test_it_says_to_whom_a_folder_belongs_and_how_to_hand_it_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, me = tmp_path / "Ann's instance", getpass.getuser()
    folder.mkdir()
    owner = folder.owner()
    monkeypatch.setattr(os, "geteuid", lambda: 65534)
    sentence = said(errno.EACCES, folder / "postgres" / "postmaster.pid", folder)
    assert f"{folder} belongs to {owner}, and this is nobody." in sentence
    assert ("started as root once" in sentence) == (owner == "root")
    assert f"sudo chown -R nobody: '{tmp_path}/Ann'\"'\"'s instance'" in sentence
    assert me == owner


def test_it_never_advises_to_change_the_owner_of_a_folder_that_is_not_the_services_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 65534)
    assert "chown" not in said(errno.EACCES, Path("/etc/shadow"), tmp_path)


def test_it_says_how_to_open_what_is_ones_own(tmp_path: Path) -> None:
    assert f"chmod u+rwX {tmp_path}" in said(errno.EACCES, tmp_path / "secret_key", tmp_path)


def test_it_names_the_setting_of_the_folder(tmp_path: Path) -> None:
    settings = Settings(
        instance_dir=tmp_path / "instance", spool_dir=tmp_path / "spool", models_dir=tmp_path / "models"
    )
    for name in ("instance", "spool", "models"):
        error = OSError(errno.EROFS, os.strerror(errno.EROFS), str(tmp_path / name / "any"))
        assert f"{name.upper()}_DIR can name another folder" in as_sentence(error, settings)
