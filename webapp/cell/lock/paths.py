"""What a locked process may read."""

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path

WEBAPP = Path(__file__).resolve().parents[2]


def environment_paths() -> list[Path]:
    """Return where Python, its packages, the libraries of the system and this code lie, as far as they exist.

    None of these folders holds a setting, a secret or what the service stores.
    """
    environment = Path(sys.prefix)
    candidates = (
        *(Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib", "purelib", "platlib")),
        *(environment / name for name in ("lib", "lib64")),
        *map(Path, ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache", "/usr/share/zoneinfo")),
        WEBAPP,
    )
    return sorted({path.resolve() for path in candidates if path.exists()})
