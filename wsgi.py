"""What gunicorn and ``flask --app wsgi`` look for."""

import sys

from webapp import create_app
from webapp.errors import ScoredeskError

try:
    app = create_app()
except ScoredeskError as error:
    # A wrong setting is one sentence to whoever set it, not a traceback.
    sys.exit(error.message)
