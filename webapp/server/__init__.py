"""How gunicorn starts and serves the app."""
