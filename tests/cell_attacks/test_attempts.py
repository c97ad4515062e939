"""Code in a hostile file learns, changes, starts and reaches nothing outside its cell, and harms nothing there."""

from __future__ import annotations

import pytest

from tests.cell_attacks import attempts
from tests.cell_attacks.code import running
from tests.cell_attacks.conftest import Save, Witness
from tests.cell_attacks.harms import HARMS
from tests.cell_attacks.lax_zygote import LaxZygote
from tests.cell_attacks.surroundings import Surroundings

CHANGES = {
    f"{kind}: {what}": code
    for kind, codes in {"writing": attempts.WRITES, "programs": attempts.PROGRAMS}.items()
    for what, code in codes.items()
}


def outcome(zygote: LaxZygote, save: Save, code: str, around: Surroundings) -> str:
    """Return what the service learns of a file that runs this code."""
    check = zygote.loader().check(save(running(code, around.places)), model="m")
    return f"{check.reason} {check.report}"


@pytest.mark.parametrize("code", attempts.READS.values(), ids=attempts.READS)
def test_it_learns_nothing(
    code: str, lax: LaxZygote, witness: Witness, save: Save, around: Surroundings, caplog: pytest.LogCaptureFixture
) -> None:
    assert around.secret not in outcome(lax, save, code, around) + caplog.text
    witness.check()


@pytest.mark.parametrize("code", attempts.READS.values(), ids=attempts.READS)
def test_it_learns_the_secret_where_nothing_locks_it(
    code: str, open_zygote: LaxZygote, save: Save, around: Surroundings
) -> None:
    assert around.secret in outcome(open_zygote, save, code, around)


@pytest.mark.parametrize("code", CHANGES.values(), ids=CHANGES)
def test_it_changes_nothing(code: str, lax: LaxZygote, witness: Witness, save: Save, around: Surroundings) -> None:
    before = around.tree()
    outcome(lax, save, code, around)
    assert around.tree() == before
    witness.check()


@pytest.mark.parametrize("code", CHANGES.values(), ids=CHANGES)
def test_it_changes_something_where_nothing_locks_it(
    code: str, open_zygote: LaxZygote, save: Save, around: Surroundings
) -> None:
    before = around.tree()
    outcome(open_zygote, save, code, around)
    assert around.tree() != before


@pytest.mark.parametrize("code", attempts.CONNECTIONS.values(), ids=attempts.CONNECTIONS)
def test_it_reaches_nobody(code: str, lax: LaxZygote, witness: Witness, save: Save, around: Surroundings) -> None:
    outcome(lax, save, code, around)
    assert around.visitors() == 0
    witness.check()


@pytest.mark.parametrize("code", attempts.CONNECTIONS.values(), ids=attempts.CONNECTIONS)
def test_it_reaches_somebody_where_nothing_locks_it(
    code: str, open_zygote: LaxZygote, save: Save, around: Surroundings
) -> None:
    outcome(open_zygote, save, code, around)
    assert around.visitors() > 0


@pytest.mark.parametrize("code", HARMS.values(), ids=HARMS)
def test_it_harms_nothing(code: str, lax: LaxZygote, witness: Witness, save: Save, around: Surroundings) -> None:
    before = around.tree()
    found = outcome(lax, save, code, around)
    assert around.secret not in found
    assert around.tree() == before
    assert around.visitors() == 0
    assert around.service.poll() is None
    witness.check()


def test_the_gate_refuses_all_of_it(strict: LaxZygote, save: Save, around: Surroundings) -> None:
    codes = [*attempts.READS.values(), *CHANGES.values(), *attempts.CONNECTIONS.values(), *HARMS.values()]
    checks = [strict.loader().check(save(running(code, around.places)), model="m") for code in codes]
    assert {check.reason for check in checks} == {"It needs builtins.eval, which is not on the list of allowed types."}
