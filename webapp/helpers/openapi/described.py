"""What the document is built from: the models that are served, and the limits of a request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from webapp.types import Instance, Signature

Json = dict[str, Any]
#: Prefix of the tag of each model.
MODEL_TAG_PREFIX = "Model "
#: Prefix of the summary of each operation that predicts.
PREDICT_SUMMARY = "Predict with "


@dataclass(frozen=True, kw_only=True)
class DescribedModel:
    """A model as API clients see it: the version in use, its inputs and its outputs."""

    name: str
    title: str
    version: str
    signature: Signature
    #: The JSON Schema of one instance.
    schema: Mapping[str, Any]
    #: Complete example instances with their titles.
    examples: tuple[tuple[str, Instance], ...]
    #: The description on the card.
    about: str = ""

    @property
    def path(self) -> str:
        """Its name, quoted for a path."""
        return quote(self.name, safe="")

    @property
    def tag(self) -> str:
        """The tag of its operations."""
        return MODEL_TAG_PREFIX + self.name


@dataclass(frozen=True, kw_only=True)
class DescribedService:
    """The service as API clients see it."""

    models: tuple[DescribedModel, ...]
    #: Maximum number of instances in one request.
    max_instances: int
    #: Maximum size of a request body in bytes.
    max_bytes: int
    #: The model of the addresses without a model name.
    default: DescribedModel | None = None
    #: Path prefix under which a proxy serves it.
    root: str = ""
    #: Whether clients need an API key.
    guarded: bool = False
