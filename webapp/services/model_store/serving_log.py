"""Logs when a model can't be served any more, and when it can be again: once for all workers, not at each look."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence

from webapp.services.model_store.served import Retry, UnservedModel
from webapp.services.model_store.store import ModelStore

logger = logging.getLogger(__name__)

#: A model that can't be served, or a version that another one replaces, and why.
State = Mapping[tuple[str, str], str]
#: Is given a digest of the state, and returns whether no other worker has reported it.
Claim = Callable[[bytes], bool]


class ServingLog:
    """Compares what can't be served with what it was before."""

    def __init__(self, store: ModelStore) -> None:
        self._store = store
        self._known: State | None = None
        self._claim: Claim = lambda digest: True

    def share(self, claim: Claim) -> None:
        """Log only what no other worker has logged."""
        self._claim = claim

    def note(self) -> None:
        """Log what has changed since the last call; the first call logs nothing, because the start did."""
        unserved, replaced = self._store.unserved(), self._store.refused()
        now = {**_state(unserved), **_state(replaced)}
        before, self._known = self._known, now
        if before == now or not self._claim(_digest(now)) or before is None:
            return
        for model in unserved:
            if before.get(_key(model)) != now[_key(model)]:
                logger.warning("Not serving %s: %s", model.name, model.reason)
        for model in replaced:
            if before.get(_key(model)) != now[_key(model)]:
                logger.warning("Not using version %s of %s: %s", model.version, model.name, model.reason)
        served = {model.name for model in self._store.served()}
        for name in sorted({name for name, _ in before} - {name for name, _ in now}):
            if name in served:
                logger.warning("Serving %s again", name)


def _state(models: Sequence[UnservedModel]) -> State:
    # The reason for what is tried again tells when, so it is another one after each attempt.
    return {_key(model): model.reason if model.retry is Retry.NEVER else model.retry.value for model in models}


def _key(model: UnservedModel) -> tuple[str, str]:
    return model.name, model.version


def _digest(state: State) -> bytes:
    return hashlib.sha256(repr(sorted(state.items())).encode()).digest()
