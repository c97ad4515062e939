"""The folder of Scoredesk and its version."""

from __future__ import annotations

from pathlib import Path

VERSION = "0.1.0"
ROOT = Path(__file__).resolve().parent.parent.parent
