"""What all templates share: words for values, and files whose address changes with their content."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from functools import cache
from pathlib import Path

from flask import Flask, current_app, url_for

from webapp.controllers.http.context import services
from webapp.errors import ModelNotFound, ModelNotReady
from webapp.helpers import formatting
from webapp.helpers.pages import form_fields
from webapp.helpers.pages.result import in_short
from webapp.helpers.pages.summary import condition_text
from webapp.helpers.records.as_json import timestamp
from webapp.helpers.records.redaction import kept_hint
from webapp.models.card import sentences as card_wording
from webapp.types import Prediction

CHANNELS = {"form": "form", "json": "JSON", "v2": "Open Inference", "v1": "KServe", "mlflow": "MLflow"}


def init_app(app: Flask) -> None:
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        label=formatting.feature_label,
        title=formatting.title,
        words=formatting.words,
        percent=formatting.percent,
        metric_name=card_wording.metric_name,
        metric_value=card_wording.metric_value,
        metric_span=card_wording.metric_span,
        values_met=card_wording.values_met,
        values_source=card_wording.values_source,
        blank_words=card_wording.blank_words,
        kept_hint=kept_hint,
        groups=form_fields.grouped,
        moment=formatting.moment,
        short_moment=formatting.short_moment,
        day=formatting.day,
        number=formatting.number,
        timestamp=timestamp,
        in_short=_in_short,
        channel=lambda channel: CHANNELS.get(channel, channel),
    )
    app.jinja_env.globals.update(static=static, condition_text=condition_text, channels=CHANNELS)


def _in_short(prediction: Prediction) -> str:
    """Give the answer in a few words; what is served under its name tells what a number means."""
    task = None
    with suppress(ModelNotFound, ModelNotReady):
        task = services().store.get(prediction.model).signature.task
    return in_short(prediction, task)


def static(name: str) -> str:
    """Give the address of a static file, with a mark of its content so that it can be kept forever."""
    return url_for("static", filename=name, v=_mark(name))


@cache
def _mark(name: str) -> str:
    path = Path(current_app.static_folder or "") / name
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
