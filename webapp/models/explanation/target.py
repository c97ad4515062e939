"""What of an answer is explained."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.types import Answer, Signature, Value


@dataclass(frozen=True, kw_only=True)
class Target:
    """One output: the probability of the class that was answered, the number, or whether the label stays."""

    output: str
    #: Its place among several outputs; None for the only one.
    place: int | None
    #: None for a number.
    label: Value
    is_share: bool

    def prediction(self, answer: Answer) -> Value:
        """Give what an answer predicts for this output."""
        found: Value = answer.prediction if self.place is None else answer.prediction[self.place]
        return float(found) if self.label is None and isinstance(found, int) else found

    def score(self, answer: Answer) -> float:
        """Give the number that is explained."""
        if self.is_share:
            shares = answer.probabilities if self.place is None else answer.probabilities[self.place]
            return float(shares[str(self.label)])
        found = self.prediction(answer)
        if self.label is None and isinstance(found, int | float):
            return float(found)
        return float(found == self.label)


def targets(answer: Answer, signature: Signature) -> tuple[Target, ...]:
    """Give what there is to explain in an answer: one target for each output."""
    several = signature.multi_output
    return tuple(
        _target(answer, signature, place if several else None, output.name)
        for place, output in enumerate(signature.outputs)
    )


def _target(answer: Answer, signature: Signature, place: int | None, name: str) -> Target:
    found = answer.prediction if place is None else answer.prediction[place]
    is_number = signature.task in ("regression", "prediction") and isinstance(found, int | float)
    return Target(
        output=name,
        place=place,
        label=None if is_number and not signature.outputs[place or 0].classes else found,
        is_share=signature.probabilities,
    )
