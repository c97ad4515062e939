"""The steps between the start of gunicorn and the first request, in its master and in each worker."""

from __future__ import annotations

import errno
import gc
import multiprocessing
import resource
import socket
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from webapp.config import Settings
from webapp.database.address import describe
from webapp.errors import KeysUnavailable, ScoredeskError
from webapp.server import first_model
from webapp.server.console import fail, say
from webapp.server.os_errors import as_sentence

if TYPE_CHECKING:
    from webapp.services.wiring import Services

#: Connections that a worker holds at most beside those it is answering, and files that it opens for other things.
MAX_IDLE_CONNECTIONS, OTHER_FILES = 1000, 100
#: The length of a SHA-256.
DIGEST_BYTES = 32


def read_settings() -> Settings:
    """Read the settings, or end the process with a sentence about the one that is wrong."""
    try:
        return Settings.from_environ()
    except ScoredeskError as error:
        fail(error.message)


def format_log(server: Any, settings: Settings) -> None:
    """Set one format for all loggers, including gunicorn's own."""
    from webapp.services.telemetry.log_format import format_handler, install

    install(settings.log_format)
    for handler in server.log.error_log.handlers:
        format_handler(handler, settings.log_format)


def claim_port(settings: Settings) -> None:
    """End the process if the port can't be used, before anything else is started."""
    with socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                advice = "Stop the program that uses it, or choose another port: PORT=9000 make run"
            elif error.errno == errno.EACCES:
                advice = "Ports below 1024 are root's. Choose another port: PORT=9000 make run"
            else:
                advice = "Choose an address of this machine: HOST=127.0.0.1 make run"
            fail(f"Port {settings.port} on {settings.host} can't be used ({error.strerror}). {advice}")


def max_connections(settings: Settings) -> int:
    """Raise the limit of open files as far as a worker can use it, and return how many connections that allows."""
    # Each thread may use two connections to PostgreSQL and two files.
    others, connections = 4 * settings.threads + OTHER_FILES, MAX_IDLE_CONNECTIONS + settings.threads
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    soft, hard = (sys.maxsize if limit == resource.RLIM_INFINITY else limit for limit in limits)
    if soft < connections + others:
        soft = min(connections + others, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, limits[1]))
    if soft - others <= settings.threads:
        fail(
            f"A process may have {soft} files open here (ulimit -n), which is too few for THREADS={settings.threads}. "
            f"Allow {connections + others}, or lower THREADS."
        )
    return min(connections, soft - others)


def prepare(settings: Settings) -> None:
    """Start the embedded PostgreSQL, bring its tables up to date, and load what the workers can share."""
    try:
        _prepare(settings)
    except ScoredeskError as error:
        fail(error.message)
    except OSError as error:
        fail(as_sentence(error, settings))
    # The workers share the memory of objects as long as the garbage collector does not touch them.
    gc.collect()
    gc.freeze()


def _prepare(settings: Settings) -> None:
    from flask_migrate import upgrade

    from webapp import create_app
    from webapp.database.clock import clock_warning
    from webapp.database.postgres_roles import may_do_more
    from webapp.database.revision import require_tables

    settings.signing_key()
    if settings.embeds_postgres:
        say("Starting PostgreSQL", settings)
    app = create_app(settings)
    services: Services = app.extensions["scoredesk"]
    if settings.embeds_postgres:
        with app.app_context():
            upgrade()
    else:
        # The tables of an external PostgreSQL are not changed here; only their owner may do that.
        services.sealer.check_session()
        require_tables(services.engine)
        if sentence := clock_warning(services.engine):
            say(sentence, settings)
        if may_do_more(services.engine):
            say("The role in DATABASE_URL can change the log; to use one that can't, see docs/operations.md", settings)
    if settings.first_model:
        # What is loaded for this must not cross the fork, so it belongs to services of its own.
        first_model.publish(settings.first_model, create_app(settings).extensions["scoredesk"], settings)
    if settings.seal_every:
        # A missing or wrong key is reported now, and not only by the first seal.
        services.sealer.check_key()
    _check_keys(services, settings)
    services.prepare_fork()


def _check_keys(services: Services, settings: Settings) -> None:
    from webapp.database.faults import operator_sentence
    from webapp.services.sealing.key_check import require_privileges

    try:
        services.key_check.start()
    except KeysUnavailable as error:
        require_privileges(error)
        # The keys are compared before the first record goes there.
        say(operator_sentence(error.__cause__, services.engine.url), settings)


def load_models(worker: Any, services: Services) -> None:
    """Load the models in a worker, before its first request."""
    # In a separate thread, because a signal that ends the worker interrupts the main thread
    # in the middle of whatever it is doing.
    loading = threading.Thread(target=services.store.load, daemon=True)
    loading.start()
    while loading.is_alive():
        # However long it takes, gunicorn must not take the worker for dead.
        worker.notify()
        loading.join(timeout=1)
        if not worker.alive:
            raise SystemExit(0)
    # A request of a thousand instances makes some fifty thousand objects, none of them in a cycle;
    # searching them again and again for cycles took a sixth of the request's time.
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def report_claimer() -> Callable[[bytes], bool]:
    """Return a function for all workers that tells the first one that calls it with a new digest to report it."""
    last, lock = multiprocessing.RawArray("B", DIGEST_BYTES), multiprocessing.Lock()

    def claim(digest: bytes) -> bool:
        # A worker that was killed in here keeps the lock; then each reports for itself.
        if not lock.acquire(timeout=1):
            return True
        try:
            is_new = bytes(last) != digest
            last[:] = digest
            return is_new
        finally:
            lock.release()

    return claim


def announce(services: Services, settings: Settings) -> None:
    """Print what is served, what is not, and where."""
    for model in services.store.served():
        say(f"Serving {model.name}", settings)
    for unserved in services.store.unserved():
        say(f"Not serving {unserved.name}: {unserved.reason}", settings)
    data = describe(settings.database_url) if settings.database_url else settings.instance_dir
    say(f"Models are read from {settings.models_dir}, predictions are kept in {data}", settings)
    say(f"Scoredesk is at http://{settings.address}", settings)
    if settings.first_model:
        first_model.open_form(settings.first_model, settings)
