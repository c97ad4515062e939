"""How much chance is tried: once by `make test`, many times as much by `make soak`."""

from __future__ import annotations

import os

EFFORT = int(os.environ.get("EFFORT", "1"))
