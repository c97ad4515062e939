"""Tests compute in one thread, as models do in their processes.

Threads of OpenMP and OpenBLAS wait for each other without sleeping. Where several tests run at once, that takes the
processors from all of them, and fitting a small model may last twenty times as long. This counts only if numpy was not
imported before.
"""

from __future__ import annotations

import os

os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
