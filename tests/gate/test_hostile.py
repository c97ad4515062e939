"""Hostile files are refused before anything in them runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from tests.gate import bombs, crashing, hostile_names, natives
from tests.gate.child import Died, in_child
from tests.gate.verdict import GRANTS, both, verdict
from webapp.cell.gate import inspect, load
from webapp.cell.gate.allow_list import Use, refusal

KINDS = {
    "object arrays": hostile_names.OBJECT_ARRAYS,
    "states": hostile_names.STATES,
    "prefixes": hostile_names.PREFIXES,
    "dotted names": hostile_names.DOTTED,
    "codes": hostile_names.CODES,
    "shadows": hostile_names.SHADOWS,
    "changes": hostile_names.CHANGES,
    "arguments": hostile_names.ARGUMENTS,
}


@pytest.mark.parametrize("files", KINDS.values(), ids=KINDS)
def test_it_refuses_a_file_before_anything_in_it_runs(files: dict[str, hostile_names.Hostile], tmp_path: Path) -> None:
    sentinels = {what: tmp_path / str(number) for number, what in enumerate(files)}
    contents = {what: make(str(sentinels[what])) for what, make in files.items()}
    verdicts = in_child(lambda: {what: both(data) for what, data in contents.items()})
    assert [what for what, reason in verdicts.items() if reason == "loaded"] == []
    assert [what for what, sentinel in sentinels.items() if sentinel.exists()] == []


def test_it_refuses_false_types_and_handles() -> None:
    with threadpool_limits(1):
        contents = dict(crashing.refused())
    verdicts = in_child(lambda: {what: both(data) for what, data in contents.items()})
    # The reason is never a name.
    assert [what for what, reason in verdicts.items() if reason == "loaded" or "on the list" in reason] == []


def test_it_lets_through_what_may_crash_a_locked_process() -> None:
    with threadpool_limits(1):
        contents = dict(crashing.crashing())
    assert len(contents) > 100
    reasons = {what: verdict_or_death(data) for what, data in contents.items()}
    # Where the library itself finds the damage, it raises an error.
    assert set(reasons.values()) <= {"loaded", "crashed", "The file is damaged."}


def verdict_or_death(data: bytes) -> str:
    try:
        return verdict(data)
    except Died:
        return "crashed"


def test_a_field_stays_where_it_was_when_a_rule_saw_it() -> None:
    array = load(natives.late_field(), GRANTS)
    assert array.dtype.fields["a"] == (np.dtype("f8"), 0)


#: A bomb that is followed takes hours; one that is refused takes a few seconds, more of them on a slow machine.
MAX_BOMB_SECONDS = 20


@pytest.mark.parametrize("make", bombs.BOMBS.values(), ids=bombs.BOMBS)
def test_it_refuses_a_bomb_in_time(make: Callable[[], bytes]) -> None:
    data = make()
    assert len(data) < 7 * bombs.MEBIBYTE
    assert verdict(data, seconds=MAX_BOMB_SECONDS) != "loaded"


def test_it_names_everything_that_a_file_uses(tmp_path: Path) -> None:
    data = hostile_names.OBJECT_ARRAYS["an object array in a scaler, zlib"](str(tmp_path / "x"))
    assert (open.__module__, "open", "call") in inspect(data).refused_uses(GRANTS)


def test_its_refusal_is_a_sentence(tmp_path: Path) -> None:
    assert both(hostile_names.PREFIXES["os.system"](str(tmp_path / "x"))) == (
        "It needs os.system, which is not on the list of allowed types."
    )


@pytest.mark.parametrize(("use", "kind"), [(Use.REF, "function"), (Use.NEW, "class")])
def test_it_says_what_to_do_about_a_function_or_class_of_a_notebook(use: Use, kind: str) -> None:
    assert refusal([("__main__", "clean", use)]) == (
        f"It needs your own {kind} __main__.clean, which is in the notebook or script that dumped it. Move it into a "
        "module, such as features.py, import it from there, fit and dump the model again, and name it in TRUSTED_TYPES "
        "(features.clean), or add an environment with that module: flask --app wsgi environments add NAME --with "
        f"FOLDER (docs/your-own-model.md)."
    )


def test_it_tells_all_reasons_and_what_can_not_be_helped_first() -> None:
    refused = [("__main__", "clean", Use.REF), ("cloudpickle.cloudpickle", "_make_function", Use.CALL)]
    sentences = refusal([*refused, ("os", "system", Use.CALL)])
    places = [sentences.index(words) for words in ("os.system", "cloudpickle and dill", "__main__.clean")]
    assert places == sorted(places)


def test_it_counts_the_other_names_once_each() -> None:
    refused = [("os", "system", Use.CALL), ("os", "system", Use.NEW), ("posix", "system", Use.CALL)]
    assert refusal(refused) == "It needs os.system and 1 more, which are not on the list of allowed types."
