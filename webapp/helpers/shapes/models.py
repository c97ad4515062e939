"""Models, their versions, their inputs and outputs."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field
from typing_extensions import TypedDict

from webapp.types import Kept, Kind, Task


class ModelSummary(TypedDict):
    """A model that is served."""

    name: str
    ready: Literal[True]
    version: str
    digest: str
    code: Annotated[str | None, Field(description="A digest of your own code that the model uses, if it uses any.")]
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


class Usual(TypedDict):
    """What is known of the training values of an input whose range is not."""

    mean: float | None
    sd: Annotated[float | None, Field(description="The standard deviation.")]
    source: str


class Input(TypedDict):
    """One input of a model."""

    name: str
    kind: Kind
    optional: bool
    choices: list[Any]
    choice_labels: Annotated[
        dict[str, str], Field(description="The card's labels of its values; requests and records have the values.")
    ]
    default: Any
    range: Annotated[dict[str, Any] | None, Field(description="The smallest and the largest value that was seen.")]
    usual: Usual | None
    flag: Annotated[bool, Field(description="Whether all its values were 0 or 1; true and false are these.")]
    guessed: Annotated[bool, Field(description="Whether its kind is a guess: the model does not show it for certain.")]
    kept: Annotated[Kept, Field(description="What records keep of its values: the value, a pseudonym or nothing.")]


class Output(TypedDict):
    """One output of a model."""

    name: str
    classes: list[Any]
    label: Annotated[str | None, Field(description="What the card calls it.")]
    unit: str | None
    class_labels: Annotated[
        dict[str, str], Field(description="The card's labels of its classes; answers and records have the classes.")
    ]
    reported: Annotated[
        str | None, Field(description="The class whose probability people read as the answer, by the card.")
    ]
    thresholds: Annotated[
        dict[str, float], Field(description="The card's thresholds of probabilities; they change no answer.")
    ]


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
