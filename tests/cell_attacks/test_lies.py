"""What a hostile cell reports or answers is such as an honest cell could send, or it is refused."""

from __future__ import annotations

import socket
from mmap import PAGESIZE, mmap

import pytest

from tests.cell_attacks import lies
from tests.cell_attacks.code import running
from tests.cell_attacks.conftest import Save, Witness, status
from tests.cell_attacks.lax_zygote import LaxZygote
from tests.cell_attacks.surroundings import Surroundings
from tests.faults.postgres import wait_until
from webapp.cell.fork import MAX_REPORTS, Cell
from webapp.errors import EstimatorFailed, NotServable, PredictionFailed
from webapp.helpers.frames import encode_frame
from webapp.helpers.inputs.schema import InstanceSchema
from webapp.models.explanation import background_of
from webapp.models.guardrails.checks import Checks
from webapp.models.signature.example import example
from webapp.services.model_store.artifact import Artifact
from webapp.services.model_store.artifact_loader import MAX_REASON_LENGTH
from webapp.services.model_store.trial import try_out

#: Seconds that a call may take here, since many lies are that no answer comes.
LIE_SECONDS = 1.0


@pytest.mark.parametrize("how", lies.ANSWERS.values(), ids=lies.ANSWERS)
def test_what_it_answers_is_no_answer(
    how: str, lax: LaxZygote, witness: Witness, save: Save, around: Surroundings
) -> None:
    before = around.tree()
    path = save(running(lies.answering(how), around.places, is_caught=False))
    artifact = lax.loader(LIE_SECONDS).load(path, model="m")
    for _ in range(2):
        # So that the call is not over before another cell has read the file.
        artifact.cells.start()
        with pytest.raises(PredictionFailed) as failure:
            artifact.cells.predict([{artifact.signature.features[0].name: 1.0}], artifact.signature)
        assert not isinstance(failure.value, EstimatorFailed)
        witness.check()
    assert around.tree() == before


@pytest.mark.parametrize("how", lies.REPORTS.values(), ids=lies.REPORTS)
def test_what_it_reports_is_checked(
    how: str, lax: LaxZygote, witness: Witness, save: Save, around: Surroundings
) -> None:
    before = around.tree()
    path = save(running(lies.reporting(how), around.places, is_caught=False))
    with pytest.raises(NotServable) as refusal:
        artifact = lax.loader().load(path, model="m")
        background = background_of(artifact.signature, None)
        try_out(artifact, lax.loader().known, card=None, card_digest="", background=background)
    assert refusal.value.message.isprintable()
    # One more stands for what is left out.
    assert len(refusal.value.message) <= MAX_REASON_LENGTH + 1
    witness.check()
    assert around.tree() == before


@pytest.mark.parametrize("how", lies.ODDITIES.values(), ids=lies.ODDITIES)
def test_what_it_may_report_can_be_shown(how: str, lax: LaxZygote, save: Save, around: Surroundings) -> None:
    path = save(running(lies.reporting(how), around.places, is_caught=False))
    signature = lax.loader().load(path, model="m").signature
    instance = dict(example(signature))
    assert InstanceSchema(signature, 1).validate({"inputs": instance}) == [instance]
    assert Checks(signature, None)
    assert background_of(signature, None)


LIES = ("other calls by its own account", "garbage", "an error that is an object")


@pytest.mark.parametrize("how", [lies.ANSWERS[what] for what in LIES], ids=LIES)
def test_a_cell_is_ended_whatever_it_says_of_itself(how: str, lax: LaxZygote, save: Save, around: Surroundings) -> None:
    path = save(running(lies.answering(how), around.places, is_caught=False))
    artifact = lax.loader(LIE_SECONDS).load(path, model="m")
    cells = cells_of(lax, artifact)
    assert cells
    with pytest.raises(PredictionFailed):
        artifact.cells.predict([{artifact.signature.features[0].name: 1.0}], artifact.signature)
    wait_until(lambda: not set(cells) & set(cells_of(lax, artifact)))


#: It takes no call, and says that it works on none.
BUSY = """
def compute(task, model):
    while True:
        pass
vars(process).update(_serve=compute)
"""


def test_a_cell_that_computes_although_nothing_is_asked_is_ended(
    lax: LaxZygote, save: Save, around: Surroundings
) -> None:
    artifact = lax.loader().load(save(running(BUSY, around.places, is_caught=False)), model="m")
    assert cells_of(lax, artifact)
    wait_until(lambda: not cells_of(lax, artifact))
    assert status(lax, artifact.key)["cause"] == "It computed although nothing was asked."


def cells_of(zygote: LaxZygote, artifact: Artifact) -> list[int]:
    return list(status(zygote, artifact.key)["cells"])


#: What the zygote knows of other cells is in its memory, which each cell begins as a copy of.
OTHER_STATES = """
while not hasattr(frame.f_locals.get("self"), "_pools"):
    frame = frame.f_back
found = [each for each in frame.f_locals["self"]._pools.cells() if each.state is not task.state]
for each in found:
    process.STATE.pack_into(each.state, 0, 42, 42)
"""


def test_a_cell_can_not_change_what_the_zygote_thinks_of_others(
    lax: LaxZygote, witness: Witness, save: Save, around: Surroundings
) -> None:
    check = lax.loader().check(save(running(OTHER_STATES, around.places)), model="m")
    # It found what it looked for, but the memory is not its own.
    assert check.reason == "Its process crashed."
    request = {"request": "end call", "key": witness.key, "call": 42, "seconds": 1000, "cause": "", "may_be_any": False}
    lax.request(request)
    witness.check()


def test_small_reports_without_number_do_not_keep_the_zygote() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        cell = Cell(pid=0, size=0, reports=ours, state=mmap(-1, PAGESIZE))
        cell.received += encode_frame({}, b"x") * (MAX_REPORTS + 1) + encode_frame({})
        assert cell.last_report() == (b"x", False)
        cell.received = bytearray(encode_frame({}, b"x") * MAX_REPORTS + encode_frame({}))
        assert cell.last_report() == (b"x", True)
