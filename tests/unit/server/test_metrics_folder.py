"""webapp.server.metrics_folder"""

from __future__ import annotations

from pathlib import Path

import pytest

from webapp.server import metrics_folder


@pytest.mark.parametrize("folder", ["/proc", "missing"], ids=["no room", "no folder"])
def test_it_says_when_there_is_no_room(
    folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(metrics_folder, "IN_MEMORY", str(tmp_path / folder))
    with pytest.raises(SystemExit):
        metrics_folder.metrics_folder()
    assert capfd.readouterr().err.startswith(f"There is no room in {tmp_path / folder}, where the workers count")
