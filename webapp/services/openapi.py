"""The OpenAPI documents that describe the service, cached until other versions are served."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import is_

import orjson

from webapp.helpers.openapi import DescribedModel, DescribedService, Json, openapi
from webapp.models.signature.example import example
from webapp.services.model_store import ModelStore, ServedModel
from webapp.types import Instance

#: Maximum number of cached documents: of each model, and of each set of models that a caller may use.
MAX_CACHED = 128


@dataclass(frozen=True, kw_only=True)
class Description:
    """A document and the models that it describes."""

    models: Sequence[ServedModel]
    root: str
    body: bytes
    etag: str

    @property
    def document(self) -> Json:
        """The document itself, decoded each time, because decoded it takes ten times the memory."""
        document: Json = orjson.loads(self.body)
        return document

    def is_of(self, models: Sequence[ServedModel], root: str) -> bool:
        """Return whether it describes these very models; a version that was loaded again is another object."""
        are_same = len(models) == len(self.models) and all(map(is_, models, self.models))
        return are_same and root == self.root


class OpenAPIDocuments:
    """Writes a document at its first request, and again when other versions are served."""

    def __init__(self, *, store: ModelStore, max_instances: int, max_bytes: int, guarded: bool) -> None:
        self._store = store
        #: Maximum number of instances in one request.
        self.max_instances = max_instances
        #: Maximum size of a request body in bytes.
        self.max_bytes = max_bytes
        self._guarded = guarded
        #: The last document for each set of models.
        self._cache: dict[tuple[str, ...], Description] = {}

    def describe(self, models: Sequence[ServedModel], root: str) -> Description:
        """Return the document of these models, with addresses below the path ``root``."""
        names = tuple(model.name for model in models)
        description = self._cache.get(names)
        if description is None or not description.is_of(models, root):
            if len(self._cache) >= MAX_CACHED:
                self._cache.clear()
            description = self._cache[names] = self._write(models, root)
        return description

    def _write(self, models: Sequence[ServedModel], root: str) -> Description:
        described = {model.name: _described(model) for model in models}
        default = self._store.find_default()
        service = DescribedService(
            models=tuple(described.values()),
            default=described.get(default.name) if default else None,
            max_instances=self.max_instances,
            max_bytes=self.max_bytes,
            root=root,
            guarded=self._guarded,
        )
        body = orjson.dumps(openapi(service))
        etag = hashlib.sha256(body).hexdigest()[:32]
        return Description(models=models, root=root, body=body, etag=etag)


def _described(model: ServedModel) -> DescribedModel:
    return DescribedModel(
        name=model.name,
        title=model.title,
        version=model.version,
        signature=model.signature,
        schema=model.schema.json_schema(),
        examples=tuple(_examples(model)),
        about=(model.card and model.card.description) or "",
    )


def _examples(model: ServedModel) -> Iterator[tuple[str, Instance]]:
    """Yield a typical case, and the card's examples that have every required input."""
    yield "A typical case", example(model.signature)
    required = {feature.name for feature in model.signature.features if not feature.optional}
    for card_example in model.card.examples if model.card else ():
        if required <= {name for name, value in card_example.inputs.items() if value is not None}:
            yield card_example.title, card_example.inputs
