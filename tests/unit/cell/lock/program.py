"""Locks one child of its own after the other, each of which tries one thing, and writes as JSON how that ended."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.unit.cell.lock.attempts import (
    ENDS,
    HARMFUL,
    HARMLESS,
    MEBIBYTE,
    READ_CODE,
    REFUSED,
    Attempt,
    by_system_call,
)
from tests.unit.cell.lock.world import World
from webapp.cell.lock import environment_paths, lock, locking
from webapp.cell.lock.kernel import PR_SET_DUMPABLE, set_for_process

PATHS = environment_paths()
NOBODY, ORDINARY = 65534, 1234
KEEP_CAPABILITIES = 8
#: What is read as a model's process would be seen by others.
PROPERTIES = ("Uid", "Gid", "Groups", "CapInh", "CapPrm", "CapEff", "CapAmb", "NoNewPrivs", "Seccomp", "Looks")


def prepare(folder: Path, missing: str, user: str) -> World:
    """Make what the locked process would own, if it could reach it, and leave out a wall."""
    (folder / "inner").mkdir()
    for name in ("file", "readable"):
        (folder / name).write_text("secret")
    world = World(folder)
    if os.getuid() == 0:
        owner = NOBODY if user == "root" else ORDINARY
        for path in (folder, *folder.iterdir()):
            os.chown(path, owner, owner)
        if user == "ordinary":
            # So that there are capabilities to give up.
            set_for_process(KEEP_CAPABILITIES, 1)
            os.setgroups([])
            os.setresgid(owner, owner, owner)
            os.setresuid(owner, owner, owner)
            set_for_process(PR_SET_DUMPABLE, 1)
    found = locking.available()
    without = {"landlock": replace(found, landlock=0), "seccomp": replace(found, seccomp=False), "nothing": found}
    locking.available = lambda: without[missing]  # type: ignore[attr-defined]
    return world


def locked(attempt: Attempt, world: World) -> tuple[int, int]:
    """Start a locked child that makes an attempt, and return its process and where to read what came of it."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        lock(readable=[*PATHS, world.readable], keep={writing, *world.kept}, memory=64 * MEBIBYTE)
        try:
            outcome = attempt(world)
        except Exception as error:
            outcome = type(error).__name__
        os.write(writing, json.dumps(outcome).encode())
        os._exit(0)
    os.close(writing)
    return child, reading


def outcome_of(attempt: Attempt, world: World) -> tuple[int, Any]:
    """Return the exit status of a child, or the signal that ended it below zero, and what came of its attempt."""
    child, reading = locked(attempt, world)
    with os.fdopen(reading, "rb") as pipe:
        written = pipe.read()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), json.loads(written) if written else None


def properties(world: World) -> dict[str, str]:
    """Return what the kernel says of a locked process."""
    child, reading = locked(lambda world: (world.theirs.send(b"."), len(world.theirs.recv(1))), world)
    world.ours.recv(1)
    status = dict(line.split(":\t", 1) for line in Path(f"/proc/{child}/status").read_text().splitlines())
    status["Looks"] = str(Path(f"/proc/{child}/environ").stat().st_uid)
    world.ours.sendall(b".")
    os.waitpid(child, 0)
    os.close(reading)
    return {name: " ".join(status[name].split()) for name in PROPERTIES}


def state(folder: Path) -> list[Any]:
    """Return what is in a folder, and how."""
    kept = ((path.name, path.lstat().st_mode, path.stat().st_size, os.listxattr(path)) for path in folder.iterdir())
    return sorted(kept)


def outcomes(world: World) -> Iterator[tuple[str, Any]]:
    yield "folder before", state(world.folder)
    for name, attempt in (HARMFUL | by_system_call() | {"read its code": READ_CODE}).items():
        yield name, outcome_of(attempt, world)
    for name, (attempt, _) in (REFUSED | HARMLESS | ENDS).items():
        yield name, outcome_of(attempt, world)
    yield "answered", world.ours.recv(100).decode()
    yield "shared", world.shared[0]
    yield "properties", properties(world)
    yield "was reached", world.was_reached
    yield "folder", state(world.folder)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(dict(outcomes(prepare(Path(sys.argv[1]), *sys.argv[2:])))))
