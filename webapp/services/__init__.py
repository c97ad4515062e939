"""The work of the service, without Flask; wiring.py gives each service what it needs."""
