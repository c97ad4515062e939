"""webapp.services.cells.known_files: what was found in a file is found once, and believed only as far as it can be."""

from __future__ import annotations

import hashlib
import os
import signal
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import joblib
import pytest
from sklearn.pipeline import Pipeline

from tests.cells import ZYGOTE, loader, pids
from tests.versions.estimators import put, times
from webapp.models.file_report import FileReport
from webapp.services.cells import known_files
from webapp.services.cells.known_files import KEEP_SECONDS, KnownFiles, key_of
from webapp.services.cells.model_cells import ModelCells
from webapp.services.model_store import ModelStore
from webapp.services.model_store.served import ServedModel


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the zygote and cells were asked for."""
    requests: list[str] = []
    request = ZYGOTE.request

    def note(header: Any, *rest: Any, **options: Any) -> Any:
        requests.append(header["request"])
        return request(header, *rest, **options)

    def note_call(cells: ModelCells, *rest: Any) -> Any:
        requests.append("call")
        return send(cells, *rest)

    send = ModelCells._send
    monkeypatch.setattr(ZYGOTE, "request", note)
    monkeypatch.setattr(ModelCells, "_send", note_call)
    return requests


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A models folder with a file that has a plan."""
    # No other test knows the same file, whose cells this one may kill.
    put(Pipeline([(f"line{uuid4().hex}", times(2))]), tmp_path / "models" / "line.joblib")
    return tmp_path / "models"


def serve(folder: Path) -> ServedModel:
    """Serve the file with what is known of it, as a new start of the service does."""
    store = ModelStore(directory=folder, loader=loader(known=folder.parent / "known"), max_instances=16)
    return store.get("line")


def answer(model: ServedModel) -> object:
    (answer,) = model.inference.answer([{"x0": 1.0}])
    return answer.prediction


def estimator_answers(model: ServedModel) -> object:
    (answer,) = model.inference.cells.predict([{"x0": 1.0}], model.signature)
    return answer.prediction


def known(folder: Path, kind: str) -> Path:
    (path,) = (folder.parent / "known").glob(f"*.{kind}*")
    return path


def test_a_second_start_asks_no_cell(folder: Path, requests: list[str]) -> None:
    first = serve(folder)
    assert "open" in requests
    requests.clear()
    second = serve(folder)
    assert answer(second) == answer(first) == pytest.approx(2)
    assert requests == []
    assert second.inference.plan is not None
    assert (second.inference.form, repr(second.signature)) == (first.inference.form, repr(first.signature))


@pytest.mark.parametrize("kind", ["report", "form", "plan"])
@pytest.mark.parametrize("how", ["removed", "emptied", "cut", "changed"])
def test_what_was_changed_or_lost_is_found_out_again(folder: Path, requests: list[str], kind: str, how: str) -> None:
    form = serve(folder).inference.form
    path = known(folder, kind)
    before = path.read_bytes()
    changed = bytearray(before)
    changed[len(before) // 3] ^= 0x80
    path.write_bytes({"cut": before[: len(before) // 2], "changed": bytes(changed)}.get(how, b""))
    if how == "removed":
        path.unlink()
    requests.clear()
    model = serve(folder)
    assert answer(model) == pytest.approx(2)
    assert model.inference.form == form
    # A report is found out by a new cell, and what answers by calls.
    assert ("open" if kind == "report" else "call") in requests
    assert path.read_bytes() == before


def test_a_report_that_says_too_much_is_not_believed(folder: Path, requests: list[str]) -> None:
    serve(folder)
    known(folder, "report").write_text('{"reason": null, "signature": {"task": "world domination"}}')
    requests.clear()
    assert answer(serve(folder)) == pytest.approx(2)
    assert "open" in requests


def test_another_card_has_the_plan_compared_again(folder: Path, requests: list[str]) -> None:
    serve(folder)
    (folder / "line.json").write_text('{"title": "A line"}')
    requests.clear()
    assert answer(serve(folder)) == pytest.approx(2)
    assert "call" in requests


def test_other_libraries_other_types_and_other_files_have_other_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    known_files.environment.cache_clear()
    keys = {key_of("digest", ()), key_of("digest", ("a.B",)), key_of("other", ())}
    assert key_of("digest", ("c.D", "a.B")) == key_of("digest", ("a.B", "c.D"))
    version = known_files.metadata.version
    for library in ("scikit-learn", "numpy", "pandas"):
        known_files.environment.cache_clear()
        with monkeypatch.context() as patch:
            patch.setattr(known_files.metadata, "version", lambda name, it=library: version(name) + "1" * (name == it))
            keys.add(key_of("digest", ()))
    known_files.environment.cache_clear()
    assert len(keys) == 6


def test_other_code_of_ours_has_another_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "webapp" / "cell").mkdir(parents=True)
    monkeypatch.setattr(known_files, "ROOT", tmp_path)
    keys = set()
    for text in ("a = 1", "a = 2"):
        (tmp_path / "webapp" / "cell" / "code.py").write_text(text)
        known_files.environment.cache_clear()
        keys.add(key_of("digest", ()))
    known_files.environment.cache_clear()
    assert len(keys) == 2


@pytest.mark.parametrize("how", ["overwritten in place", "removed"])
def test_a_cell_starts_again_although_its_file_was_lost(folder: Path, how: str) -> None:
    model = serve(folder)
    assert estimator_answers(model) == pytest.approx(2)
    if how == "removed":
        (folder / "line.joblib").unlink()
    else:
        with (folder / "line.joblib").open("r+b") as file:
            joblib.dump(times(9), file)
    for pid in pids(model.inference.cells):
        os.kill(pid, signal.SIGKILL)
    assert estimator_answers(model) == pytest.approx(2)


def test_without_a_copy_the_file_itself_is_read(folder: Path) -> None:
    model = serve(folder)
    known(folder, "joblib").unlink()
    for pid in pids(model.inference.cells):
        os.kill(pid, signal.SIGKILL)
    assert estimator_answers(model) == pytest.approx(2)


def test_only_what_is_old_and_not_needed_is_forgotten(tmp_path: Path) -> None:
    known = KnownFiles(tmp_path)
    digests = {what: hashlib.sha256(what.encode()).hexdigest() for what in ("needed", "old", "new")}
    for digest in digests.values():
        known.keep_copy(digest, b"data")
        known.keep_report(digest, FileReport(reason="It is a test."))
    old = time.time() - KEEP_SECONDS - 60
    for what in ("needed", "old"):
        for path in tmp_path.glob(f"{digests[what]}*"):
            os.utime(path, (old, old))
    known.forget({digests["needed"]})
    left = {path.stem for path in tmp_path.iterdir()}
    assert left == {digests["needed"], digests["new"]}


def test_a_copy_that_is_kept_again_is_young_again(tmp_path: Path) -> None:
    known = KnownFiles(tmp_path)
    known.keep_copy("digest", b"data")
    os.utime(tmp_path / "digest.joblib", (0, 0))
    known.keep_copy("digest", b"data")
    known.forget(())
    assert (tmp_path / "digest.joblib").exists()


def test_a_disk_that_takes_nothing_harms_nobody(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    known = KnownFiles(tmp_path / "file")
    known.keep_report("key", FileReport())
    known.keep_copy("digest", b"data")
    known.keep_inference("key", "card", "form", b"plan")
    known.forget(())
    assert (known.report("key"), known.inference("key", "card")) == (None, None)


def test_nobody_else_may_enter_the_folder(tmp_path: Path) -> None:
    KnownFiles(tmp_path / "known").keep_copy("digest", b"data")
    assert (tmp_path / "known").stat().st_mode & 0o777 == 0o700


def test_another_table_of_what_was_compared_makes_all_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_files, "ROOT", tmp_path)
    table = tmp_path / "webapp/cell/migrations/compared.json"
    table.parent.mkdir(parents=True)
    found = []
    for text in ("{}", '{"classes": {}}'):
        table.write_text(text)
        known_files.environment.cache_clear()
        found.append(key_of("digest", ()))
    known_files.environment.cache_clear()
    assert found[0] != found[1]
