"""The shapes of JSON answers, each defined once.

The functions that build an answer are annotated with its shape, so that mypy checks them. /openapi.json and the
columns of a CSV are generated from the shapes.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired

from annotated_types import Ge
from pydantic import Field, WithJsonSchema
from typing_extensions import TypedDict

from webapp.types import Channel, Kept, Kind, Status, Task

Count = Annotated[int, Ge(0)]
Id = Annotated[str, WithJsonSchema({"type": "string", "format": "uuid", "description": "The id of the record."})]
Moment = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
NullableMoment = Annotated[Moment | None, WithJsonSchema({"type": ["string", "null"], "format": "date-time"})]
Warnings = Annotated[
    list["Notice"], Field(description="Warnings to check before relying on the answer, each a sentence with its place.")
]
Explanations = Annotated[
    list["Explanation"] | None,
    Field(description="Only with `explain=true`: an explanation of each output, or null if there is none."),
]
Cursor = Annotated[str | None, Field(description="Where the next page begins; null on the last page.")]


class Notice(TypedDict):
    """A sentence about one place in the input."""

    loc: Annotated[
        list[str | int], Field(description="The place in the input, from the outermost part to the innermost.")
    ]
    msg: str


class Error(TypedDict):
    """The error of a request that can't be answered."""

    error: Annotated[str, Field(description="What is wrong, in a sentence.")]
    errors: Annotated[
        list[Notice],
        Field(description="The first 20 errors in the input, each with its place; then how many more there are."),
    ]
    status: int
    request_id: str


class ListedAnswer(TypedDict):
    """The answer to one instance of a list."""

    id: Id
    prediction: Any
    probabilities: NotRequired[Any]
    warnings: Warnings


class Answer(TypedDict):
    """The answer to one instance."""

    id: Id
    model: str
    version: str
    prediction: Any
    probabilities: NotRequired[Any]
    warnings: Warnings
    explanations: NotRequired[Explanations]
    created_at: Moment


class Answers(TypedDict):
    """The answer to a list of instances."""

    model: str
    version: str
    predictions: Annotated[list[ListedAnswer], Field(description="In the order of the instances.")]


class Record(TypedDict):
    """One prediction as it is stored."""

    id: Id
    created_at: Moment
    model: str
    version: str
    digest: Annotated[str, Field(description="The SHA-256 of the model file that answered.")]
    channel: Annotated[str, Field(description="The protocol of the request.", json_schema_extra={"enum": [*Channel]})]
    actor: str | None
    request_id: str
    status: Status
    inputs: dict[str, Any] | None
    prediction: Any
    probabilities: Any
    errors: list[Notice]
    warnings: list[Notice]
    duration: Annotated[float, Field(description="Seconds that the model took, for all instances in the same call.")]
    read_as: Annotated[
        str | None,
        Field(description="The version of scikit-learn that made the model and the one that answered, if they differ."),
    ]
    code: Annotated[str | None, Field(description="A digest of your own code that the model ran with, if it uses any.")]
    explanations: NotRequired[Explanations]


class Page(TypedDict):
    """One page of the records that match."""

    predictions: list[Record]
    cursor: Cursor
    looked_to: Annotated[NullableMoment, Field(description="How far the search got before it reached its time limit.")]


class Export(TypedDict):
    """All records that match."""

    predictions: list[Record]
    cursor: Cursor
    incomplete: Annotated[str | None, Field(description="Why records are missing; null when the export is complete.")]


class Contribution(TypedDict):
    """What one input added to the score."""

    feature: str
    value: float
    spread: Annotated[float, Field(description="The standard error of the contribution.")]


class Point(TypedDict):
    """The answer for one value of an input, with all other inputs unchanged."""

    value: Annotated[Any, Field(description="A value of this input.")]
    score: float
    prediction: Any


class Change(Point):
    """A change of one input that changes the answer."""

    feature: str


class Curve(TypedDict):
    """How the answer varies with one input."""

    feature: str
    points: list[Point]


class Explanation(TypedDict):
    """The explanation of one output."""

    output: str
    explains: Annotated[
        dict[str, Any], Field(description="The class whose probability is the score, or the predicted number.")
    ]
    compared_with: Literal["a typical case", "the sample"]
    baseline: float
    score: float
    contributions: Annotated[list[Contribution], Field(description="The contributions add up to score − baseline.")]
    changes: Annotated[list[Change], Field(description="The nearest values of single inputs that change the answer.")]
    curves: list[Curve]


class ModelSummary(TypedDict):
    """A model that is served."""

    name: str
    ready: Literal[True]
    version: str
    digest: str
    code: Annotated[
        str | None, Field(description="A digest of your own code that the model runs with, if it uses any.")
    ]
    title: str
    task: Task


class UnservedModel(TypedDict):
    """A model that can't be served."""

    name: str
    ready: Literal[False]
    reason: str


class Models(TypedDict):
    """All models."""

    models: list[ModelSummary | UnservedModel]


VersionState = Literal["champion", "loaded", "not loaded", "refused"]


class Version(TypedDict):
    """One version of a model."""

    version: str
    digest: str
    state: VersionState
    reason: str | None


class Input(TypedDict):
    """One input of a model."""

    name: str
    kind: Kind
    optional: bool
    choices: list[Any]
    default: Any
    range: dict[str, Any] | None
    guessed: Annotated[bool, Field(description="Whether its kind is a guess: the model does not show it for certain.")]
    kept: Annotated[Kept, Field(description="What records keep of its values: the value, a pseudonym or nothing.")]


class Output(TypedDict):
    """One output of a model."""

    name: str
    classes: list[Any]


Threshold = TypedDict(
    "Threshold",
    {
        "class": Annotated[Any, Field(description="The class that is answered at the threshold and above.")],
        "value": float,
        "of": Annotated[
            Literal["probability", "score"],
            Field(description="What is compared with it: the class's probability or score."),
        ],
    },
)
Threshold.__doc__ = "From where on a class is answered, if that was chosen after the model was fitted."


class SignatureDescription(TypedDict):
    """The inputs and outputs of a model."""

    task: Task
    inputs: list[Input]
    outputs: list[Output]
    probabilities: bool
    threshold: Annotated[
        Threshold | None, Field(description="From where on a class is answered, if that was chosen after fitting.")
    ]


class VersionDescription(ModelSummary, SignatureDescription):
    """The inputs and outputs of one version, with its schema and its card."""

    schema: Annotated[dict[str, Any], Field(description="The JSON Schema of one instance.")]
    card: Annotated[dict[str, Any] | None, Field(description="The card that was written when it was published.")]
    answered_by: str
    depends_on_company: Annotated[
        bool, Field(description="Whether the answer to an instance depends on the others of the same request.")
    ]


class ModelDescription(VersionDescription):
    """The inputs and outputs of a model's champion, and all versions of the model."""

    versions: Annotated[list[Version], Field(description="All versions, the newest first.")]


class SpoolStatus(TypedDict):
    """The predictions on this machine that are not in the database yet."""

    rows: Count
    seconds: float
    set_aside: Count


class Readiness(TypedDict):
    """Whether predictions can be made and recorded."""

    status: Literal["ready", "degraded", "not ready"]
    reasons: Annotated[list[str], Field(description="What is wrong, although predictions are made and recorded.")]
    models: Count
    unserved: Count
    recording: Literal["database", "spool"] | None
    spool: Annotated[SpoolStatus | None, Field(description="null if the spool can't be read.")]
