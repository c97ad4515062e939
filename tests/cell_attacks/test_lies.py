"""What a hostile cell reports or answers is either such as an honest cell could send, or no answer; and nobody waits."""

from __future__ import annotations

import math

import pytest

from tests.cell_attacks import lies
from tests.cell_attacks.code import running
from tests.cell_attacks.conftest import Save, Witness
from tests.cell_attacks.lax_zygote import LaxZygote
from tests.cell_attacks.surroundings import Surroundings
from webapp.errors import EstimatorFailed, NotServable, PredictionFailed
from webapp.models.explanation import background_of
from webapp.services.model_store.trial import try_out


@pytest.mark.parametrize("how", lies.ANSWERS.values(), ids=lies.ANSWERS)
def test_what_it_answers_is_no_answer(
    how: str, lax: LaxZygote, witness: Witness, save: Save, around: Surroundings
) -> None:
    before = around.tree()
    path = save(running(lies.answering(how), around.places, is_caught=False))
    artifact = lax.loader().load(path, model="m")
    for _ in range(2):
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
    assert len(refusal.value.message) < 1000
    witness.check()
    assert around.tree() == before
    assert math.isfinite(1)
