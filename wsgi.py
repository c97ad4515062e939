"""The app that gunicorn and ``flask --app wsgi`` import."""

import sys

from webapp import create_app
from webapp.config import Settings
from webapp.errors import ScoredeskError
from webapp.server.os_errors import as_sentence

# A wrong setting, or a folder that can't be used, ends in a sentence instead of a traceback.
try:
    settings = Settings.from_environ()
    try:
        app = create_app(settings)
    except OSError as error:
        sys.exit(as_sentence(error, settings))
except ScoredeskError as error:
    sys.exit(error.message)
