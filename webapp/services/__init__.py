"""The work. Services know no Flask; each gets what it needs by constructor, here."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine

from webapp.config import Settings
from webapp.services.model_store import ModelStore
from webapp.services.prediction_log import PredictionLog
from webapp.services.predictor import Predictor


@dataclass(frozen=True)
class Services:
    """All services of one process."""

    store: ModelStore
    log: PredictionLog
    predictor: Predictor

    @classmethod
    def build(cls, settings: Settings, engine: Engine) -> Services:
        log = PredictionLog(engine)
        return cls(
            store=ModelStore(settings.models_dir, settings.max_instances),
            log=log,
            predictor=Predictor(log),
        )
