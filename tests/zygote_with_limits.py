"""A zygote with other limits than the service's, which the variable LIMITS names."""

from __future__ import annotations

import json
import os
from importlib import import_module

from webapp.cell import __main__ as zygote
from webapp.cell.preload import preload


def preload_and_limit() -> None:
    preload()
    for path, value in json.loads(os.environ["LIMITS"]).items():
        module, _, name = path.rpartition(".")
        assert hasattr(import_module(module), name), path
        setattr(import_module(module), name, value)


if __name__ == "__main__":
    zygote.preload = preload_and_limit
    zygote.main()
