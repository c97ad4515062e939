"""Scoredesk: give it a Joblib file; get a web form, a JSON API and a record of every prediction."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from webapp.config import Settings


def create_app(settings: Settings | None = None) -> Flask:
    """Wire an app; models are loaded when the first one is requested."""
    # Imported here, because importing scikit-learn fixes the number of OpenMP threads; gunicorn.conf.py
    # reads the settings first and then sets it.
    from flask import Flask

    from webapp import cli, controllers
    from webapp.config import Settings
    from webapp.database.engines import Engines
    from webapp.services.wiring import Services

    settings = settings or Settings.from_environ()
    app = Flask(__name__, instance_path=str(settings.instance_dir))
    app.config.update(
        SECRET_KEY=settings.signing_key(),
        MAX_CONTENT_LENGTH=settings.max_content_length,
        MAX_FORM_MEMORY_SIZE=settings.max_content_length,
        EMBEDS_POSTGRES=settings.embeds_postgres,
        AUTH=settings.auth,
        GUARDED=settings.auth != "none",
        LOGINS=settings.auth == "login",
        TIME_ZONE=settings.time_zone,
        UPLOADS=settings.uploads,
        MAX_UPLOAD=settings.max_upload,
        # On the disk of this machine, where copies of models are kept too.
        UPLOAD_FOLDER=settings.known_folder,
        # The address of a static file changes with its content.
        SEND_FILE_MAX_AGE_DEFAULT=365 * 24 * 3600,
    )
    app.extensions["scoredesk"] = Services.build(settings, Engines.of(settings))
    controllers.init_app(app, settings)
    cli.init_app(app)
    return app
