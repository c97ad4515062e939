"""The person at the machine itself, as the audit log names them."""

from __future__ import annotations

import getpass
import os


def operator() -> str:
    """Return the name of who runs this process, or their number where the machine has no name for it (a container).

    A command calls this before it changes anything, so that no change lacks its actor in the audit log.
    """
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # Python up to 3.12 raises the first, later ones the second.
        return str(os.getuid())
