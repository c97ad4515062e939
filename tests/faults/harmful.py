"""Models that are not compiled: one adds two numbers, the other does to its own process what its input says."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin


class Adding(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """Adds two numbers."""

    n_features_in_ = 2

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def predict(self, X: Any) -> Any:
        return np.asarray(X, dtype=float).sum(axis=1)


def loop() -> None:
    while True:
        pass


def allocate() -> None:
    held = [bytearray(10_000_000_000)]
    held.clear()


def allocate_bit_by_bit() -> None:
    held = []
    while True:
        held.append(b"x" * 50_000_000)


def fork() -> None:
    while True:
        os.fork()


def start_threads() -> None:
    while True:
        threading.Thread(target=time.sleep, args=(60,)).start()


def print_much() -> None:
    for _ in range(1000):
        sys.stderr.write("x" * 1_000_000)
        os.write(2, b"x" * 1_000_000)


def stop() -> None:
    signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)


def end() -> None:
    os._exit(0)


def crash() -> None:
    signal.pthread_kill(threading.get_ident(), signal.SIGSEGV)


HARMS: tuple[Callable[[], None], ...] = (
    *(loop, allocate, allocate_bit_by_bit, fork, start_threads, print_much, stop, end, crash),
)


class Harmful(Adding):
    """Does the harm whose number ``x0`` is, if it is one."""

    def predict(self, X: Any) -> Any:
        for number in np.asarray(X, dtype=float)[:, 0]:
            if 0 < number <= len(HARMS):
                HARMS[int(number) - 1]()
        return super().predict(X)
