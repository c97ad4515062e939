"""The hostile files of the gate's tests do nothing outside their cells, with the gate or without it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain

import pytest

from tests.cell_attacks.conftest import Save, Witness
from tests.cell_attacks.lax_zygote import LaxZygote
from tests.cell_attacks.surroundings import Surroundings
from tests.gate import bombs, chains, crashing, hostile_names, natives
from webapp.errors import NotServable, PredictionFailed
from webapp.models.signature.example import example

#: One of this many files that may crash a cell is tried; all of them take minutes.
STEP = 4


def of_names(path: str) -> Iterator[tuple[str, bytes]]:
    for kind in ("OBJECT_ARRAYS", "STATES", "PREFIXES", "DOTTED", "CODES", "SHADOWS", "CHANGES", "ARGUMENTS"):
        for what, make in getattr(hostile_names, kind).items():
            yield what, make(path)


def of_numbers() -> Iterator[tuple[str, bytes]]:
    yield from list(crashing.crashing())[::STEP]
    yield "a late field", natives.late_field()


def of_bombs() -> Iterator[tuple[str, bytes]]:
    for what in ("bytes of 1 TiB", "an array of 256 TiB", "zeros packed by zlib", "arrays in arrays", "dicts"):
        yield what, bombs.BOMBS[what]()


def for_each_target(
    make: Callable[[str], Iterator[tuple[str, bytes]]],
) -> Callable[[Surroundings], Iterator[tuple[str, bytes]]]:
    """Make files that would create a file, and files that would change one."""
    return lambda around: chain.from_iterable(make(f"{around.folder}/{name}") for name in ("new", "instance/secret"))


CORPORA: dict[str, Callable[[Surroundings], Iterator[tuple[str, bytes]]]] = {
    "names": for_each_target(of_names),
    "chains": for_each_target(chains.chains),
    # These name no file.
    "numbers": lambda _: of_numbers(),
    "bombs": lambda _: of_bombs(),
}


@pytest.mark.parametrize("corpus", CORPORA.values(), ids=CORPORA)
@pytest.mark.parametrize("left_out", ["gate", "nothing"])
def test_a_hostile_file_does_nothing_outside_its_cell(
    left_out: str,
    corpus: Callable[[Surroundings], Iterator[tuple[str, bytes]]],
    lax: LaxZygote,
    strict: LaxZygote,
    witness: Witness,
    save: Save,
    around: Surroundings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    zygote = lax if left_out == "gate" else strict
    before = around.tree()
    for what, data in corpus(around):
        assert around.secret not in ask(zygote, save, data) + caplog.text, what
        assert around.tree() == before, what
        witness.check()
    assert around.visitors() == 0


def ask(zygote: LaxZygote, save: Save, data: bytes) -> str:
    """Load a file, ask it, and return all that the service learns."""
    try:
        artifact = zygote.loader().load(save(data), model="m")
    except NotServable as error:
        assert error.message.isprintable()
        return error.message
    try:
        return f"{artifact.report} {artifact.try_out([example(artifact.signature)])}"
    except PredictionFailed as error:
        return f"{artifact.report} {error}"
    finally:
        artifact.cells.retire()
