"""What the process of a model reports about its file, as data; the service checks it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from itertools import chain, islice
from math import isfinite

from pydantic import TypeAdapter, ValidationError

from webapp.errors import NotServable
from webapp.models.signature.soundness import MAX_FEATURES, require_sound
from webapp.types import InputType, Signature

MAX_REPORT_BYTES = 64 * 1024 * 1024
#: How long the name of a class or a reason may be, and how many thresholds a report may have.
MAX_WORD_LENGTH, MAX_THRESHOLDS = 1000, 1_000_000
#: How many braces and commas it may have: objects and lists take many times as much memory as their JSON.
MAX_BRACES, MAX_COMMAS = 100_000, 2_000_000
#: A version of a package. It is shown and recorded, so it may be nothing else.
VERSION = re.compile(r"[\w.+-]{1,50}", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class FileReport:
    """What was found out about a file."""

    #: Each name that the file uses, with its uses in the words of the allow-list.
    names: tuple[tuple[str, str], ...] = ()
    #: The uses that are not granted.
    refused: tuple[str, ...] = ()
    #: The version of scikit-learn that wrote the file, the one that has read it, and the generation of numpy.
    made_with: str | None = None
    read_with: str | None = None
    numpy: str | None = None
    #: The versions of XGBoost and LightGBM that wrote the models in it.
    boosters: tuple[str, ...] = ()
    #: The class of the estimator.
    holds: str | None = None
    #: How many columns the transformer returns that the file holds instead of a model; None if it holds none.
    transforms: int | None = None
    #: Whether the model's own statistics show that its inputs were scaled to mean 0 and spread 1.
    looks_scaled: bool = False
    #: What was done with the parts of the file, in sentences.
    notes: tuple[str, ...] = ()
    #: Its inputs and outputs; None if it could not be loaded.
    signature: Signature | None = None
    #: For each feature, thresholds at which its trees split it.
    splits: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    #: The classes of the parts that keep rows of the training data.
    parts_with_training_rows: tuple[str, ...] = ()
    #: Why the prediction for a made-up instance failed; None if it succeeded.
    prediction: str | None = None
    #: Whether its answer to a row depends on the rows that are asked together with it.
    depends_on_company: bool = False
    #: The kinds of inputs of which the file says nothing, found by probing.
    probed: Mapping[str, InputType] = field(default_factory=dict)
    #: Why the file can't be served; None if it can.
    reason: str | None = None
    #: Whether every report on this file would be the same. False if time, memory or a signal ended the process.
    is_final: bool = True

    @property
    def read_as(self) -> str | None:
        """Return in words that another minor version of scikit-learn made the file; None if the same did."""
        if not self.made_with or not self.read_with or _minor(self.made_with) == _minor(self.read_with):
            return None
        return f"scikit-learn {self.made_with}, read as {self.read_with}"


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
    if data.count(b"{") > MAX_BRACES or data.count(b",") > MAX_COMMAS:
        raise ReportInvalid
    try:
        report = _REPORT.validate_json(data)
        _check(report)
    except (ValidationError, NotServable, ValueError) as error:
        raise ReportInvalid from error
    return report


def _minor(version: str) -> list[str]:
    return version.split(".")[:2]


def _check(report: FileReport) -> None:
    if not all(each is None or VERSION.fullmatch(each) for each in (report.made_with, report.read_with)):
        raise ValueError
    words = (
        report.numpy,
        report.holds,
        report.prediction,
        *report.parts_with_training_rows,
        *report.boosters,
        *report.notes,
    )
    if any(len(each or "") > MAX_WORD_LENGTH for each in words) or len(report.splits) > MAX_FEATURES:
        raise ValueError
    thresholds = list(islice(chain.from_iterable(report.splits.values()), MAX_THRESHOLDS + 1))
    if len(thresholds) > MAX_THRESHOLDS or not all(map(isfinite, thresholds)):
        raise ValueError
    if report.signature:
        require_sound(report.signature)
