"""The gate: reads a Joblib file before anything in it runs, then loads it under the same rules.

A pickle is a program for a small machine. The dry run follows it with inert stand-ins and lists every
name that it uses. The restricted load follows it again with the real objects, but only with names that
the allow-list grants, only in the way it grants them, and only with arguments that a rule has checked.
Whatever is not known is refused.
"""

from __future__ import annotations

from webapp.cell.gate.allow_list import Grants
from webapp.cell.gate.dry_run import Inspection, inspect
from webapp.cell.gate.loader import load

__all__ = ["Grants", "Inspection", "inspect", "load"]
