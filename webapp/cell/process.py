"""A cell: the process of one model. It locks itself, reads the file, and then computes answers until it is ended.

Whatever the file does happens after the lock. The cell is never trusted: the service checks each answer.
"""

from __future__ import annotations

import gc
import hashlib
import io
import os
import select
import socket
import struct
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from mmap import mmap
from pathlib import Path
from typing import Any

import joblib

from webapp.cell.compiled import export_plan
from webapp.cell.culprits import find_culprits
from webapp.cell.estimator.answers import predict_arrays
from webapp.cell.estimator.matrix import matrix_of
from webapp.cell.evaluation import measure
from webapp.cell.lock import lock
from webapp.cell.reading import Model, read_again, read_file
from webapp.helpers.frames import ConnectionEnded, FrameInvalid, encode_frame, receive_frame
from webapp.models.answers import read_answers
from webapp.models.compiled import NotCompilable
from webapp.models.crossing.answers import pack_answers
from webapp.models.crossing.instances import instances_of, signature_of, unpack_instances
from webapp.models.file_limits import max_memory
from webapp.models.file_report import write_report
from webapp.types import InputType

MAX_HEADER_BYTES = MAX_PAYLOAD_BYTES = 1024**3
#: How much a cell lets other processes go first.
NICENESS = 3
#: Seconds after which a cell looks for calls unasked: Linux may have woken another one that has been stopped.
MAX_SLEEP_SECONDS = 1.0
#: The state of a cell, in memory that it shares with the zygote: the id of the call it works on, and how many it began.
STATE = struct.Struct("<QQ")
#: Where the zygote writes there that no call is to be begun any more.
LEAVE = STATE.size


class FileChanged(Exception):
    """The file is not the one that was asked for."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """What a cell is forked for."""

    #: The file, open for reading.
    file: int
    size: int
    digest: str
    trusted: tuple[str, ...]
    #: What probing found when the file was read before; None if it is read for the first time.
    probed: Mapping[str, InputType] | None
    #: Where callers connect, and where the cell waits for them so that Linux wakes the one that worked last.
    listener: socket.socket
    waiting: select.epoll
    #: Where the cell reports what it found.
    reports: socket.socket
    state: mmap
    readable: tuple[Path, ...] = ()


def run(task: Task) -> None:
    """Read the file and answer calls; return if the file can't be served, or when the cell is not needed any more."""
    warnings.simplefilter("ignore")
    # Where processors are short, answers of other models and pages come first.
    os.nice(NICENESS)
    data = _read(task)
    # The zygote has made sure that the kernel can lock it, unless the operator wants models all the same.
    lock(
        readable=task.readable,
        keep={task.listener.fileno(), task.waiting.fileno(), task.reports.fileno()},
        memory=max_memory(task.size),
    )
    try:
        model = _report(task, data)
    finally:
        # Who waits for the report then knows that there is no more.
        task.reports.close()
    del data
    if model is None:
        return
    gc.collect()
    gc.freeze()
    # A call makes thousands of objects, hardly any of them in a cycle.
    gc.set_threshold(50_000, 20, 100)
    _serve(task, model)


def _read(task: Task) -> bytes:
    """Return the file.

    Raises
    ------
    FileChanged
    """
    with os.fdopen(task.file, "rb") as file:
        data = file.read(task.size + 1)
    if hashlib.sha256(data).hexdigest() != task.digest:
        raise FileChanged
    return data


def _report(task: Task, data: bytes) -> Model | None:
    """Read the file, and report what is found; an empty report says that calls are taken from now on."""
    model: Model | None = None
    if task.probed is not None:
        model = read_again(data, task.trusted, task.probed)
    else:
        for report, found in read_file(data, task.trusted):
            model = found
            task.reports.sendall(encode_frame({}, write_report(report)))
    if model:
        task.reports.sendall(encode_frame({}))
    return model


def _serve(task: Task, model: Model) -> None:
    calls = 0
    # Between two calls, so that none is lost that was taken just before.
    while not task.state[LEAVE]:
        try:
            connection, _ = task.listener.accept()
        except BlockingIOError:
            task.waiting.poll(MAX_SLEEP_SECONDS)
            continue
        # A caller that has given up is no reason to end.
        with connection, suppress(OSError, ConnectionEnded, FrameInvalid):
            header, payload = receive_frame(connection, max_header=MAX_HEADER_BYTES, max_payload=MAX_PAYLOAD_BYTES)
            calls += 1
            STATE.pack_into(task.state, 0, header["call"], calls)
            try:
                frame = _answer(model, header, payload)
            finally:
                STATE.pack_into(task.state, 0, 0, calls)
            connection.sendall(frame)


def _answer(model: Model, header: Mapping[str, Any], payload: bytes) -> bytes:
    try:
        return encode_frame(*OPERATIONS[header["operation"]](model, header, payload))
    except BaseException as error:
        # What the error says may repeat inputs, so only its kind leaves the cell.
        return encode_frame({"error": type(error).__name__})


def _predict(model: Model, header: Mapping[str, Any], payload: bytes) -> tuple[dict[str, Any], bytes]:
    y, proba = _arrays(model, header, payload)
    return pack_answers(y, proba, model.signature)


def _arrays(model: Model, header: Mapping[str, Any], payload: bytes) -> tuple[Any, Any]:
    signature = signature_of(header, model.signature)
    columns = unpack_instances(header, payload, signature)
    return predict_arrays(model.estimator, matrix_of(columns, signature), signature)


def _plan(model: Model, _header: Mapping[str, Any], _payload: bytes) -> tuple[dict[str, Any], bytes]:
    try:
        return {}, export_plan(model.estimator, model.signature).to_bytes()
    except NotCompilable as error:
        return {"not_compilable": str(error)}, b""


def _measure(model: Model, header: Mapping[str, Any], payload: bytes) -> tuple[dict[str, Any], bytes]:
    """Measure how well the model does on a sample."""
    y, proba = _arrays(model, header, payload)
    metrics = measure(header["targets"], read_answers(y, proba, model.signature), model.signature)
    return {"metrics": [metric.model_dump(mode="json") for metric in metrics]}, b""


def _dump(model: Model, _header: Mapping[str, Any], _payload: bytes) -> tuple[dict[str, Any], bytes]:
    """Dump the model as it was put together, with the names of its inputs if it does not know them itself."""
    names = [feature.name for feature in model.signature.features]
    is_named = model.signature.layout == "array" and not model.signature.is_unnamed
    file = io.BytesIO()
    joblib.dump({"model": model.estimator, "features": names} if is_named else model.estimator, file)
    return {}, file.getvalue()


def _culprits(model: Model, header: Mapping[str, Any], payload: bytes) -> tuple[dict[str, Any], bytes]:
    """Find the inputs whose values the model can't work with."""
    signature = signature_of(header, model.signature)
    columns = unpack_instances(header, payload, signature)
    return {"culprits": find_culprits(model.estimator, instances_of(columns), signature)}, b""


Operation = Callable[[Model, Mapping[str, Any], bytes], tuple[dict[str, Any], bytes]]
OPERATIONS: dict[str, Operation] = {
    "predict": _predict,
    "plan": _plan,
    "measure": _measure,
    "culprits": _culprits,
    "dump": _dump,
}
