"""Runs a function in a new process, so that nothing that ran before counts as its memory or time."""

from __future__ import annotations

import multiprocessing
import resource
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

#: In seconds; far more than any step takes, so that a run that hangs ends.
TIMEOUT = 300


#: Starts each process from nothing, so that it shares no memory with any other.
APART = multiprocessing.get_context("spawn")


def imported_once(modules: list[str]) -> BaseContext:
    """Start processes from one that has imported these modules and does nothing else, which is much faster."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(modules)
    return context


def in_fresh_process(context: BaseContext, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call a function in a process that has imported this program and done nothing else.

    A process inherits the peak memory of the one that started it. So the caller must stay small: whatever
    fits, loads or saves a model belongs into a process of its own.
    """
    with ProcessPoolExecutor(max_workers=1, mp_context=context) as executor:
        future = executor.submit(function, *args, **kwargs)
        try:
            return future.result(timeout=TIMEOUT)
        except TimeoutError:
            for process in multiprocessing.active_children():
                process.kill()
            raise


def peak_memory() -> int:
    """Give the most memory that this process ever held, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def forget_peak_memory() -> None:
    """Make the peak start anew from what is held now; Linux only."""
    Path("/proc/self/clear_refs").write_text("5")
