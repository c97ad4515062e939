"""Predicts, and records each prediction before its answer is sent."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import Any

from webapp.errors import InvalidInput, ModelProcessFailed, ModelTooSlow, PredictionFailed, PredictionLogUnavailable
from webapp.helpers.record_ids import RecordIds
from webapp.helpers.records.redaction import Redaction
from webapp.services.model_store import ServedModel
from webapp.services.model_store.lane import Limits
from webapp.services.prediction.batch import (
    Caller,
    PredictionRequest,
    RequestResult,
    answered,
    failed,
    rejected,
    unrecorded,
    unworkable,
)
from webapp.services.prediction_log import PredictionLog
from webapp.services.telemetry import Observer
from webapp.services.telemetry.observed_request import ObservedRequest
from webapp.types import Answer, Instance, Notice, Prediction

Read = Callable[[], Sequence[Instance]]


class Predictor:
    """Answers and records instances, together with those of other requests that wait for the same model."""

    def __init__(
        self, *, log: PredictionLog, ids: RecordIds, limits: Limits, observer: Observer, redaction: Redaction
    ) -> None:
        self._log = log
        self._ids = ids
        self._limits = limits
        self._observer = observer
        self._redaction = redaction

    def predict(self, model: ServedModel, caller: Caller, read: Read) -> list[Prediction]:
        """Read instances, predict all of them, and record them before their answers are returned.

        An invalid input is recorded too: its errors, not its values. So ``read`` is where a controller decodes and
        checks what was sent. This is the only way to a prediction.

        Parameters
        ----------
        read : callable
            Returns the instances, or raises InvalidInput.

        Raises
        ------
        InvalidInput
            As ``read`` raised it, or because the estimator can't work with a value; the refusal is on record.
        PredictionFailed
            When the estimator raises; the failure is on record.
        PredictionLogUnavailable
            When nothing could be recorded; there is no answer then.
        TooBusy, DeadlineExceeded
            When too many requests wait for this model, or this one waited too long.
        """
        try:
            instances = read()
        except InvalidInput as error:
            self._reject(model, caller, error)
            raise
        return self._run(model, self._request(model, caller, instances=instances)).predictions

    def ask(self, model: ServedModel, questions: Sequence[Instance]) -> Sequence[Answer]:
        """Answer questions about a recorded prediction: what the answer would be with other inputs.

        Raises
        ------
        PredictionFailed, TooBusy, DeadlineExceeded
        """
        return self._run(model, self._request(model, None, instances=questions)).answers

    def _reject(self, model: ServedModel, caller: Caller, error: InvalidInput) -> None:
        errors = error.errors or (Notice(loc=(), msg=error.message),)
        self._run(model, self._request(model, caller, errors=errors))

    def _request(self, model: ServedModel, caller: Caller | None, **content: Any) -> PredictionRequest:
        observed = self._observer.predicting(model.name, model.version, caller.channel if caller else None)
        return PredictionRequest(caller=caller, observed=observed, **content)

    def _run(self, model: ServedModel, request: PredictionRequest) -> RequestResult:
        work = partial(self._answer, model)
        result = model.lane.run(request, max(1, len(request.instances)), work, self._limits)
        if result.error:
            raise result.error from None
        return result

    def _answer(self, model: ServedModel, requests: Sequence[PredictionRequest]) -> list[RequestResult]:
        """Predict for all requests of a batch in one call, and record the predictions in one commit."""
        results = self._predict(model, requests)
        if not any(result.predictions for result in results):
            return results
        try:
            # Only the caller's answer still has the redacted inputs; the records do not.
            records = [self._redaction.redact(result.predictions, model.signature) for result in results]
            self._record(records, _observed(requests))
        except PredictionLogUnavailable as error:
            return [unrecorded(result, error) for result in results]
        return results

    def _record(self, records: Sequence[Sequence[Prediction]], observed: Sequence[ObservedRequest]) -> None:
        with self._observer.recording(records, observed) as report:
            report(self._log.record(list(chain.from_iterable(records))))

    def _predict(
        self, model: ServedModel, requests: Sequence[PredictionRequest], deadline: float | None = None
    ) -> list[RequestResult]:
        deadline = deadline or time.monotonic() + self._limits.patience
        began = time.perf_counter()
        try:
            answers = iter(self._call(model, requests, deadline))
        except Exception as error:
            if len(requests) > 1:
                # One caller's bad row must not fail the others: each request gets a separate call.
                return [self._predict(model, [request], deadline)[0] for request in requests]
            return [self._fail(model, requests[0], error, time.perf_counter() - began, deadline)]
        duration = time.perf_counter() - began
        return [answered(model, request, answers, duration, self._ids) for request in requests]

    def _fail(
        self, model: ServedModel, request: PredictionRequest, error: Exception, duration: float, deadline: float
    ) -> RequestResult:
        """Refuse a request if some inputs are the reason why the estimator failed; otherwise record the failure."""
        if request.caller and isinstance(error, PredictionFailed) and not isinstance(error, ModelProcessFailed):
            with suppress(PredictionFailed):
                seconds = max(0.001, deadline - time.monotonic())
                if culprits := model.inference.find_culprits(request.instances, seconds):
                    errors = unworkable(model, request, culprits)
                    refused = rejected(model, request.caller, errors, self._ids)
                    return replace(refused, error=InvalidInput(errors=errors))
        return failed(model, request, error, duration, self._ids)

    def _call(self, model: ServedModel, requests: Sequence[PredictionRequest], deadline: float) -> Sequence[Answer]:
        instances = list(chain.from_iterable(request.instances for request in requests))
        if not instances:
            return ()
        seconds = deadline - time.monotonic()
        if seconds <= 0:
            raise ModelTooSlow
        if len(requests) > 1:
            # If this call takes too long, there is still time for calls of their own.
            seconds /= 2
        observed = _observed([request for request in requests if request.instances])
        with (
            self._limits.slow_calls.calling(model.lane),
            self._observer.estimator_call(model.name, model.version, len(instances), observed),
        ):
            return model.inference.answer(instances, seconds)


def _observed(requests: Sequence[PredictionRequest]) -> list[ObservedRequest]:
    return [request.observed for request in requests if request.observed]
