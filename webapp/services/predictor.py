"""Predicts, and lets no answer out before it is on record."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from typing import Any
from uuid import UUID

from webapp.errors import InvalidInput, PredictionFailed, PredictionLogUnavailable, ScoredeskError
from webapp.helpers.redaction import Redaction
from webapp.helpers.uuid7 import SEQUENCE_SIZE, time_of, uuid7
from webapp.services.lane import Limits
from webapp.services.model_store import ServedModel
from webapp.services.prediction_log import PredictionLog
from webapp.services.telemetry import Observer
from webapp.services.telemetry.visit import Visit
from webapp.types import Answer, Channel, Instance, Notice, Prediction, Status

logger = logging.getLogger(__name__)

#: Of a body with many mistakes, so many are kept on record.
MAX_ERRORS_KEPT = 20


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who asks, and through which door."""

    channel: Channel
    request_id: str
    actor: str | None = None


@dataclass(frozen=True, kw_only=True)
class Request:
    """What one caller brings to the lane: instances to predict, or what was wrong with them."""

    #: None for questions about a prediction that is on record already; they are answered and not recorded.
    caller: Caller | None
    instances: Sequence[Instance] = ()
    errors: tuple[Notice, ...] = ()
    #: What is told of it to whoever watches the service.
    visit: Visit | None = None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one request: its records, and why there is no answer if there is none."""

    predictions: list[Prediction]
    error: ScoredeskError | None = None
    #: The answers to questions.
    answers: Sequence[Answer] = ()


class Predictor:
    """Answers instances of a served model and records each of them, together with all who wait for it."""

    def __init__(self, log: PredictionLog, limits: Limits, observer: Observer, redaction: Redaction) -> None:
        self._log = log
        self._limits = limits
        self._observer = observer
        self._redaction = redaction

    def predict(self, model: ServedModel, instances: Sequence[Instance], caller: Caller) -> list[Prediction]:
        """Predict all instances, and record them before their answers are given.

        Raises
        ------
        PredictionFailed
            When the estimator raises; the failure is on record then.
        PredictionLogUnavailable
            When nothing could be recorded; then there is no answer either.
        TooBusy, DeadlineExceeded
            When too many wait for this model, or for too long.
        """
        outcome = self._go(model, self._request(model, caller, instances=instances))
        if outcome.error:
            raise outcome.error
        return outcome.predictions

    @contextmanager
    def rejecting(self, model: ServedModel, caller: Caller) -> Iterator[None]:
        """Record an input that turns out not to be valid: what was wrong with it, not what it held."""
        try:
            yield
        except InvalidInput as error:
            errors = error.errors or (Notice(loc=(), msg=error.message),)
            outcome = self._go(model, self._request(model, caller, errors=errors[:MAX_ERRORS_KEPT]))
            if outcome.error:
                raise outcome.error from None
            raise

    def ask(self, model: ServedModel, questions: Sequence[Instance]) -> Sequence[Answer]:
        """Answer questions about a prediction that is on record: what would be if it were otherwise.

        Raises
        ------
        PredictionFailed, TooBusy, DeadlineExceeded
        """
        outcome = self._go(model, self._request(model, None, instances=questions))
        if outcome.error:
            raise outcome.error
        return outcome.answers

    def _request(self, model: ServedModel, caller: Caller | None, **brought: Any) -> Request:
        visit = self._observer.asking(model.name, model.version, caller.channel if caller else None)
        return Request(caller=caller, visit=visit, **brought)

    def _go(self, model: ServedModel, request: Request) -> Outcome:
        work = partial(self._answer, model)
        return model.lane.go(request, max(1, len(request.instances)), work, self._limits)

    def _answer(self, model: ServedModel, requests: Sequence[Request]) -> list[Outcome]:
        """Predict for all who wait in one call, and record it in one commit."""
        outcomes = self._predicted(model, requests)
        if not any(outcome.predictions for outcome in outcomes):
            return outcomes
        try:
            # From here on, what is not to be kept is gone; only whoever asked gets an answer that knows it.
            kept = [self._redaction.of(outcome.predictions, model.signature) for outcome in outcomes]
            self._observer.record(self._log, kept, _visits(requests))
        except PredictionLogUnavailable as error:
            return [_unrecorded(outcome, error) for outcome in outcomes]
        return outcomes

    def _predicted(self, model: ServedModel, requests: Sequence[Request]) -> list[Outcome]:
        began = time.perf_counter()
        try:
            answers = iter(self._call(model, requests))
        except Exception as error:
            if len(requests) > 1:
                # A neighbour's bad row is nobody else's: each gets a call of its own.
                return [self._predicted(model, [request])[0] for request in requests]
            return [_failed(model, requests[0], error, time.perf_counter() - began)]
        duration = time.perf_counter() - began
        return [_answered(model, request, answers, duration) for request in requests]

    def _call(self, model: ServedModel, requests: Sequence[Request]) -> Sequence[Answer]:
        instances = list(chain.from_iterable(request.instances for request in requests))
        if not instances:
            return ()
        asking = _visits([request for request in requests if request.instances])
        with self._observer.estimator_call(model.name, model.version, len(instances), asking):
            return model.answering.answer(instances)


def _visits(requests: Sequence[Request]) -> list[Visit]:
    return [request.visit for request in requests if request.visit]


def _unrecorded(outcome: Outcome, error: PredictionLogUnavailable) -> Outcome:
    return Outcome(predictions=[], error=error) if outcome.predictions else outcome


def _answered(model: ServedModel, request: Request, answers: Iterator[Answer], duration: float) -> Outcome:
    """Make the records of one request, which takes as many of the answers as it has instances."""
    caller = request.caller
    if caller is None:
        return Outcome(predictions=[], answers=list(islice(answers, len(request.instances))))
    if request.errors:
        rejected = _prediction(_ids(1)[0], model, caller, status=Status.REJECTED, errors=request.errors)
        return Outcome(predictions=[rejected])
    return Outcome(
        predictions=[
            _prediction(
                id,
                model,
                caller,
                status=Status.ANSWERED,
                inputs=instance,
                answer=answer,
                warnings=model.checks.warnings(instance),
                duration=duration,
            )
            for id, instance, answer in zip(_ids(len(request.instances)), request.instances, answers, strict=False)
        ]
    )


def _failed(model: ServedModel, request: Request, error: Exception, duration: float) -> Outcome:
    # The estimator's own words may repeat what was put in, so only their kind is logged.
    caller = request.caller
    id = caller.request_id if caller else ""
    # The thread may be another request's.
    extra = {"request_id": id} if id else {}
    logger.error("%s failed with %s, request %s", model.name, type(error).__name__, id, extra=extra)
    failure = error if isinstance(error, PredictionFailed) else PredictionFailed()
    if caller is None:
        return Outcome(predictions=[], error=failure)
    errors = (Notice(loc=(), msg=failure.message),)
    return Outcome(
        predictions=[
            _prediction(id, model, caller, status=Status.FAILED, inputs=instance, errors=errors, duration=duration)
            for id, instance in zip(_ids(len(request.instances)), request.instances, strict=True)
        ],
        error=failure,
    )


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
        **rest,
    )


def _ids(count: int) -> list[UUID]:
    now = time.time_ns() // 1_000_000
    chance = os.urandom(8 * count)
    return [
        uuid7(now + sequence // SEQUENCE_SIZE, sequence, int.from_bytes(chance[8 * sequence : 8 * sequence + 8]))
        for sequence in range(count)
    ]
