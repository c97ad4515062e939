"""The process that tries artifacts: each in a child with limits of its own.

It reads a line of JSON and the bytes of an artifact, and answers with a line of JSON, until its
input ends.
"""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import sys
import time
import warnings
from collections.abc import Iterator
from typing import Any

from webapp.errors import NotServable
from webapp.models.estimator.answers import ask
from webapp.models.estimator.matrix import as_matrix
from webapp.models.estimator.servable import servable
from webapp.models.estimator.training_rows import parts_with_training_rows
from webapp.models.gate import Grants, inspect, load
from webapp.models.signature import read_signature
from webapp.models.signature.example import example
from webapp.models.signature.probed import with_probed
from webapp.services.sandbox.probing import probe
from webapp.types import Signature

MEBIBYTE = 1024**2
#: What any file may take, and what each byte of it may take beyond that.
CPU_SECONDS, CPU_SECONDS_PER_MEBIBYTE = 5, 0.25
MEMORY, MEMORY_PER_BYTE = 1024 * MEBIBYTE, 8


def main() -> None:
    """Try one artifact after the other."""
    # Nothing that a trial prints may be taken for an answer.
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    while line := sys.stdin.buffer.readline():
        request = json.loads(line)
        data = sys.stdin.buffer.read(request["size"])
        answers.write(json.dumps(_tried_in_a_child(data, request["trusted"])).encode() + b"\n")


def _tried_in_a_child(data: bytes, trusted: list[str]) -> dict[str, Any]:
    cpu = CPU_SECONDS + CPU_SECONDS_PER_MEBIBYTE * len(data) / MEBIBYTE
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _run_child(writing, data, trusted, int(cpu))
    os.close(writing)
    written = _read_until(reading, time.monotonic() + 4 * cpu)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    # A line that isn't whole was cut short by the child's end.
    reports = written.split(b"\n")[:-1]
    report: dict[str, Any] = json.loads(reports[-1]) if reports else {}
    if len(reports) < 2 and not report.get("reason"):
        report["reason"] = _cause_of_death(status)
    return report


def _read_until(reading: int, deadline: float) -> bytes:
    found = b""
    with os.fdopen(reading, "rb", buffering=0) as pipe:
        while select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))[0]:
            part = pipe.read(65536)
            if not part:
                break
            found += part
    return found


def _cause_of_death(status: int) -> str:
    number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    if number in (signal.SIGXCPU, signal.SIGKILL):
        return "It took too long when it was tried."
    return "It crashed when it was tried."


def _run_child(writing: int, data: bytes, trusted: list[str], cpu: int) -> None:
    """Write what the dry run found, then the whole report, and never return.

    Where the inputs had to be tried, another report follows: should that be the child's end, the
    one before holds.
    """
    try:
        _keep_only(writing)
        _limit(cpu, len(data))
        grants = Grants.of(trusted)
        report = _inspected(data, grants)
        os.write(writing, json.dumps(report).encode() + b"\n")
        warnings.simplefilter("ignore")
        for found in _loaded(data, grants, report):
            os.write(writing, json.dumps(report | found).encode() + b"\n")
    finally:
        os._exit(0)


def _keep_only(writing: int) -> None:
    """Take all other pipes and files away, lest a child answers for the trials after it."""
    os.close(0)
    os.closerange(3, writing)
    os.closerange(writing + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])


def _limit(cpu: int, size: int) -> None:
    with open("/proc/self/statm") as statm:  # noqa: PTH123  (a file of the kernel's, read once)
        used = int(statm.read().split()[0]) * resource.getpagesize()
    memory = used + MEMORY + MEMORY_PER_BYTE * size
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu))
    # A model has nothing to write to the disk.
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _inspected(data: bytes, grants: Grants) -> dict[str, Any]:
    found = inspect(data)
    refused = [f"{module}.{name} ({use})" for module, name, use in found.refused(grants)]
    modules = {module for module, _ in found.names}
    numpy = "1" if any(m.startswith("numpy.core") for m in modules) else None
    return {
        "names": [(f"{m}.{n}", ", ".join(sorted(uses))) for (m, n), uses in sorted(found.names.items())],
        "refused": refused,
        "made_with": found.made_with,
        "numpy": numpy or ("2 or later" if any(m.startswith("numpy._core") for m in modules) else None),
        "reason": found.problem or (_refusal(refused, modules) if refused else None),
    }


def _refusal(refused: list[str], modules: set[str]) -> str:
    first = refused[0].rsplit(" ", 1)[0]
    more = f" and {len(refused) - 1} more" if len(refused) > 1 else ""
    return f"It wants {first}{more}, which is not on the list of allowed types.{_advice(refused, modules)}"


def _advice(refused: list[str], modules: set[str]) -> str:
    searches = any(module.startswith("sklearn.model_selection._search") for module in modules)
    if searches and any(each.startswith("scipy.stats.") for each in refused):
        return " Its search keeps distributions of scipy.stats; dump its best_estimator_ instead."
    return ""


def _loaded(data: bytes, grants: Grants, report: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Load, read the form and predict once; what was refused already is not loaded."""
    if report["reason"]:
        yield {}
        return
    try:
        estimator = servable(load(data, grants))
        signature = read_signature(estimator)
    except NotServable as error:
        yield {"reason": error.message}
    except MemoryError:
        yield {"reason": "It needs more memory than its size allows."}
    except Exception as error:
        yield {"reason": f"It can't be read ({type(error).__name__})."}
    else:
        yield from _asked(estimator, signature)


def _asked(estimator: Any, signature: Signature) -> Iterator[dict[str, Any]]:
    """Tell how a made-up instance went, and then, if it didn't, what was found by trying."""
    found = _described(estimator, signature)
    yield found
    if found["prediction"] and (probed := probe(estimator, signature)):
        yield _described(estimator, with_probed(signature, probed)) | {"probed": probed}


def _described(estimator: Any, signature: Signature) -> dict[str, Any]:
    return {
        "holds": type(estimator).__name__,
        "inputs": [f"{each.name} ({each.kind})" for each in signature.features],
        "outputs": f"{signature.task}, {len(signature.outputs)} output{'s'[: len(signature.outputs) != 1]}",
        "parts_with_training_rows": parts_with_training_rows(estimator),
        "prediction": _predicted(estimator, signature),
    }


def _predicted(estimator: Any, signature: Signature) -> str | None:
    # What a made-up instance runs into may be the instance's fault, so it is told, not refused.
    try:
        ask(estimator, as_matrix([example(signature)], signature), signature)
    except Exception as error:
        return f"A made-up instance could not be predicted ({type(error).__name__})."
    return None


if __name__ == "__main__":
    main()
