"""The gate: reads a Joblib file before anything of it runs, then loads it under the same rules.

A pickle is a program for a small machine. The dry run follows it with inert stand-ins and lists
every name that it wants; the restricted load follows it again with the real things, but only those
that the allow-list grants, only in the way it grants them, and only with arguments that a rule of
their own has seen. What is not known is refused.
"""

from __future__ import annotations

from webapp.models.gate.allow_list import Grants
from webapp.models.gate.dry_run import Inspection, inspect
from webapp.models.gate.loader import load

__all__ = ["Grants", "Inspection", "inspect", "load"]
