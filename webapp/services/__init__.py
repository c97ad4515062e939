"""The work. Services know no Flask; each gets what it needs by constructor, here."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine

from webapp.config import Settings
from webapp.services.artifact import ArtifactLoader
from webapp.services.model_store import ModelStore
from webapp.services.prediction_log import PredictionLog
from webapp.services.predictor import Predictor
from webapp.services.trial import Trial, shared_trial


@dataclass(frozen=True)
class Services:
    """All services of one process."""

    store: ModelStore
    log: PredictionLog
    predictor: Predictor
    loader: ArtifactLoader
    trial: Trial

    @classmethod
    def build(cls, settings: Settings, engine: Engine) -> Services:
        log = PredictionLog(engine)
        trial = shared_trial()
        loader = ArtifactLoader(trial, settings.trusted_types, settings.allow_version_mismatch)
        return cls(
            store=ModelStore(settings.models_dir, settings.max_instances, loader),
            log=log,
            predictor=Predictor(log),
            loader=loader,
            trial=trial,
        )
