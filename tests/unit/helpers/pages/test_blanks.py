"""The question before a prediction from mostly blank inputs."""

from __future__ import annotations

import pytest

from webapp.errors import BlanksUnconfirmed
from webapp.helpers.pages.blanks import blanks_question, check_blanks
from webapp.types import Feature, Signature

FEATURES = (
    Feature(name="age", optional=True, default=36.0, unit="years"),
    Feature(name="housing", kind="category", choices=("owner", "rent"), optional=True, default="owner"),
    Feature(name="debt", optional=True),
    Feature(name="has_job", flag=True, optional=True, default=1.0),
)
SIGNATURE = Signature(task="regression", features=FEATURES, outputs=(), order=("debt", "housing", "age", "has_job"))
NOTHING = dict.fromkeys(SIGNATURE.order)


@pytest.mark.parametrize("given", [{"age": 1.0, "debt": 2.0}, {"age": 1.0, "debt": 2.0, "housing": "rent"}])
def test_it_asks_nothing_while_half_of_the_inputs_is_there(given: dict[str, float]) -> None:
    check_blanks(NOTHING | given, SIGNATURE, confirmed=0)


def test_it_asks_when_more_than_half_is_blank() -> None:
    with pytest.raises(BlanksUnconfirmed):
        check_blanks(NOTHING | {"age": 1.0}, SIGNATURE, confirmed=0)


@pytest.mark.parametrize(("confirmed", "asks"), [(2, True), (3, False), (4, False)])
def test_it_asks_again_only_when_more_became_blank(confirmed: int, asks: bool) -> None:
    try:
        check_blanks(NOTHING | {"age": 1.0}, SIGNATURE, confirmed=confirmed)
    except BlanksUnconfirmed:
        assert asks
    else:
        assert not asks


def test_it_says_what_the_model_would_do_with_each_blank_in_the_order_of_the_form() -> None:
    question = blanks_question(NOTHING, SIGNATURE)
    assert (question.title, question.button) == ("4 of 4 inputs are blank", "Predict with 4 blanks")
    assert question.text == (
        "The model would fill in: Housing (owner), Age (36 years), Has job (yes). "
        "The model would treat as not known: Debt."
    )
    assert (question.first, question.count) == ("debt", 4)


def test_it_speaks_of_an_only_input_in_the_singular() -> None:
    question = blanks_question({"age": None}, Signature(task="regression", features=FEATURES[:1], outputs=()))
    assert (question.title, question.button) == ("The only input is blank", "Predict with 1 blank")
