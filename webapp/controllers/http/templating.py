"""Filters and functions for all templates; the address of a static file changes with its content."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from zoneinfo import ZoneInfo

from flask import Flask, current_app, url_for

from webapp.controllers.http.context import services
from webapp.helpers import formatting
from webapp.helpers.output_words import class_label
from webapp.helpers.pages import form_fields
from webapp.helpers.pages.audit_words import event_words
from webapp.helpers.pages.result import short_answer
from webapp.helpers.pages.summary import CHANNELS, STATUSES, UNUSUAL_STATUSES, condition_text, value_text
from webapp.helpers.records.as_json import timestamp
from webapp.helpers.records.redaction import kept_hint
from webapp.models.card import sentences
from webapp.models.findings import predicts
from webapp.services.audit import AuditEvent
from webapp.services.model_store.search import gist
from webapp.services.model_store.selection import UNLOADED_REASON
from webapp.types import Prediction


def init_app(app: Flask) -> None:
    zone = ZoneInfo(app.config["TIME_ZONE"])
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        label=formatting.feature_label,
        title=_title,
        words=formatting.words,
        percent=formatting.percent,
        predicts=predicts,
        gist=gist,
        metric_name=sentences.metric_name,
        metric_value=sentences.metric_value,
        metric_span=sentences.metric_span,
        values_met=sentences.values_met,
        threshold_words=sentences.threshold_words,
        report_words=sentences.report_words,
        values_source=sentences.values_source,
        blank_words=sentences.blank_words,
        kept_hint=kept_hint,
        groups=form_fields.grouped,
        moment=partial(formatting.moment, zone=zone),
        short_moment=partial(formatting.short_moment, zone=zone),
        day=formatting.day,
        number=formatting.number,
        timestamp=timestamp,
        short_answer=_short_answer,
        event_words=_event_words,
    )
    app.jinja_env.globals.update(
        static=static,
        time_zone=zone.key,
        condition_text=_condition_text,
        value_text=_value_text,
        channels=CHANNELS,
        statuses=STATUSES,
        unusual_statuses=UNUSUAL_STATUSES,
        unloaded_reason=UNLOADED_REASON,
        uploads=app.config["UPLOADS"],
        max_upload_mb=app.config["MAX_UPLOAD"] // 1024**2,
    )


def _event_words(event: AuditEvent) -> str:
    """Return what an event of the audit log says was done."""
    return event_words(event.action, event.subject, event.details)


def _title(name: str) -> str:
    """Return the title of a model: that of its card, if it is served and its card has one."""
    model = services().store.find(name)
    return model.title if model else formatting.title(name)


def _short_answer(prediction: Prediction) -> str:
    """Return the answer in a few words; its model's card says what it means."""
    model = services().store.find(prediction.model)
    return short_answer(prediction, model.words_for(prediction) if model else None)


def _value_text(name: str, value: str, model: str | None = None) -> str:
    """Write a value of a property for people: a class of a model with its card's label."""
    served = services().store.find(model) if name == "class" and model else None
    if served is None or served.signature.multi_output:
        return value_text(name, value)
    return class_label(served.signature.outputs[0], value)


def _condition_text(name: str, value: str, labels: Mapping[str, str], model: str | None = None) -> str:
    return condition_text(name, _value_text(name, value, model) if name == "class" else value, labels)


def static(name: str) -> str:
    """Return the address of a static file with a digest of its content, so that browsers can cache it forever."""
    return url_for("static", filename=name, v=_digest(name))


@cache
def _digest(name: str) -> str:
    path = Path(current_app.static_folder or "") / name
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
