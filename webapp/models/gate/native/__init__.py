"""Rules for state that compiled code reads."""
