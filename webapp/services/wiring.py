"""All services of one process: only here does each get what it needs, through its constructor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Engine

from webapp.cell.lock import Protection, available
from webapp.config import Settings
from webapp.database.engines import Engines
from webapp.helpers.accounts.kept_forms import KeptForms
from webapp.helpers.record_ids import RecordIds
from webapp.helpers.records.redaction import Redaction
from webapp.helpers.sealing import MacKey
from webapp.services.accounts import Attempts, Keys, Login, PasswordLinks, Sessions, UserChanges, Users
from webapp.services.audit import AuditLog
from webapp.services.background_thread import BackgroundPart, BackgroundThread
from webapp.services.catalog_check import CatalogCheck
from webapp.services.cells.environments import Environments
from webapp.services.cells.known_files import KnownFiles
from webapp.services.cells.zygote import ZygoteClient, shared_zygote
from webapp.services.doctor import Doctor
from webapp.services.idempotency import IdempotencyKeys
from webapp.services.model_store import ModelStore
from webapp.services.model_store.artifact_loader import ArtifactLoader
from webapp.services.model_store.history import VersionHistory
from webapp.services.model_store.lane import Limits
from webapp.services.model_store.promoter import Promoter
from webapp.services.model_store.publisher import Publisher
from webapp.services.model_store.serving_log import ServingLog
from webapp.services.model_store.slow_calls import SlowCalls
from webapp.services.model_store.watcher import Watcher
from webapp.services.openapi import OpenAPIDocuments
from webapp.services.prediction.explainer import Explainer
from webapp.services.prediction.predictor import Predictor
from webapp.services.prediction_log import Explorer, PredictionLog, Usage
from webapp.services.prometheus import Scrape
from webapp.services.readiness import ReadinessProbe
from webapp.services.retention import Retention
from webapp.services.sealing import Copies, LastHead, PeriodicSealer, Sealer
from webapp.services.sealing.key_check import KeyCheck
from webapp.services.spool import Replayer, Spool
from webapp.services.telemetry import Metrics, Observer, Traces


@dataclass(frozen=True, kw_only=True)
class Services:
    """All services of one process."""

    #: For commands that use the database directly.
    engine: Engine
    brief_engine: Engine
    migration_engine: Engine
    store: ModelStore
    log: PredictionLog
    explorer: Explorer
    usage: Usage
    predictor: Predictor
    explainer: Explainer
    openapi: OpenAPIDocuments
    idempotency_keys: IdempotencyKeys
    loader: ArtifactLoader
    zygote: ZygoteClient
    #: What the kernel has to lock the processes of models with.
    protection: Protection
    publisher: Publisher
    promoter: Promoter
    serving_log: ServingLog
    key_check: KeyCheck
    doctor: Doctor
    spool: Spool
    replayer: Replayer
    audit: AuditLog
    redaction: Redaction
    sealer: Sealer
    retention: Retention
    users: Users
    password_links: PasswordLinks
    sessions: Sessions
    login: Login
    kept_forms: KeptForms
    keys: Keys
    attempts: Attempts
    metrics: Metrics
    scrape: Scrape
    readiness: ReadinessProbe
    traces: Traces
    #: The background threads of a worker, in the order in which they start.
    background: Sequence[BackgroundPart]

    def prepare_fork(self) -> None:
        """Have the models read, and close everything that must not cross the fork."""
        self.zygote.prepare_fork()
        self.store.share()
        self.close()

    def close(self) -> None:
        """Close the connections of all pools; the next transaction opens new ones."""
        self.log.close()
        self.brief_engine.dispose()

    def start(self) -> None:
        """Start the background threads; call this in each worker, after the fork."""
        for part in self.background:
            part.start()

    def stop(self) -> None:
        """Stop the background threads, in reverse order."""
        for part in reversed(self.background):
            part.stop()

    @classmethod
    def build(cls, settings: Settings, engines: Engines) -> Services:
        """Wire the services; nothing connects or starts yet."""
        engine, brief, secret = engines.pages, engines.brief, settings.signing_key()
        metrics, traces = Metrics(), Traces(settings.otel_exporter_otlp_endpoint)
        redaction, mac_key, audit = Redaction(secret), MacKey(secret), AuditLog(engine)
        zygote = shared_zygote(settings.max_cells, settings.may_be_unlocked, settings.trusted_types)
        history, protection = VersionHistory(engine), available()
        loader = ArtifactLoader(
            zygote,
            KnownFiles(settings.known_folder),
            Environments(settings.environments_folder),
            max_cells=settings.cells_per_model,
            processes=settings.web_concurrency,
            call_seconds=settings.request_timeout,
            trusted_types=settings.trusted_types,
        )
        store = ModelStore(
            directory=settings.models_dir,
            loader=loader,
            max_instances=settings.max_instances,
            history=history,
            default=settings.default_model,
            metrics=metrics,
            redact=settings.redact,
            max_cells=settings.max_cells,
        )
        spool = Spool(settings.spool_folder)
        ids = RecordIds(secret)
        key_check = KeyCheck(
            engine=engines.recording,
            secret=secret,
            public_key=lambda: sealer.public_key,
            spool=spool if settings.log_policy == "spool" else None,
        )
        log = PredictionLog(
            reading=engine,
            recording=engines.recording,
            spool=spool if settings.log_policy == "spool" else None,
            key=mac_key,
            key_check=key_check,
            ids=ids,
            on_change=metrics.set_in_database,
        )
        replayer = Replayer(spool, log.store, log.mend, metrics.completed)
        limits = Limits(
            batch=settings.max_batch_size,
            waiting=settings.max_queue,
            patience=settings.request_timeout,
            slow_calls=SlowCalls(settings.threads),
        )
        predictor = Predictor(log=log, ids=ids, limits=limits, observer=Observer(metrics, traces), redaction=redaction)
        copies = Copies(settings.seal_to, settings.spool_folder)
        last_head = LastHead(settings.spool_folder, engines.maintenance.url)
        sealer = Sealer(
            engine=engines.maintenance,
            mac_key=mac_key,
            read_secret=settings.sealing_secret,
            copies=copies,
            key_check=key_check,
            last_head=last_head,
        )
        changes, attempts = UserChanges(brief, by_proxy=settings.auth == "proxy"), Attempts(brief, secret)
        users = Users(brief, changes, model_names=store.names, proxy_names_users=settings.auth == "proxy")
        sessions = Sessions(
            brief,
            idle=timedelta(minutes=settings.session_idle),
            lifetime=timedelta(hours=settings.session_lifetime),
        )
        # The worker of a request that runs longer is taken for dead.
        lease = timedelta(seconds=2 * settings.request_timeout)
        idempotency_keys = IdempotencyKeys(brief, lease=lease, secret=secret, on_round=metrics.completed)
        watcher = Watcher(store, engines.session_url, on_round=metrics.completed)
        scrape = Scrape(metrics, store, spool)
        return cls(
            engine=engine,
            brief_engine=brief,
            migration_engine=engines.migration,
            store=store,
            log=log,
            explorer=Explorer(engine, look_up=log.get),
            usage=Usage(engine),
            predictor=predictor,
            explainer=Explainer(predictor),
            openapi=OpenAPIDocuments(
                store=store,
                max_instances=settings.max_instances,
                max_bytes=settings.max_content_length,
                guarded=settings.auth != "none",
            ),
            idempotency_keys=idempotency_keys,
            loader=loader,
            zygote=zygote,
            protection=protection,
            publisher=Publisher(
                directory=settings.models_dir, store=store, loader=loader, history=history, redact=settings.redact
            ),
            promoter=Promoter(store, history),
            serving_log=watcher.serving_log,
            key_check=key_check,
            doctor=Doctor(
                engine=engine,
                key_check=key_check,
                sealer=sealer,
                last_head=last_head,
                spool=spool,
                store=store,
                environments=loader.environments,
                folders={
                    "SPOOL_DIR": settings.spool_folder,
                    "MODELS_DIR": settings.models_dir,
                    "KNOWN_DIR": settings.known_folder,
                    "INSTANCE_DIR": settings.instance_dir,
                },
                key_files=settings.key_files,
                protection=protection,
                may_be_unlocked=settings.may_be_unlocked,
                needs_users=settings.auth == "login",
            ),
            spool=spool,
            replayer=replayer,
            audit=audit,
            redaction=redaction,
            sealer=sealer,
            retention=Retention(sealer, redaction),
            users=users,
            password_links=PasswordLinks(brief, users, changes),
            sessions=sessions,
            login=Login(users=users, sessions=sessions, attempts=attempts, audit=audit, threads=settings.threads),
            kept_forms=KeptForms(secret),
            keys=Keys(brief, model_names=store.names),
            attempts=attempts,
            metrics=metrics,
            scrape=scrape,
            readiness=ReadinessProbe(
                log=log,
                spool=spool,
                store=store,
                scrape=scrape,
                catalog=CatalogCheck(engine),
                protection=protection,
                patience=settings.unready_after,
            ),
            traces=traces,
            background=(
                traces,
                watcher,
                replayer,
                PeriodicSealer(sealer, settings.seal_every, metrics.completed),
                idempotency_keys,
                BackgroundThread("connections", engines.close_unused, on_round=metrics.completed),
            ),
        )
