"""Runs what may crash, hang or use all memory in a child process."""

from __future__ import annotations

import faulthandler
import json
import os
import resource
import select
import signal
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

GIBIBYTE = 1024**3


class Died(AssertionError):
    """The child did not end by itself."""


def in_child(task: Callable[[], Any], *, seconds: int = 5, memory: float = 1.5 * GIBIBYTE) -> Any:
    """Return what a task returns, passed as JSON, or raise how its process died."""
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        os.close(reading)
        _run(task, writing, seconds, int(memory))
    os.close(writing)
    answer = _read_until(reading, time.monotonic() + 6 * seconds)
    os.kill(child, signal.SIGKILL) if answer is None else None
    status = os.waitpid(child, 0)[1]
    if answer is None or os.waitstatus_to_exitcode(status) != 0:
        raise Died(f"status {status}, after {(answer or b'')[-300:]!r}")
    return json.loads(answer)


def _run(task: Callable[[], Any], writing: int, seconds: int, memory: int) -> None:
    code = 1
    try:
        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + memory, used + memory))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        faulthandler.disable()
        warnings.simplefilter("ignore")
        # A fork does not copy the threads of its parent.
        with threadpool_limits(1):
            os.write(writing, json.dumps(task()).encode())
        code = 0
    except BaseException as error:
        os.write(writing, repr(error).encode())
    finally:
        os._exit(code)


def _read_until(reading: int, deadline: float) -> bytes | None:
    content = b""
    with os.fdopen(reading, "rb", buffering=0) as pipe:
        while select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))[0]:
            part = pipe.read(65536)
            if not part:
                return content
            content += part
    return None
