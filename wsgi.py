"""What gunicorn and ``flask --app wsgi`` look for."""

from webapp import create_app

app = create_app()
