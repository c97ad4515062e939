"""Reads a file in its cell: what it uses, the estimator in it, and the estimator's inputs and outputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sklearn

from webapp.cell.assembly import combined, parts_of
from webapp.cell.booster_files import version_in
from webapp.cell.company import depends_on_company
from webapp.cell.compiled import sample_splits
from webapp.cell.estimator.answers import predict_answers
from webapp.cell.estimator.matrix import as_matrix
from webapp.cell.estimator.training_rows import parts_with_training_rows
from webapp.cell.gate import Grants, Inspection, inspect
from webapp.cell.gate.allow_list import Use, refusal
from webapp.cell.gate.booster_versions import version_problem
from webapp.cell.loading import load_file
from webapp.cell.migrations import require_known
from webapp.cell.probing import probe
from webapp.cell.scaling import looks_scaled
from webapp.cell.signature import read_signature
from webapp.errors import HoldsTransformer, NotServable
from webapp.models.file_format import HEAD_BYTES, FileFormat, format_of
from webapp.models.file_report import FileReport
from webapp.models.signature.example import example
from webapp.models.signature.input_types import with_input_types
from webapp.types import InputType, Signature

OUT_OF_MEMORY = "It needs more memory than its size allows."


@dataclass(frozen=True)
class Model:
    """An estimator that was loaded, and its inputs and outputs."""

    estimator: Any
    signature: Signature


#: What is known after a step, and the model once it was loaded.
Step = tuple[FileReport, Model | None]


def read_file(data: bytes, trusted: Sequence[str]) -> Iterator[Step]:
    """Read a file; yield a report after each step, the last of which is complete.

    If a step ends the process, the report before it is what is known.
    """
    grants = Grants.of(trusted)
    try:
        report = _inspect(data, grants)
    except MemoryError:
        report = FileReport(reason=OUT_OF_MEMORY, is_final=False)
    yield report, None
    if report.reason:
        return
    try:
        contents = load_file(data, grants)
        model = Model(contents.estimator, read_signature(contents.estimator, names=contents.names))
    except HoldsTransformer as error:
        yield replace(report, reason=error.message, holds=error.kind, transforms=error.columns), None
    except NotServable as error:
        yield replace(report, reason=error.message), None
    except MemoryError:
        yield replace(report, reason=OUT_OF_MEMORY, is_final=False), None
    except Exception as error:
        yield replace(report, reason=f"It can't be read ({type(error).__name__})."), None
    else:
        yield from _describe(model, replace(report, notes=contents.notes))


def _inspect(data: bytes, grants: Grants) -> FileReport:
    if format_of(data[:HEAD_BYTES]) is not FileFormat.PARTS:
        return _inspect_one(data, grants)
    try:
        return combined((part.name, _inspect_one(part.data, grants)) for part in parts_of(data) if part.is_loaded)
    except NotServable as error:
        return FileReport(reason=error.message)


def _inspect_one(data: bytes, grants: Grants) -> FileReport:
    file_format = format_of(data[:HEAD_BYTES])
    if file_format not in (FileFormat.PICKLE, FileFormat.PARTS):
        version = version_in(data, file_format)
        return FileReport(boosters=(version,) if version else (), reason=version_problem(version))
    inspection = inspect(data, grants)
    refused = inspection.refused_uses(grants)
    modules = {module for module, _ in inspection.names}
    numpy = "1" if any(m.startswith("numpy.core") for m in modules) else None
    return FileReport(
        made_with=inspection.made_with,
        read_with=sklearn.__version__,
        names=tuple((f"{m}.{n}", ", ".join(sorted(uses))) for (m, n), uses in sorted(inspection.names.items())),
        refused=tuple(f"{module}.{name} ({use})" for module, name, use in refused),
        boosters=inspection.boosters,
        numpy=numpy or ("2 or later" if any(m.startswith("numpy._core") for m in modules) else None),
        reason=" ".join(_reasons(inspection, refused, modules, grants)) or None,
    )


def _reasons(
    inspection: Inspection, refused: list[tuple[str, str, Use]], modules: set[str], grants: Grants
) -> Iterator[str]:
    """Yield all that speaks against loading a file, what can't be helped first."""
    if refused:
        # A name that is refused stays refused in each version; anything else may be due to the version.
        yield refusal(refused, grants.trusted) + _advice(refused, modules)
    try:
        require_known(inspection.versions, reads_others=not grants.modules)
    except NotServable as error:
        yield error.message
    if inspection.problem:
        yield inspection.problem
    yield from filter(None, map(version_problem, inspection.boosters))


def _advice(refused: list[tuple[str, str, Use]], modules: set[str]) -> str:
    if any(f"{module}.".startswith("pandas.") for module, _, _ in refused):
        return (
            " Instead of what pandas made, keep a dict or a NumPy array, such as to_dict() or to_numpy() gives, fit "
            "and dump the model again; or add an environment with your code (docs/your-own-model.md)."
        )
    searches = any(module.startswith("sklearn.model_selection._search") for module in modules)
    if searches and any(f"{module}.".startswith("scipy.stats.") for module, _, _ in refused):
        return " Its search keeps distributions of scipy.stats; dump its best_estimator_ instead."
    return ""


def _describe(model: Model, report: FileReport) -> Iterator[Step]:
    """Yield the report of a made-up instance; then what probing found, if its prediction failed, and company does."""
    # The estimator itself may know no names.
    splits = sample_splits(model.estimator, [feature.name for feature in model.signature.features])
    report = replace(
        report,
        holds=type(model.estimator).__name__,
        parts_with_training_rows=tuple(parts_with_training_rows(model.estimator)),
        splits={name: tuple(thresholds) for name, thresholds in splits.items()},
        signature=model.signature,
        looks_scaled=model.signature.is_unnamed and looks_scaled(model.estimator, splits),
        prediction=_prediction_problem(model),
    )
    yield report, model
    is_guessed = any(feature.guessed for feature in model.signature.features)
    if (report.prediction or is_guessed) and (probed := probe(model.estimator, model.signature)):
        model = replace(model, signature=with_input_types(model.signature, probed, "testing"))
        report = replace(report, signature=model.signature, prediction=_prediction_problem(model), probed=probed)
    if not report.prediction:
        depends = depends_on_company(model.estimator, model.signature, splits)
        report = replace(report, depends_on_company=depends)
    yield report, model


def read_again(data: bytes, trusted: Sequence[str], probed: Mapping[str, InputType]) -> Model:
    """Read a file that was read before, with what probing found then.

    Raises
    ------
    Exception
        Whatever the gate or the file raises.
    """
    contents = load_file(data, Grants.of(trusted))
    return Model(contents.estimator, read_signature(contents.estimator, probed, contents.names))


def _prediction_problem(model: Model) -> str | None:
    # The failure may be due to the made-up instance, so it is reported and the file is not refused.
    try:
        predict_answers(model.estimator, as_matrix([example(model.signature)], model.signature), model.signature)
    except Exception as error:
        return f"The prediction for a made-up input failed ({type(error).__name__})."
    return None
