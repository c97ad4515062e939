"""What the service says of itself to scripts, kept until something else is served."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import orjson

from webapp.errors import ModelNotFound, ModelNotReady
from webapp.helpers.openapi import DescribedModel, DescribedService, Json, openapi
from webapp.models.signature.example import example
from webapp.services.model_store import ModelStore, ServedModel
from webapp.types import Instance

#: Not everybody may ask all models; so many choices of them are kept.
MOST_KEPT = 32


@dataclass(frozen=True, kw_only=True)
class Description:
    """The document, for what was served when it was written."""

    models: Sequence[ServedModel]
    root: str
    document: Json
    body: bytes
    etag: str

    def is_of(self, models: Sequence[ServedModel], root: str) -> bool:
        """Tell whether it still describes what is served; a version that was loaded anew is another object."""
        same = len(models) == len(self.models) and all(map(_is, models, self.models))
        return same and root == self.root


class OpenAPIDocuments:
    """Writes the description when it is first asked for, and anew when other versions answer."""

    def __init__(self, store: ModelStore, max_instances: int, max_bytes: int, *, guarded: bool) -> None:
        self._store = store
        self._max_instances = max_instances
        self._max_bytes = max_bytes
        self._guarded = guarded
        #: The last one for each choice of models.
        self._kept: dict[tuple[str, ...], Description] = {}

    def describe(self, models: Sequence[ServedModel], root: str) -> Description:
        """Describe these models, below this path."""
        names = tuple(model.name for model in models)
        found = self._kept.get(names)
        if found is None or not found.is_of(models, root):
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            found = self._kept[names] = self._write(models, root)
        return found

    def _write(self, models: Sequence[ServedModel], root: str) -> Description:
        described = {model.name: _described(model) for model in models}
        service = DescribedService(
            models=tuple(described.values()),
            default=described.get(self._default()),
            max_instances=self._max_instances,
            max_bytes=self._max_bytes,
            root=root,
            guarded=self._guarded,
        )
        document = openapi(service)
        body = orjson.dumps(document)
        etag = hashlib.sha256(body).hexdigest()[:32]
        return Description(models=models, root=root, document=document, body=body, etag=etag)

    def _default(self) -> str:
        try:
            return self._store.get_default().name
        except (ModelNotFound, ModelNotReady):
            return ""


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
    """Give a typical case, and those of the card's examples that leave out nothing that is needed."""
    yield "A typical case", example(model.signature)
    needed = {feature.name for feature in model.signature.features if not feature.optional}
    for each in model.card.examples if model.card else ():
        if needed <= {name for name, value in each.inputs.items() if value is not None}:
            yield each.title, each.inputs


def _is(one: object, other: object) -> bool:
    return one is other
