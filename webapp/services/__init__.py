"""The work: services know no Flask; wiring.py gives each what it needs."""
