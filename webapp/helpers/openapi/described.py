"""What there is to describe: the models that are served, and what bounds a request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from webapp.types import Instance, Signature

Json = dict[str, Any]
#: What the tag of each model begins with.
OF_A_MODEL = "Model "


@dataclass(frozen=True, kw_only=True)
class DescribedModel:
    """One model as scripts see it: the version that answers, what it takes and what it gives."""

    name: str
    title: str
    version: str
    signature: Signature
    #: The JSON Schema of one instance.
    schema: Mapping[str, Any]
    #: Whole instances to begin with, each with what it is called.
    examples: tuple[tuple[str, Instance], ...]
    #: What the card says about it.
    about: str = ""

    @property
    def path(self) -> str:
        """Its name as an address holds it."""
        return quote(self.name, safe="")

    @property
    def tag(self) -> str:
        """What its operations stand under."""
        return OF_A_MODEL + self.name


@dataclass(frozen=True, kw_only=True)
class DescribedService:
    """All that is described."""

    models: tuple[DescribedModel, ...]
    #: The largest number of instances and of bytes in one request.
    max_instances: int
    max_bytes: int
    #: The model that is meant where none is named.
    default: DescribedModel | None = None
    #: Below which path it is reached, where a proxy serves it at one.
    root: str = ""
    #: Whether scripts need a key.
    guarded: bool = False
