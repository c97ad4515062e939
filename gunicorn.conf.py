"""How gunicorn serves Scoredesk: ``gunicorn`` alone, in this folder, starts it."""

from __future__ import annotations

import multiprocessing
import os
from typing import Any

from webapp.server.metrics_folder import IN_MEMORY, metrics_folder

worker_tmp_dir = IN_MEMORY
# prometheus_client asks for it once, when anything of the service first imports it.
os.environ["PROMETHEUS_MULTIPROC_DIR"] = metrics_folder()

from webapp.server import startup  # noqa: E402

settings = startup.read_settings()

wsgi_app = "wsgi:app"
bind = f"{settings.host}:{settings.port}"
workers = settings.web_concurrency
worker_class = "webapp.server.worker.SharedPollWorker"
threads = settings.threads
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
    startup.claim_port(settings)
    startup.format_log(server, settings)
    startup.prepare(settings)


def on_reload(server: Any) -> None:
    """After a SIGHUP: gunicorn has made its log anew."""
    startup.format_log(server, settings)


def post_worker_init(worker: Any) -> None:
    """In each worker, before its first request: load the models and start what runs in the background."""
    services = worker.wsgi.extensions["scoredesk"]
    startup.load_models(worker, services)
    services.start()
    if first_worker.acquire(block=False):
        startup.announce(services, settings)


def worker_exit(_server: Any, worker: Any) -> None:
    """In each worker, after its last request: stop what runs in the background."""
    if app := getattr(worker, "wsgi", None):
        app.extensions["scoredesk"].stop()


def child_exit(_server: Any, worker: Any) -> None:
    """After a worker ended, however: what it counted stays, what it was doing does not."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)
