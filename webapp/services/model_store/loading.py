"""Loads a model that can answer from the file and the card of a version."""

from __future__ import annotations

from collections.abc import Collection

from webapp.errors import CardInvalid, NotServable
from webapp.helpers.inputs.schema import InstanceSchema
from webapp.helpers.records.redaction import with_redacted
from webapp.models.card import Card, read_card
from webapp.models.card.apply import with_words
from webapp.models.explanation import background_of
from webapp.models.guardrails.checks import Checks
from webapp.models.sample.golden_rows import check_golden
from webapp.models.signature import read_signature
from webapp.services.model_store.artifact import ArtifactLoader
from webapp.services.model_store.files import VersionFile
from webapp.services.model_store.inference import inference_of
from webapp.services.model_store.served import ServedModel, UnservedModel


class FileIsChanging(NotServable):
    """Its file is being written."""


def load(
    file: VersionFile, loader: ArtifactLoader, max_instances: int, redact: Collection[str] = ()
) -> ServedModel | UnservedModel:
    """Load one version, or return why it can't be served."""
    try:
        return serve(file, loader, max_instances, redact)
    except FileIsChanging as error:
        return UnservedModel(name=file.name, version=file.version, reason=error.message, is_transient=True)
    except NotServable as error:
        return UnservedModel(name=file.name, version=file.version, reason=error.message)
    except Exception as error:
        reason = f"It can't be read ({type(error).__name__})."
        return UnservedModel(name=file.name, version=file.version, reason=reason)


def serve(file: VersionFile, loader: ArtifactLoader, max_instances: int, redact: Collection[str] = ()) -> ServedModel:
    """Load one version and check its answers to its golden rows; the inputs in ``redact`` are not kept on record.

    Raises
    ------
    NotServable
    """
    card = _card(file)
    artifact = loader.load(file.path, model=file.name)
    if artifact.digest != file.digest:
        raise FileIsChanging
    if card and card.digest and card.digest != artifact.digest:
        raise NotServable("Its file is not the one that its card describes.")
    signature = read_signature(artifact.estimator, artifact.probed)
    if card:
        signature = with_words(signature, card)
        check_golden(card.golden, artifact.estimator, signature)
    signature = with_redacted(signature, redact)
    sample = [row.inputs for row in card.golden] if card else []
    return ServedModel(
        name=file.name,
        version=file.version,
        digest=artifact.digest,
        inference=inference_of(artifact.estimator, signature, sample),
        signature=signature,
        schema=InstanceSchema(signature, max_instances),
        checks=Checks(signature, card),
        background=background_of(signature, card),
        size=artifact.size,
        card=card,
    )


def _card(file: VersionFile) -> Card | None:
    if not file.card_digest:
        return None
    try:
        return read_card(file.card.read_bytes())
    except OSError as error:
        raise CardInvalid(f"Its card can't be read ({error.strerror}).") from error
