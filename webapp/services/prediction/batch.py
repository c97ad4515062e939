"""The requests of one batch in a lane, and the result of each."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import UUID

from webapp.errors import PredictionFailed, PredictionLogUnavailable, ScoredeskError
from webapp.helpers.formatting import feature_label
from webapp.helpers.record_ids import RecordIds
from webapp.helpers.uuid7 import time_of
from webapp.services.model_store import ServedModel
from webapp.services.telemetry.observed_request import ObservedRequest
from webapp.types import Answer, Channel, Instance, Notice, Prediction, Status

#: The warning about each instance of a list whose answer depends on the others.
IN_COMPANY = Notice(
    loc=(),
    msg="The model's answer depends on the other instances of the same request. Alone, it may be another one.",
)
logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Caller:
    """The sender of a request, and the protocol that it came through."""

    channel: Channel
    request_id: str
    actor: str | None = None


@dataclass(frozen=True, kw_only=True)
class PredictionRequest:
    """What a caller hands to the lane: instances to predict, or the errors in what was sent."""

    #: None for questions about a recorded prediction; they are answered but not recorded.
    caller: Caller | None
    instances: Sequence[Instance] = ()
    errors: tuple[Notice, ...] = ()
    #: The same request as metrics and traces see it.
    observed: ObservedRequest | None = None


@dataclass(frozen=True, kw_only=True)
class RequestResult:
    """The result of one request: its records, and the error if there is no answer."""

    predictions: list[Prediction]
    error: ScoredeskError | None = None
    #: The answers to questions.
    answers: Sequence[Answer] = ()


def answered(
    model: ServedModel, request: PredictionRequest, answers: Iterator[Answer], duration: float, ids: RecordIds
) -> RequestResult:
    """Make the records of one request; it consumes as many of the answers as it has instances."""
    caller = request.caller
    if caller is None:
        return RequestResult(predictions=[], answers=list(islice(answers, len(request.instances))))
    if request.errors:
        return rejected(model, caller, request.errors, ids)
    company = (IN_COMPANY,) if model.depends_on_company and len(request.instances) > 1 else ()
    return RequestResult(
        predictions=[
            _prediction(
                id,
                model,
                caller,
                status=Status.ANSWERED,
                inputs=instance,
                answer=answer,
                warnings=(*model.checks.warnings(instance), *company),
                duration=duration,
            )
            for id, instance, answer in zip(ids.make(len(request.instances)), request.instances, answers, strict=False)
        ]
    )


def rejected(model: ServedModel, caller: Caller, errors: tuple[Notice, ...], ids: RecordIds) -> RequestResult:
    """Make the record of a request whose input was refused: what is wrong with it, not what it held."""
    record = _prediction(ids.make(1)[0], model, caller, status=Status.REJECTED, errors=errors)
    return RequestResult(predictions=[record])


def unworkable(
    model: ServedModel, request: PredictionRequest, culprits: Sequence[tuple[int, str]]
) -> tuple[Notice, ...]:
    """Return an error for each input whose value the estimator can't work with, given the positions of instances."""
    is_form = request.caller is not None and request.caller.channel == Channel.FORM
    features = {feature.name: feature for feature in model.signature.features}
    notices = []
    for row, name in culprits:
        place = () if is_form else ("inputs", row) if len(request.instances) > 1 else ("inputs",)
        msg = f"The model can't work with this value of {feature_label(features[name])}. Enter another one."
        notices.append(Notice(loc=(*place, name), msg=msg))
    return tuple(notices)


def failed(
    model: ServedModel, request: PredictionRequest, error: Exception, duration: float, ids: RecordIds
) -> RequestResult:
    """Make the records of a request whose call of the estimator raised an error."""
    # The message of the estimator may repeat inputs, so only the kind of error is logged.
    caller = request.caller
    id = caller.request_id if caller else ""
    # The leader's thread may belong to another request, so the id is passed explicitly.
    extra = {"request_id": id} if id else {}
    kind = error.kind if isinstance(error, PredictionFailed) else type(error).__name__
    logger.error("%s failed with %s, request %s", model.name, kind, id, extra=extra)
    failure = error if isinstance(error, PredictionFailed) else PredictionFailed()
    if caller is None:
        return RequestResult(predictions=[], error=failure)
    errors = (Notice(loc=(), msg=failure.message),)
    return RequestResult(
        predictions=[
            _prediction(id, model, caller, status=Status.FAILED, inputs=instance, errors=errors, duration=duration)
            for id, instance in zip(ids.make(len(request.instances)), request.instances, strict=True)
        ],
        error=failure,
    )


def unrecorded(result: RequestResult, error: PredictionLogUnavailable) -> RequestResult:
    """Withhold an answer that could not be recorded."""
    return RequestResult(predictions=[], error=error) if result.predictions else result


def _prediction(id: UUID, model: ServedModel, caller: Caller, **rest: Any) -> Prediction:
    return Prediction(
        id=id,
        created_at=time_of(id),
        model=model.name,
        version=model.version,
        digest=model.digest,
        channel=caller.channel,
        request_id=caller.request_id,
        actor=caller.actor,
        read_as=model.read_as,
        code=model.code or None,
        **rest,
    )
