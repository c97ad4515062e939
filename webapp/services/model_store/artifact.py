"""A file that can be served: what its cell has reported, and the cells that answer for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pydantic import TypeAdapter, ValidationError

from webapp.errors import ModelProcessFailed
from webapp.models.card import Card
from webapp.models.card.fields import Metric
from webapp.models.card.input_types import with_card_types
from webapp.models.crossing.instances import pack_instances
from webapp.models.file_limits import max_memory, max_seconds
from webapp.models.file_report import FileReport
from webapp.services.cells.environments import Environment
from webapp.services.cells.model_cells import ModelCells
from webapp.types import Answer, Instance, Signature, Value

MAX_METRICS_BYTES = 1024**2
METRICS = TypeAdapter(list[Metric])


@dataclass(frozen=True, kw_only=True)
class Artifact:
    """A file that can be served."""

    #: Names the file and all that decides what is found in it.
    key: str
    #: The SHA-256 of its bytes.
    digest: str
    size: int
    report: FileReport
    #: Its inputs and outputs, as the cell has read them.
    signature: Signature
    cells: ModelCells
    #: The environment whose libraries it is read with; None for the service's own.
    environment: Environment | None = None
    #: A digest of the operator's own code that it uses, and the names of the modules; empty if it uses none.
    code: str = ""
    code_modules: tuple[str, ...] = ()

    def with_types_of(self, card: Card) -> Artifact:
        """Return the file with the types of inputs that a card says.

        Raises
        ------
        CardInvalid
        """
        return replace(self, signature=with_card_types(self.signature, card))

    def try_out(self, instances: Sequence[Instance]) -> list[Answer]:
        """Return the answers of the estimator, for which it has as much time as for being read."""
        return self.cells.predict(instances, self.signature, max_seconds(self.size))

    def find_culprits(self, instances: Sequence[Instance]) -> list[tuple[int, str]]:
        """Return the positions of instances that the estimator can't answer, each with an input that is the reason.

        Raises
        ------
        PredictionFailed
        """
        return self.cells.find_culprits(instances, self.signature, max_seconds(self.size))

    def answers_to(self, instances: Sequence[Instance], signature: Signature) -> list[Answer]:
        """Return the answers of the estimator to instances of other types.

        Raises
        ------
        PredictionFailed
        """
        return replace(self, signature=signature).try_out(instances)

    def measure(self, instances: Sequence[Instance], targets: Sequence[Sequence[Value]]) -> list[Metric]:
        """Return how well the estimator does on instances, for each output of which the true values are known.

        Raises
        ------
        PredictionFailed
        """
        fields, payload = pack_instances(instances, self.signature)
        answer, _ = self.cells.ask(
            "measure", {**fields, "targets": targets}, payload, (MAX_METRICS_BYTES, 0), max_seconds(self.size)
        )
        try:
            return METRICS.validate_python(answer.get("metrics"))
        except ValidationError:
            raise ModelProcessFailed from None

    def dump(self) -> bytes:
        """Return the model as a Joblib file that the cell writes: of parts, one Pipeline.

        A hostile model may send any bytes. They are a file like any other, which the gate reads before it is served.

        Raises
        ------
        PredictionFailed
        """
        limits = (MAX_METRICS_BYTES, max_memory(self.size))
        _, data = self.cells.ask("dump", {}, b"", limits, max_seconds(self.size))
        return data
