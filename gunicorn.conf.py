"""How gunicorn serves Scoredesk: ``gunicorn`` alone, in this folder, starts it."""

from __future__ import annotations

import multiprocessing
import os
from typing import Any

from webapp.server import startup
from webapp.server.metrics_folder import IN_MEMORY, metrics_folder

worker_tmp_dir = IN_MEMORY
# prometheus_client reads this once, when it is first imported.
os.environ["PROMETHEUS_MULTIPROC_DIR"] = metrics_folder()

from webapp.server import metrics_files  # noqa: E402

settings = startup.read_settings()

wsgi_app = "wsgi:app"
bind = settings.address
workers = settings.web_concurrency
worker_class = "webapp.server.worker.SharedPollWorker"
threads = settings.threads
worker_connections = startup.max_connections(settings)
graceful_timeout = 20
loglevel = "warning"
control_socket_disable = True
proc_name = "scoredesk"
# The app reads forwarded headers itself, because it knows how many proxies there are; no header may
# set WSGI variables.
forwarded_allow_ips = "127.0.0.1,::1"
forwarder_headers = ""
header_map = "drop"
# Workers must not compete for the processors with one thread per processor each. OpenMP reads this
# once per thread, so it must be set before anything loads OpenMP.
for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_variable, str(max(1, (os.cpu_count() or 1) // workers)))
# Created before the fork, so that all workers share them: the first worker that is ready keeps the
# lock, and what one worker has reported of the models no other reports.
first_worker = multiprocessing.Lock()
claim_report = startup.report_claimer()
secure_scheme_headers: dict[str, str] = {}


def on_starting(server: Any) -> None:
    """Check the port, prepare the database and load the models, before any worker starts."""
    startup.claim_port(settings)
    startup.format_log(server, settings)
    metrics_files.install()
    startup.prepare(settings)


def pre_fork(server: Any, worker: Any) -> None:
    """Choose the metrics files of a new worker; gunicorn calls this in its master."""
    metrics_files.assign_place(worker, server.WORKERS.values())


def post_fork(_server: Any, worker: Any) -> None:
    """Let a worker count in the metrics files that the master chose for it."""
    metrics_files.take_place(worker)


def on_reload(server: Any) -> None:
    """Format the log again after a SIGHUP, because gunicorn has made a new one."""
    startup.format_log(server, settings)


def post_worker_init(worker: Any) -> None:
    """Load the models in a worker and start its background threads, before its first request."""
    services = worker.wsgi.extensions["scoredesk"]
    startup.load_models(worker, services)
    services.serving_log.share(claim_report)
    services.start()
    if first_worker.acquire(block=False):
        startup.announce(services, settings)


def worker_exit(_server: Any, worker: Any) -> None:
    """Stop the background threads of a worker, after its last request."""
    if app := getattr(worker, "wsgi", None):
        app.extensions["scoredesk"].stop()


def child_exit(_server: Any, worker: Any) -> None:
    """Free the place of a worker that ended for any reason."""
    metrics_files.leave_place(worker)
