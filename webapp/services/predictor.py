"""Predicts, and lets no answer out before it is on record."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from webapp.errors import InvalidInput, PredictionFailed
from webapp.helpers import checks
from webapp.helpers.answers import ask
from webapp.helpers.matrix import as_matrix
from webapp.helpers.uuid7 import SEQUENCE_SIZE, time_of, uuid7
from webapp.services.model_store import ServedModel
from webapp.services.prediction_log import PredictionLog
from webapp.types import Channel, Instance, Notice, Prediction, Status

logger = logging.getLogger(__name__)

#: Of a body with many mistakes, so many are kept on record.
MAX_ERRORS_KEPT = 20


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who asks, and through which door."""

    channel: Channel
    request_id: str
    actor: str | None = None


class Predictor:
    """Answers instances of a served model and records each of them."""

    def __init__(self, log: PredictionLog) -> None:
        self._log = log

    def predict(self, model: ServedModel, instances: Sequence[Instance], caller: Caller) -> list[Prediction]:
        """Predict all instances, and record them before their answers are given.

        Raises
        ------
        PredictionFailed
            When the estimator raises; the failure is on record then.
        PredictionLogUnavailable
            When nothing could be recorded; then there is no answer either.
        """
        started = time.perf_counter()
        try:
            answers = ask(model.estimator, as_matrix(instances, model.signature), model.signature)
        except Exception as error:
            # The estimator's own words may repeat what was put in, so only their kind is logged.
            logger.error("%s failed with %s, request %s", model.name, type(error).__name__, caller.request_id)
            failure = error if isinstance(error, PredictionFailed) else PredictionFailed()
            self._record_failure(model, instances, caller, failure, time.perf_counter() - started)
            raise failure from error
        duration = time.perf_counter() - started
        predictions = [
            _prediction(
                id,
                model,
                caller,
                status=Status.ANSWERED,
                inputs=instance,
                answer=answer,
                warnings=checks.warnings(instance, model.signature),
                duration=duration,
            )
            for id, instance, answer in zip(_ids(len(instances)), instances, answers, strict=True)
        ]
        self._log.record(predictions)
        return predictions

    @contextmanager
    def rejecting(self, model: ServedModel, caller: Caller) -> Iterator[None]:
        """Record an input that turns out not to be valid: what was wrong with it, not what it held."""
        try:
            yield
        except InvalidInput as error:
            errors = error.errors or (Notice(loc=(), msg=error.message),)
            kept = errors[:MAX_ERRORS_KEPT]
            self._log.record(
                [_prediction(_ids(1)[0], model, caller, status=Status.REJECTED, errors=kept, duration=0.0)]
            )
            raise

    def _record_failure(
        self,
        model: ServedModel,
        instances: Sequence[Instance],
        caller: Caller,
        failure: PredictionFailed,
        duration: float,
    ) -> None:
        errors = (Notice(loc=(), msg=failure.message),)
        self._log.record(
            [
                _prediction(id, model, caller, status=Status.FAILED, inputs=instance, errors=errors, duration=duration)
                for id, instance in zip(_ids(len(instances)), instances, strict=True)
            ]
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
    return [uuid7(now + sequence // SEQUENCE_SIZE, sequence, secrets.randbits(62)) for sequence in range(count)]
