"""A zygote that leaves out checks: python -m tests.cell_attacks.zygote gate,lock FOLDER …, as webapp.cell is started.

It exists so that a test can show what the lock holds off when the gate has let a hostile file through.
"""

from __future__ import annotations

import io
import sys
from typing import Any

from webapp.cell import __main__ as program
from webapp.models import file_limits

#: Seconds that reading a file may take here, so that files that hang are ended soon.
CPU_SECONDS, MAX_SLOWDOWN = 2, 3


def leave_out(names: list[str]) -> None:
    """Make this process a zygote that leaves out the gate or the lock; the libraries are imported by now."""
    import joblib

    from webapp.cell import loading, process, reading
    from webapp.models.file_report import FileReport

    def load(data: bytes, *_rest: object) -> Any:
        return joblib.load(io.BytesIO(data))

    def lock(**_limits: object) -> None:
        """Leave the process as it is."""

    if "gate" in names:
        vars(reading).update(_inspect=lambda _data, _grants: FileReport())
        vars(loading).update(load=load)
    if "lock" in names:
        vars(process).update(lock=lock)


if __name__ == "__main__":
    left_out = sys.argv.pop(1).split(",")
    preload = program.preload

    def preload_and_leave_out() -> None:
        preload()
        leave_out(left_out)

    vars(program).update(preload=preload_and_leave_out)
    vars(file_limits).update(CPU_SECONDS=CPU_SECONDS, MAX_SLOWDOWN=MAX_SLOWDOWN)
    program.main()
