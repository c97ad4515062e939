"""Starts the zygote; the service calls this."""

from __future__ import annotations

import argparse
import gc
import signal
import socket
from pathlib import Path

from webapp.cell.preload import preload

#: The name of the socket in its folder, and how many connections may wait there while the libraries are imported.
SOCKET_NAME, BACKLOG = "zygote", 256


def main() -> None:
    """Serve one owner."""
    parser = argparse.ArgumentParser(description="Fork the processes of models. The service starts this.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--owner", type=int, required=True)
    parser.add_argument("--max-cells", type=int, required=True)
    parser.add_argument("--unlocked", action="store_true")
    parser.add_argument("--trusted", nargs="*", default=[])
    parser.add_argument("--modules", nargs="*", default=[])
    arguments = parser.parse_args()
    # Ctrl-C is meant for the service; this process ends when its owner does.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(arguments.folder / SOCKET_NAME))
    listener.listen(BACKLOG)
    preload()
    # These import the libraries, whose threads preload has limited.
    from webapp.cell.gate.open_load import installed_modules
    from webapp.cell.lock import environment_paths
    from webapp.cell.trusted import import_modules, import_trusted
    from webapp.cell.zygote import Zygote

    import_modules(arguments.modules)
    # A cell may not be able to look into the folder of the packages.
    installed_modules()
    zygote = Zygote(
        arguments.folder,
        owner=arguments.owner,
        max_cells=arguments.max_cells,
        may_be_unlocked=arguments.unlocked,
        readable=(*environment_paths(), *import_trusted(arguments.trusted)),
    )
    # The garbage collector must not touch what the cells share.
    gc.collect()
    gc.freeze()
    try:
        zygote.serve(listener)
    finally:
        zygote.close()


if __name__ == "__main__":
    main()
