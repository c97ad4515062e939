"""The app that gunicorn and ``flask --app wsgi`` import."""

import sys

from webapp import create_app
from webapp.errors import ScoredeskError

try:
    app = create_app()
except ScoredeskError as error:
    # A wrong setting ends in one sentence instead of a traceback.
    sys.exit(error.message)
