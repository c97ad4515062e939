"""The part of an answer that is explained."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.helpers.output_words import class_key
from webapp.types import Answer, Signature, Value


@dataclass(frozen=True, kw_only=True)
class Target:
    """One output: the probability of a class, the number, or whether the label stays the same."""

    output: str
    #: Its position among several outputs; None if it is the only one.
    place: int | None
    #: None for a number.
    label: Value
    is_share: bool
    #: From where on the card counts the label as the answer, if it reports it.
    threshold: float | None = None

    def prediction(self, answer: Answer) -> Value:
        """Return what an answer predicts for this output."""
        value: Value = answer.prediction if self.place is None else answer.prediction[self.place]
        return float(value) if self.label is None and isinstance(value, int) else value

    def score(self, answer: Answer) -> float:
        """Return the number that is explained."""
        if self.is_share:
            shares = answer.probabilities if self.place is None else answer.probabilities[self.place]
            return float(shares[str(self.label)])
        value = self.prediction(answer)
        if self.label is None and isinstance(value, int | float):
            return float(value)
        return float(value == self.label)


def targets(answer: Answer, signature: Signature) -> tuple[Target, ...]:
    """Return what is explained in an answer: one target for each output."""
    return tuple(
        _target(answer, signature, place if signature.multi_output else None, output.name)
        for place, output in enumerate(signature.outputs)
    )


def _target(answer: Answer, signature: Signature, place: int | None, name: str) -> Target:
    value = answer.prediction if place is None else answer.prediction[place]
    output = signature.outputs[place or 0]
    is_number = signature.task in ("regression", "prediction") and isinstance(value, int | float)
    label = None if is_number and not output.classes else value
    if signature.probabilities and output.reported:
        label = next((each for each in output.classes if class_key(each) == output.reported), label)
    return Target(
        output=name,
        place=place,
        label=label,
        is_share=signature.probabilities,
        threshold=output.thresholds.get(output.reported),
    )
