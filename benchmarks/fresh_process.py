"""Run a function in a new process, so that its memory and time include nothing that ran before."""

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

#: Seconds after which a step is aborted; no step takes nearly as long unless it hangs.
TIMEOUT_SECONDS = 300

#: Starts each process from scratch, so that it shares no memory with any other.
SPAWN = multiprocessing.get_context("spawn")


def fork_server(modules: list[str]) -> BaseContext:
    """Return a context that forks processes from one that only imports these modules; that is much faster."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(modules)
    return context


def in_fresh_process(context: BaseContext, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call a function in a process that has imported this program and done nothing else.

    A process inherits the peak memory of the process that started it. So the caller must stay small: fit, load and
    save models only in processes started by this function.
    """
    with ProcessPoolExecutor(max_workers=1, mp_context=context) as executor:
        future = executor.submit(function, *args, **kwargs)
        try:
            return future.result(timeout=TIMEOUT_SECONDS)
        except TimeoutError:
            for process in multiprocessing.active_children():
                process.kill()
            raise


def peak_memory() -> int:
    """Return the most memory that this process has ever used, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def reset_peak_memory() -> None:
    """Reset the peak to the memory that is in use now; Linux only."""
    Path("/proc/self/clear_refs").write_text("5")
