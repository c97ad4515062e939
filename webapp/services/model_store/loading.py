"""Loads a model that can answer from the file and the card of a version."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import replace

from webapp.errors import HoldsTransformer, NotServable, NotServableYet
from webapp.helpers.inputs.schema import InstanceSchema
from webapp.helpers.records.redaction import with_redacted
from webapp.models.card import MAX_CARD_BYTES, Card, read_card
from webapp.models.card.apply import with_words
from webapp.models.explanation import background_of
from webapp.models.guardrails.checks import Checks
from webapp.services.model_store.artifact import Artifact
from webapp.services.model_store.artifact_loader import ArtifactLoader
from webapp.services.model_store.files import VersionFile
from webapp.services.model_store.lane import Lane
from webapp.services.model_store.served import Retry, ServedModel, UnservedModel
from webapp.services.model_store.trial import try_out


class FileIsChanging(NotServableYet):
    """Its file is being written."""


def load(
    file: VersionFile, loader: ArtifactLoader, max_instances: int, redact: Collection[str] = ()
) -> ServedModel | UnservedModel:
    """Load one version, or return why it can't be served."""
    try:
        return serve(file, loader, max_instances, redact)
    except HoldsTransformer as error:
        unserved = _unserved(file, error.message, Retry.NEVER)
        return replace(unserved, transformer=error.kind, columns=error.columns)
    except NotServable as error:
        retry = Retry.AT_ONCE if isinstance(error, FileIsChanging) else Retry.LATER
        return _unserved(file, error.message, retry if isinstance(error, NotServableYet) else Retry.NEVER)
    except Exception as error:
        # Memory, threads and descriptors may be short only now.
        retry = Retry.LATER if isinstance(error, MemoryError | OSError) else Retry.NEVER
        return _unserved(file, f"It can't be read ({type(error).__name__}).", retry)


def _unserved(file: VersionFile, reason: str, retry: Retry) -> UnservedModel:
    return UnservedModel(name=file.name, version=file.version, reason=reason, retry=retry)


def serve(file: VersionFile, loader: ArtifactLoader, max_instances: int, redact: Collection[str] = ()) -> ServedModel:
    """Load one version and check its answers to its golden rows; the inputs in ``redact`` are not kept on record.

    Raises
    ------
    NotServable
    """
    if file.problem:
        raise NotServable(file.problem)
    card = _card(file, loader)
    artifact = loader.load(file.path, model=file.name, environment=card.environment if card else None)
    if artifact.digest != file.digest:
        raise FileIsChanging
    if card and card.digest and card.digest != artifact.digest:
        raise NotServable("Its file is not the one that its card describes.")
    if card and card.code and card.code != artifact.code:
        raise NotServable(_changed_code(artifact))
    artifact = artifact.with_types_of(card) if card else artifact
    signature = with_words(artifact.signature, card) if card else artifact.signature
    background = background_of(signature, card)
    inference = try_out(artifact, loader.known, card=card, card_digest=file.card_digest, background=background)
    signature = with_redacted(signature, redact)
    return ServedModel(
        name=file.name,
        version=file.version,
        digest=artifact.digest,
        inference=inference,
        signature=signature,
        schema=InstanceSchema(signature, max_instances),
        checks=Checks(signature, card),
        background=background,
        size=artifact.size,
        read_as=artifact.report.read_as,
        environment=artifact.environment,
        code=artifact.code,
        looks_scaled=artifact.report.looks_scaled,
        notes=(*(f"Made with {version}." for version in artifact.report.boosters), *artifact.report.notes),
        card=card,
        depends_on_company=artifact.report.depends_on_company,
        lane=Lane(inference.max_calls, joins_requests=not artifact.report.depends_on_company),
    )


def _changed_code(artifact: Artifact) -> str:
    subject = f"the code of {' and '.join(artifact.code_modules)}" if artifact.code_modules else "the code that it uses"
    if artifact.environment:
        subject = f"the code or the libraries of the environment {artifact.environment.name}"
    return (
        f"Since it was published, {subject} changed, so it may answer differently. Publish its file again as a new "
        "version, or put back what was changed."
    )


def _card(file: VersionFile, loader: ArtifactLoader) -> Card | None:
    if not file.card_digest:
        return None
    try:
        data = loader.read(file.card, MAX_CARD_BYTES)
    except OSError as error:
        raise NotServableYet(f"Its card can't be read ({error.strerror}).") from error
    if hashlib.sha256(data).hexdigest() != file.card_digest:
        raise FileIsChanging
    return read_card(data)
