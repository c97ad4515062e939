"""How gunicorn serves Scoredesk: ``gunicorn`` alone, in this folder, starts it."""

from __future__ import annotations

import atexit
import fcntl
import gc
import multiprocessing
import os
import shutil
import socket
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

# What the workers write all the time belongs into memory.
worker_tmp_dir = "/dev/shm"  # noqa: S108  # nosec B108


def _metrics_folder() -> str:
    """Make the folder in which the workers count; when this file is read again, they go on with it."""
    folder, start = os.environ.get("PROMETHEUS_MULTIPROC_DIR", ""), f"scoredesk-{os.getpid()}-"
    if Path(folder).name.startswith(start):
        return folder
    for left in Path(worker_tmp_dir).glob("scoredesk-*"):
        if _lock(left):
            shutil.rmtree(left, ignore_errors=True)
    hidden = Path(tempfile.mkdtemp(prefix=f".{start}", dir=worker_tmp_dir))
    _lock(hidden)
    made = hidden.rename(hidden.with_name(hidden.name[1:]))
    atexit.register(_remove, made, os.getpid())
    return str(made)


def _lock(folder: Path) -> bool:
    """Lock a folder until the last of these processes ends, however; one that can be locked is nobody's any more."""
    try:
        fcntl.flock(os.open(folder, os.O_RDONLY | os.O_DIRECTORY), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _remove(folder: Path, owner: int) -> None:
    # Workers end with what was registered before they were forked.
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)


# prometheus_client asks for it once, when anything of the service first imports it.
os.environ["PROMETHEUS_MULTIPROC_DIR"] = _metrics_folder()

from webapp.config import Settings  # noqa: E402
from webapp.errors import ScoredeskError  # noqa: E402
from webapp.helpers.log_lines import as_line  # noqa: E402


def _say(sentence: str) -> None:
    print(as_line(sentence, settings.log_format), flush=True)


def _stop(sentence: str) -> None:
    # It may be the settings that are wrong.
    print(as_line(sentence, os.environ.get("LOG_FORMAT", ""), "CRITICAL"), file=sys.stderr, flush=True)
    raise SystemExit(1)


try:
    settings = Settings.from_environ()
except ScoredeskError as error:
    _stop(error.message)

wsgi_app = "wsgi:app"
bind = f"{settings.host}:{settings.port}"
workers = settings.web_concurrency
worker_class = "webapp.worker.SharedPollWorker"
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
    _claim_port()
    _format_lines(server)
    try:
        _prepare()
    except ScoredeskError as error:
        _stop(error.message)


def on_reload(server: Any) -> None:
    """After a SIGHUP: gunicorn has made its log anew."""
    _format_lines(server)


def _format_lines(server: Any) -> None:
    """Let all loggers, gunicorn's own too, write in the same way."""
    from webapp.services.telemetry.lines import adorn, install

    install(settings.log_format)
    for handler in server.log.error_log.handlers:
        adorn(handler, settings.log_format)


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
    from webapp.database import db
    from webapp.database.revision import require_tables
    from webapp.database.roles import may_do_more

    settings.signing_key()
    if settings.embeds_postgres:
        _say("Starting PostgreSQL")
    app = create_app(settings)
    with app.app_context():
        if settings.embeds_postgres:
            upgrade()
        else:
            # Another's PostgreSQL is left as it is, and its owner alone may change its tables.
            require_tables(db.engine)
            if may_do_more(db.engine):
                _say("The role of DATABASE_URL could change the log; docs/operations.md tells of one that can't")
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
    services.traces.start()
    services.rounds.start()
    services.idempotency_keys.start()
    if first_worker.acquire(block=False):
        _announce(services)


def worker_exit(_server: Any, worker: Any) -> None:
    """In each worker, after its last request: stop watching and replaying, and send the last spans."""
    if app := getattr(worker, "wsgi", None):
        services = app.extensions["scoredesk"]
        services.watcher.stop()
        services.replayer.stop()
        services.rounds.stop()
        services.idempotency_keys.stop()
        services.traces.stop()


def child_exit(_server: Any, worker: Any) -> None:
    """After a worker ended, however: what it counted stays, what it was doing does not."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)


def _announce(services: Any) -> None:
    for model in services.store.served():
        _say(f"Serving {model.name}")
    for model in services.store.unserved():
        _say(f"Not serving {model.name}: {model.reason}")
    data = "DATABASE_URL" if settings.database_url else settings.instance_dir
    _say(f"Models are read from {settings.models_dir}, predictions are kept in {data}")
    _say(f"Scoredesk is at http://{settings.host}:{settings.port}")
