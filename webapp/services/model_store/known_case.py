"""One case of which the publisher knows the answer: it shows whether a model is whole and its inputs are in order."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from webapp.errors import InvalidInput, MalformedJSON, NotPublishable, PredictionFailed
from webapp.helpers.inputs.messages import printable
from webapp.helpers.inputs.schema import InstanceSchema
from webapp.helpers.inputs.strict_json import decode
from webapp.services.model_store.artifact import Artifact
from webapp.types import Value


@dataclass(frozen=True)
class KnownCase:
    """The inputs as JSON, and the answer as text; without one, the model must only be able to answer."""

    row: str
    answer: str | None = None

    def check(self, artifact: Artifact) -> None:
        """Ask the estimator.

        Raises
        ------
        NotPublishable
            When it gives another answer, or none.
        """
        try:
            (instance,) = InstanceSchema(artifact.signature, 1).validate({"inputs": decode(self.row.encode())})
            (answer,) = artifact.try_out([instance])
        except MalformedJSON:
            raise NotPublishable('The known row must be JSON, such as {"age": 41, "income": 900}.') from None
        except InvalidInput as error:
            found = " ".join(notice.msg for notice in error.errors) or error.message
            raise NotPublishable(f"The known row does not fit the inputs of the model. {found}") from None
        except PredictionFailed as error:
            raise NotPublishable(f"The model can't answer the known row ({error.kind}).") from None
        if self.answer is None:
            return
        values = answer.prediction if isinstance(answer.prediction, list) else [answer.prediction]
        expected = [self.answer] if len(values) == 1 else [each.strip() for each in self.answer.split(",")]
        if len(values) != len(expected) or not all(map(_is_same, values, expected)):
            given = printable(", ".join(map(str, values)))
            raise NotPublishable(
                f"For the known row the model answers {given} and not {self.answer}, so something is missing or in "
                "another order. Check which transformers belong in front (--before), and the names (--names)."
            )


def _is_same(value: Value, expected: str) -> bool:
    """Return whether a value is the expected one; of a number, as many digits count as were given."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value) == expected
    with suppress(InvalidOperation, ValueError):
        digits = -int(Decimal(expected).as_tuple().exponent)
        return math.isclose(value, float(expected), rel_tol=1e-9, abs_tol=0.5000001 * 10.0**-digits)
    return False
