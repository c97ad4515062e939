"""What the process of a model reports about its file, as data; whoever receives it checks it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from pydantic import TypeAdapter, ValidationError

from webapp.errors import NotServable
from webapp.helpers.storable import require_storable
from webapp.types import Probed, Signature

MAX_REPORT_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class FileReport:
    """What was found out about a file."""

    #: Each name that the file uses, with its uses in the words of the allow-list.
    names: tuple[tuple[str, str], ...] = ()
    #: The uses that are not granted.
    refused: tuple[str, ...] = ()
    #: The version of scikit-learn that wrote the file, and the generation of numpy.
    made_with: str | None = None
    numpy: str | None = None
    #: The class of the estimator.
    holds: str | None = None
    #: Its inputs and outputs; None if it could not be loaded.
    signature: Signature | None = None
    #: For each feature, thresholds at which its trees split it.
    splits: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    #: The classes of the parts that keep rows of the training data.
    parts_with_training_rows: tuple[str, ...] = ()
    #: Why the prediction for a made-up instance failed; None if it succeeded.
    prediction: str | None = None
    #: The kinds of inputs of which the file says nothing, found by probing.
    probed: Mapping[str, Probed] = field(default_factory=dict)
    #: Why the file can't be served; None if it can.
    reason: str | None = None
    #: Whether every report on this file would be the same. False if time, memory or a signal ended the process.
    is_final: bool = True


class ReportInvalid(Exception):
    """What was received is no report."""


_REPORT = TypeAdapter(FileReport)


def write_report(report: FileReport) -> bytes:
    """Return a report as JSON."""
    # Not by pydantic, which writes null for NaN: the value that stands for a blank may be either.
    return json.dumps(asdict(report)).encode()


def read_report(data: bytes) -> FileReport:
    """Read a report, and check it.

    Raises
    ------
    ReportInvalid
    """
    try:
        report = _REPORT.validate_json(data)
        if report.signature:
            _check(report.signature)
    except (ValidationError, NotServable, ValueError) as error:
        raise ReportInvalid from error
    return report


def _check(signature: Signature) -> None:
    require_storable(signature)
    names = [feature.name for feature in signature.features]
    if len(set(names)) < len(names) or not signature.outputs:
        raise ValueError
