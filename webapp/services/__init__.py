"""The work. Services know no Flask; each gets what it needs by constructor, here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Engine

from webapp.config import Settings
from webapp.helpers.redaction import Redaction
from webapp.helpers.sealing import MacKey
from webapp.services.accounts import Attempts, Keys, Sessions, Users
from webapp.services.artifact import ArtifactLoader
from webapp.services.audit import AuditLog
from webapp.services.description import Describer
from webapp.services.explainer import Explainer
from webapp.services.idempotency import IdempotencyKeys
from webapp.services.lane import Limits
from webapp.services.model_store import ModelStore
from webapp.services.prediction_log import Explorer, PredictionLog
from webapp.services.predictor import Predictor
from webapp.services.promoter import Promoter
from webapp.services.publisher import Publisher
from webapp.services.retention import Retention
from webapp.services.sealer import Copies, Rounds, Sealer
from webapp.services.spool import Replayer, Spool
from webapp.services.telemetry import Metrics, Observer, Traces
from webapp.services.telemetry.scrape import Scrape
from webapp.services.trial import Trial, shared_trial
from webapp.services.version_history import VersionHistory
from webapp.services.watcher import Watcher


@dataclass(frozen=True)
class Services:
    """All services of one process."""

    store: ModelStore
    log: PredictionLog
    explorer: Explorer
    predictor: Predictor
    explainer: Explainer
    describer: Describer
    idempotency_keys: IdempotencyKeys
    loader: ArtifactLoader
    trial: Trial
    publisher: Publisher
    promoter: Promoter
    watcher: Watcher
    spool: Spool
    replayer: Replayer
    audit: AuditLog
    redaction: Redaction
    sealer: Sealer
    rounds: Rounds
    retention: Retention
    users: Users
    sessions: Sessions
    keys: Keys
    attempts: Attempts
    metrics: Metrics
    scrape: Scrape
    traces: Traces

    @classmethod
    def build(cls, settings: Settings, engine: Engine, recording: Engine, maintenance: Engine) -> Services:
        metrics, traces = Metrics(), Traces(settings.otel_exporter_otlp_endpoint)
        spool = Spool(settings.spool_folder)
        key = MacKey(settings.signing_key())
        log = PredictionLog(engine, recording, spool if settings.log_policy == "spool" else None, key, metrics.turned)
        limits = Limits(batch=settings.max_batch_size, waiting=settings.max_queue, patience=settings.request_timeout)
        trial = shared_trial()
        loader = ArtifactLoader(trial, settings.trusted_types, settings.allow_version_mismatch)
        history = VersionHistory(engine)
        store = ModelStore(
            settings.models_dir,
            settings.max_instances,
            loader,
            history,
            settings.default_model,
            metrics,
            settings.redact,
        )
        redaction = Redaction(settings.signing_key())
        predictor = Predictor(log, limits, Observer(metrics, traces), redaction)
        sealer = Sealer(maintenance, key, settings.sealing_secret, Copies(settings.seal_to, settings.spool_folder))
        return cls(
            store=store,
            log=log,
            explorer=Explorer(engine),
            predictor=predictor,
            explainer=Explainer(predictor),
            describer=Describer(
                store, settings.max_instances, settings.max_content_length, guarded=settings.auth != "none"
            ),
            # A request that runs longer is taken for dead.
            idempotency_keys=IdempotencyKeys(
                engine, lease=timedelta(seconds=2 * settings.request_timeout), secret=settings.signing_key()
            ),
            loader=loader,
            trial=trial,
            publisher=Publisher(settings.models_dir, store, loader, history, settings.redact),
            promoter=Promoter(store, history),
            watcher=Watcher(store, _plain(engine), rest=trial.close),
            spool=spool,
            replayer=Replayer(spool, log.store, log.mend),
            audit=AuditLog(engine),
            redaction=redaction,
            sealer=sealer,
            rounds=Rounds(sealer, settings.seal_every),
            retention=Retention(sealer, redaction),
            users=Users(engine),
            sessions=Sessions(
                engine, timedelta(minutes=settings.session_idle), timedelta(hours=settings.session_lifetime)
            ),
            keys=Keys(engine),
            attempts=Attempts(engine, settings.signing_key()),
            metrics=metrics,
            scrape=Scrape(metrics, store, spool),
            traces=traces,
        )


def _plain(engine: Engine) -> str:
    """The address of an engine's PostgreSQL, for a connection of one's own."""
    return engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
