"""The card of a version: what was stored when it was published, and the words that people added."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationError

from webapp.errors import CardInvalid, MalformedJSON
from webapp.helpers.inputs.messages import printable
from webapp.helpers.inputs.strict_json import decode
from webapp.models.card.fields import (
    CardInputType,
    CardSignature,
    EmptyPair,
    Example,
    GoldenRow,
    Metric,
    Name,
    Number,
    Part,
    Published,
    Sample,
    Sentence,
    Word,
)

MAX_CARD_BYTES = 4 * 1024 * 1024


def _check_range(ends: tuple[float, float]) -> tuple[float, float]:
    if ends[0] >= ends[1]:
        raise ValueError("the lower bound must come first")
    return ends


class Card(Part):
    """The whole card. Every field is optional, and so is the card itself."""

    title: Word | None = None
    description: Sentence | None = None
    labels: dict[Name, Word] = Field(default_factory=dict)
    units: dict[Name, Annotated[Word, Field(max_length=24)]] = Field(default_factory=dict)
    help: dict[Name, Sentence] = Field(default_factory=dict)
    ranges: dict[Name, Annotated[tuple[Number, Number], Field(strict=False), AfterValidator(_check_range)]] = Field(
        default_factory=dict
    )
    inputs: dict[Name, CardInputType] = Field(default_factory=dict)
    required: list[Name] = Field(default_factory=list)
    order: list[Name] = Field(default_factory=list)
    immutable: list[Name] = Field(default_factory=list)
    redact: list[Name] = Field(default_factory=list)
    pseudonymise: list[Name] = Field(default_factory=list)
    thresholds: dict[Name, Annotated[Number, Field(gt=0, lt=1)]] = Field(default_factory=dict)
    groups: dict[Word, list[Name]] = Field(default_factory=dict)
    environment: Annotated[Word, Field(max_length=40)] | None = None
    examples: list[Example] = Field(default_factory=list, max_length=20)

    published: Published | None = None
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    code: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    size: Annotated[int, Field(ge=0)] | None = None
    signature: CardSignature | None = None
    sample: Sample | None = None
    empty_pairs: list[EmptyPair] = Field(default_factory=list, max_length=200)
    metrics: list[Metric] = Field(default_factory=list)
    golden: list[GoldenRow] = Field(default_factory=list, max_length=10)

    def to_bytes(self) -> bytes:
        """Write the card as JSON that people can read and edit."""
        return self.model_dump_json(indent=2, exclude_none=True, exclude_defaults=False).encode() + b"\n"

    def public_fields(self) -> dict[str, Any]:
        """Return what all users of the model may see: everything but the golden rows, which are data."""
        fields = self.model_dump(mode="json", exclude={"golden"})
        return fields | {"golden_rows": len(self.golden)}


def read_card(data: bytes) -> Card:
    """Read a card.

    Raises
    ------
    CardInvalid
        With the first five errors; the message repeats no values of the card.
    """
    if len(data) > MAX_CARD_BYTES:
        raise CardInvalid("The card is larger than 4 MiB.")
    try:
        return Card.model_validate(decode(data))
    except MalformedJSON as error:
        raise CardInvalid(f"The card can't be read. {error.message.replace('The body', 'It')}") from None
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False, include_context=False)
        errors = "; ".join(
            f"{printable('.'.join(map(str, each['loc']))) or 'card'}: {each['msg']}" for each in details[:5]
        )
        raise CardInvalid(f"The card is not valid: {errors}.") from None
