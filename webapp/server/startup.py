"""What happens between the start of gunicorn and the first request, in its master and in each worker."""

from __future__ import annotations

import gc
import os
import socket
import sys
import threading
from typing import TYPE_CHECKING, Any, NoReturn

from webapp.config import Settings
from webapp.errors import ScoredeskError
from webapp.helpers.log_lines import as_line

if TYPE_CHECKING:
    from webapp.services.wiring import Services


def say(sentence: str, settings: Settings) -> None:
    """Print a line on standard output, in the format of the log."""
    print(as_line(sentence, settings.log_format), flush=True)


def fail(sentence: str) -> NoReturn:
    """Print why the service can't start, and end the process."""
    # It may be the settings that are wrong.
    print(as_line(sentence, os.environ.get("LOG_FORMAT", ""), "CRITICAL"), file=sys.stderr, flush=True)
    raise SystemExit(1)


def read_settings() -> Settings:
    """Read the settings, or end the process with a sentence about the one that is wrong."""
    try:
        return Settings.from_environ()
    except ScoredeskError as error:
        fail(error.message)


def format_log(server: Any, settings: Settings) -> None:
    """Let all loggers, gunicorn's own too, write in the same way."""
    from webapp.services.telemetry.log_format import adorn, install

    install(settings.log_format)
    for handler in server.log.error_log.handlers:
        adorn(handler, settings.log_format)


def claim_port(settings: Settings) -> None:
    """End the process if the port can't be used, before anything else is started."""
    with socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            fail(
                f"Port {settings.port} on {settings.host} can't be used ({error.strerror}). "
                "Stop what uses it, or choose another: PORT=9000 make run"
            )


def prepare(settings: Settings) -> None:
    """Start the embedded PostgreSQL, bring its tables up to date, and load what the workers can share."""
    try:
        _prepare(settings)
    except ScoredeskError as error:
        fail(error.message)
    # What the collector never looks at stays on the pages that the workers share.
    gc.collect()
    gc.freeze()


def _prepare(settings: Settings) -> None:
    from flask_migrate import upgrade

    from webapp import create_app
    from webapp.database.revision import require_tables
    from webapp.database.roles import may_do_more

    settings.signing_key()
    if settings.embeds_postgres:
        say("Starting PostgreSQL", settings)
    app = create_app(settings)
    services: Services = app.extensions["scoredesk"]
    if settings.embeds_postgres:
        with app.app_context():
            upgrade()
    else:
        # Another's PostgreSQL is left as it is, and its owner alone may change its tables.
        require_tables(services.engine)
        if may_do_more(services.engine):
            say("The role of DATABASE_URL could change the log; docs/operations.md tells of one that can't", settings)
    if settings.seal_every:
        # A key that is missing or wrong stops the start, not the first seal.
        services.sealer.check_key()
    services.prepare_fork()


def load_models(worker: Any, services: Services) -> None:
    """Load the models in a worker, before its first request."""
    # In a thread of its own, because a signal that ends the worker is raised in the main one,
    # in the middle of whatever that is doing.
    loading = threading.Thread(target=services.store.load, daemon=True)
    loading.start()
    while loading.is_alive():
        # However long it takes, the worker is not given up for dead.
        worker.notify()
        loading.join(timeout=1)
    services.sandbox.close()
    # A list of a thousand instances is some fifty thousand objects, and none of them in a cycle:
    # looking through them again and again took a sixth of its time.
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def announce(services: Services, settings: Settings) -> None:
    """Print what is served, what is not, and where."""
    for model in services.store.served():
        say(f"Serving {model.name}", settings)
    for each in services.store.unserved():
        say(f"Not serving {each.name}: {each.reason}", settings)
    data = "DATABASE_URL" if settings.database_url else settings.instance_dir
    say(f"Models are read from {settings.models_dir}, predictions are kept in {data}", settings)
    say(f"Scoredesk is at http://{settings.host}:{settings.port}", settings)
