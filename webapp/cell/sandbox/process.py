"""The sandbox process: tests each artifact in a child process with limits.

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

from webapp.cell.estimator.answers import predict_answers
from webapp.cell.estimator.matrix import as_matrix
from webapp.cell.estimator.servable import prepare_for_serving
from webapp.cell.estimator.training_rows import parts_with_training_rows
from webapp.cell.gate import Grants, inspect, load
from webapp.cell.gate.allow_list import Use, refusal
from webapp.cell.sandbox.confinement import forbid_writing, limit, max_cpu_seconds, max_seconds
from webapp.cell.sandbox.probing import probe
from webapp.cell.signature import read_signature
from webapp.errors import NotServable
from webapp.helpers.parent_death import signal_on_parent_death
from webapp.models.signature.example import example
from webapp.models.signature.probed import with_probed
from webapp.types import Signature

OUT_OF_MEMORY: dict[str, Any] = {"reason": "It needs more memory than its size allows.", "is_final": False}


def main() -> None:
    """Test one artifact after the other."""
    is_confined = forbid_writing()
    # What a child prints must not be mistaken for an answer.
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    while line := sys.stdin.buffer.readline():
        request = json.loads(line)
        data = sys.stdin.buffer.read(request["size"])
        report = _report_from_child(data, request["trusted"]) | {"is_confined": is_confined}
        answers.write(json.dumps(report).encode() + b"\n")


def _report_from_child(data: bytes, trusted: list[str]) -> dict[str, Any]:
    reading, writing = os.pipe()
    parent, child = os.getpid(), os.fork()
    if child == 0:
        if not signal_on_parent_death(signal.SIGKILL, parent):
            os._exit(0)
        os.close(reading)
        _run_in_child(writing, data, trusted)
    os.close(writing)
    deadline = time.monotonic() + max_seconds(len(data))
    written = _read_until(reading, deadline)
    is_late = time.monotonic() >= deadline
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    # An incomplete last line was cut off when the child ended.
    reports = written.split(b"\n")[:-1]
    report: dict[str, Any] = json.loads(reports[-1]) if reports else {}
    if len(reports) < 2 and not report.get("reason"):
        return report | {"reason": _cause_of_death(status, is_late, len(data)), "is_final": False}
    # Probing that was cut off by the clock might find more another time.
    return report if os.WIFEXITED(status) else report | {"is_final": False}


def _read_until(reading: int, deadline: float) -> bytes:
    content = b""
    with os.fdopen(reading, "rb", buffering=0) as pipe:
        while ready := select.select([pipe, sys.stdin], [], [], max(0.0, deadline - time.monotonic()))[0]:
            if sys.stdin in ready:
                # No request comes before the last one is answered, so this is the end: the service is gone.
                raise SystemExit
            part = pipe.read(65536)
            if not part:
                break
            content += part
    return content


def _cause_of_death(status: int, is_late: bool, size: int) -> str:
    number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    if is_late:
        return f"The check took longer than {max_seconds(size)} seconds."
    if number == signal.SIGXCPU:
        return f"The check took longer than {max_cpu_seconds(size)} seconds of processor time."
    if number == signal.SIGKILL:
        return "The check was killed. The machine may be short of memory."
    return "It crashed when it was tested."


def _run_in_child(writing: int, data: bytes, trusted: list[str]) -> None:
    """Write the report of the dry run, then the whole report, and never return.

    Where inputs had to be probed, another report follows. If the probing ends the child, the report
    before it counts.
    """
    try:
        _keep_only(writing)
        limit(len(data))
        grants = Grants.of(trusted)
        try:
            report = _inspection_report(data, grants)
        except MemoryError:
            report = OUT_OF_MEMORY
        os.write(writing, json.dumps(report).encode() + b"\n")
        warnings.simplefilter("ignore")
        for addition in _load_reports(data, grants, report):
            os.write(writing, json.dumps(report | addition).encode() + b"\n")
    finally:
        os._exit(0)


def _keep_only(writing: int) -> None:
    """Close all other pipes and files, so that a child can't answer in the name of a later one."""
    os.close(0)
    os.closerange(3, writing)
    os.closerange(writing + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])


def _inspection_report(data: bytes, grants: Grants) -> dict[str, Any]:
    inspection = inspect(data)
    refused = inspection.refused_uses(grants)
    modules = {module for module, _ in inspection.names}
    numpy = "1" if any(m.startswith("numpy.core") for m in modules) else None
    return {
        "names": [(f"{m}.{n}", ", ".join(sorted(uses))) for (m, n), uses in sorted(inspection.names.items())],
        "refused": [f"{module}.{name} ({use})" for module, name, use in refused],
        "made_with": inspection.made_with,
        "numpy": numpy or ("2 or later" if any(m.startswith("numpy._core") for m in modules) else None),
        "reason": inspection.problem or (refusal(refused) + _advice(refused, modules) if refused else None),
    }


def _advice(refused: list[tuple[str, str, Use]], modules: set[str]) -> str:
    searches = any(module.startswith("sklearn.model_selection._search") for module in modules)
    if searches and any(f"{module}.".startswith("scipy.stats.") for module, _, _ in refused):
        return " Its search keeps distributions of scipy.stats; dump its best_estimator_ instead."
    return ""


def _load_reports(data: bytes, grants: Grants, report: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Load, read the signature and predict once, unless the dry run has refused the file."""
    if report["reason"]:
        yield {}
        return
    try:
        estimator = prepare_for_serving(load(data, grants))
        signature = read_signature(estimator)
    except NotServable as error:
        yield {"reason": error.message}
    except MemoryError:
        yield OUT_OF_MEMORY
    except Exception as error:
        yield {"reason": f"It can't be read ({type(error).__name__})."}
    else:
        yield from _prediction_reports(estimator, signature)


def _prediction_reports(estimator: Any, signature: Signature) -> Iterator[dict[str, Any]]:
    """Yield the report of a made-up instance and, if its prediction failed, what probing found."""
    report = _estimator_report(estimator, signature)
    yield report
    if report["prediction"] and (probed := probe(estimator, signature)):
        yield _estimator_report(estimator, with_probed(signature, probed)) | {"probed": probed}


def _estimator_report(estimator: Any, signature: Signature) -> dict[str, Any]:
    return {
        "holds": type(estimator).__name__,
        "inputs": [f"{feature.name} ({feature.kind})" for feature in signature.features],
        "outputs": f"{signature.task}, {len(signature.outputs)} output{'s'[: len(signature.outputs) != 1]}",
        "parts_with_training_rows": parts_with_training_rows(estimator),
        "prediction": _prediction_problem(estimator, signature),
    }


def _prediction_problem(estimator: Any, signature: Signature) -> str | None:
    # The failure may be due to the made-up instance, so it is reported and the file is not refused.
    try:
        predict_answers(estimator, as_matrix([example(signature)], signature), signature)
    except Exception as error:
        return f"The prediction for a made-up input failed ({type(error).__name__})."
    return None


if __name__ == "__main__":
    main()
