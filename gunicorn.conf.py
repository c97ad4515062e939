"""How gunicorn serves Scoredesk: ``gunicorn`` alone, in this folder, starts it."""

from __future__ import annotations

import gc
import multiprocessing
import os
import socket
import sys
import threading
from typing import Any

from webapp.config import Settings
from webapp.errors import ScoredeskError


def _say(line: str) -> None:
    print(line, flush=True)


def _stop(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
    raise SystemExit(1)


try:
    settings = Settings.from_environ()
except ScoredeskError as error:
    _stop(error.message)

wsgi_app = "wsgi:app"
bind = f"{settings.host}:{settings.port}"
workers = settings.web_concurrency
worker_class = "gthread"
threads = settings.threads
worker_tmp_dir = "/dev/shm"  # noqa: S108  (the workers' heartbeats belong into memory)
graceful_timeout = 20
loglevel = "warning"
control_socket_disable = True
proc_name = "scoredesk"
# Forwarded headers are read by the app, which knows how many proxies there are; none may set
# WSGI variables.
forwarded_allow_ips = "127.0.0.1,::1"
forwarder_headers = ""
header_map = "drop"
# Workers must not fight over the processors with as many threads each as there are. OpenMP asks
# this once for each thread, so it has to stand before anything loads it.
for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_variable, str(max(1, (os.cpu_count() or 1) // workers)))
# Made before the fork, so that all workers share it: the first that is ready takes it for good.
first_worker = multiprocessing.Lock()
secure_scheme_headers: dict[str, str] = {}


def on_starting(server: Any) -> None:
    """Before any worker: see that the port is free, that there is a database, and load the models."""
    _claim_port()
    try:
        _prepare()
    except ScoredeskError as error:
        _stop(error.message)


def _claim_port() -> None:
    with socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            _stop(
                f"Port {settings.port} on {settings.host} can't be used ({error.strerror}). "
                "Stop what uses it, or choose another: PORT=9000 make run"
            )


def _prepare() -> None:
    """Start what is embedded, bring its tables up to date, and load what the workers can share."""
    from flask_migrate import upgrade

    from webapp import create_app

    settings.signing_key()
    if settings.embeds_postgres:
        _say("Starting PostgreSQL")
    app = create_app(settings)
    with app.app_context():
        if settings.embeds_postgres:
            # Another's PostgreSQL is left as it is: flask db upgrade.
            upgrade()
        services = app.extensions["scoredesk"]
        if settings.seal_every:
            # A key that is missing or wrong stops the start, not the first seal.
            services.sealer.check_key()
        services.store.share()
        services.trial.close()
        # Nothing that is connected may cross the fork.
        services.log.close()
    # What the collector never looks at stays on the pages that the workers share.
    gc.collect()
    gc.freeze()


def post_worker_init(worker: Any) -> None:
    """In each worker, before its first request: load the models and watch them; the first tells what there is."""
    from webapp.services import Services

    services: Services = worker.wsgi.extensions["scoredesk"]
    # In a thread of its own, because a signal that ends the worker is raised in the main one,
    # in the middle of whatever that is doing.
    loading = threading.Thread(target=services.store.load, daemon=True)
    loading.start()
    while loading.is_alive():
        # However long it takes, the worker is not given up for dead.
        worker.notify()
        loading.join(timeout=1)
    services.trial.close()
    # A list of a thousand instances is some fifty thousand objects, and none of them in a cycle:
    # looking through them again and again took a sixth of its time.
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    services.watcher.start()
    services.replayer.start()
    services.rounds.start()
    if first_worker.acquire(block=False):
        _announce(services)


def worker_exit(_server: Any, worker: Any) -> None:
    """In each worker, after its last request: stop watching and replaying."""
    if app := getattr(worker, "wsgi", None):
        services = app.extensions["scoredesk"]
        services.watcher.stop()
        services.replayer.stop()
        services.rounds.stop()


def _announce(services: Any) -> None:
    for model in services.store.served():
        _say(f"Serving {model.name}")
    for model in services.store.unserved():
        _say(f"Not serving {model.name}: {model.reason}")
    data = "DATABASE_URL" if settings.database_url else settings.instance_dir
    _say(f"Models are read from {settings.models_dir}, predictions are kept in {data}")
    _say(f"Scoredesk is at http://{settings.host}:{settings.port}")
