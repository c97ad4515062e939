"""What a form asks once before the model predicts from mostly blank inputs."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.errors import BlanksUnconfirmed
from webapp.helpers.feature_words import filled_words
from webapp.helpers.formatting import feature_label, number
from webapp.types import Feature, Instance, Signature


@dataclass(frozen=True, kw_only=True)
class BlanksQuestion:
    """The question whether blanks are meant."""

    #: “9 of 13 inputs are blank”
    title: str
    #: What the model would do with them.
    text: str
    count: int
    #: “Predict with 9 blanks”
    button: str
    #: The name of the first blank input.
    first: str


def check_blanks(instance: Instance, signature: Signature, confirmed: int) -> None:
    """Check that no more inputs are blank than somebody confirmed, where these are more than half of all.

    Raises
    ------
    BlanksUnconfirmed
    """
    count = len(_blank(instance, signature))
    if 2 * count > len(signature.features) and count > confirmed:
        raise BlanksUnconfirmed


def blanks_question(instance: Instance, signature: Signature) -> BlanksQuestion:
    """Return the question about the blanks of an instance."""
    blanks = _blank(instance, signature)
    count, total = len(blanks), len(signature.features)
    are_blank = "The only input is" if total == 1 else f"{number(count)} of {number(total)} inputs are"
    return BlanksQuestion(
        title=f"{are_blank} blank",
        text=" ".join(_consequences(blanks)),
        count=count,
        button=f"Predict with {number(count)} blank{'s'[: count != 1]}",
        first=blanks[0].name,
    )


def _blank(instance: Instance, signature: Signature) -> list[Feature]:
    return [feature for feature in signature.shown if instance[feature.name] is None]


def _consequences(blanks: list[Feature]) -> list[str]:
    filled = [filled_words(feature) for feature in blanks if feature.default is not None]
    unknown = [feature_label(feature) for feature in blanks if feature.default is None]
    sentences = (("fill in", filled), ("treat as not known", unknown))
    return [f"The model would {verb}: {', '.join(named)}." for verb, named in sentences if named]
