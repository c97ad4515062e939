"""Signatures as JSON."""

from __future__ import annotations

from dataclasses import asdict

from webapp.helpers import shapes
from webapp.types import Feature, Output, Signature, Threshold, Usual


def signature_json(signature: Signature) -> shapes.SignatureDescription:
    """Return the inputs and outputs of a model as JSON values."""
    return {
        "task": signature.task,
        "inputs": [_feature_json(feature) for feature in signature.features],
        "outputs": [_output_json(output) for output in signature.outputs],
        "probabilities": signature.probabilities,
        "threshold": _threshold_json(signature.threshold),
    }


def _output_json(output: Output) -> shapes.Output:
    return {
        "name": output.name,
        "classes": list(output.classes),
        "label": output.label or None,
        "unit": output.unit or None,
        "class_labels": dict(output.class_labels),
        "reported": output.reported or None,
        "thresholds": dict(output.thresholds),
    }


def _threshold_json(threshold: Threshold | None) -> shapes.Threshold | None:
    return {"class": threshold.label, "value": threshold.value, "of": threshold.of} if threshold else None


def _usual_json(usual: Usual | None) -> shapes.Usual | None:
    return {"mean": usual.mean, "sd": usual.sd, "source": usual.source} if usual else None


def _feature_json(feature: Feature) -> shapes.Input:
    span = feature.range
    return {
        "name": feature.name,
        "kind": feature.kind,
        "optional": feature.optional,
        "choices": list(feature.choices or feature.suggestions),
        "choice_labels": dict(feature.value_labels),
        "default": feature.default,
        "range": asdict(span) if span else None,
        "usual": _usual_json(feature.usual) if span is None else None,
        "flag": feature.is_flag,
        "guessed": feature.guessed,
        "kept": feature.kept,
    }
