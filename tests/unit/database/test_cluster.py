"""webapp.database.cluster and what it starts: PostgreSQL itself, whatever a crash or a folder's name leaves it with."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copytree, ignore_patterns, rmtree
from tempfile import mkdtemp

import psutil
import psycopg
import pytest

from webapp.config import ROOT
from webapp.database import cluster, postmaster
from webapp.errors import EmbeddedPostgresError

SLEEP = "import time; time.sleep(600)"
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs programs as another user")


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    folder = Path(mkdtemp(prefix="scoredesk-cluster-"))
    yield folder
    rmtree(folder)


@pytest.fixture(scope="module")
def made(folder: Path) -> Path:
    """A data directory that was made once, although the first attempt was cut off in the middle."""
    half = folder / "postgres.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    with running(folder / "postgres"):
        assert not half.exists()
    return folder / "postgres"


@contextmanager
def running(directory: Path) -> Iterator[postmaster.Postmaster]:
    """Start PostgreSQL on the directory, and stop it."""
    server = cluster.start(directory)
    try:
        with psycopg.connect(server.url) as connection:
            assert connection.execute("SHOW data_directory").fetchone() == (str(directory),)
        yield server
    finally:
        postmaster.stop(directory)
    assert not server.process.is_running()


@pytest.fixture
def another(made: Path) -> Iterator[Callable[..., psutil.Process]]:
    """Start processes of the user that PostgreSQL runs as, which are not PostgreSQL."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*command: str, executable: str = "/bin/sleep") -> psutil.Process:
        user = made.stat().st_uid
        started.append(subprocess.Popen(command, executable=executable, user=user if os.geteuid() == 0 else None))
        return psutil.Process(started[-1].pid)

    yield start
    for process in started:
        process.kill()
        process.wait()


def leave_lock_files(directory: Path, process: psutil.Process, *, begun: int | None = None) -> None:
    """Leave behind what a PostgreSQL leaves that is killed, when its number is another process's by now."""
    begun = int(process.create_time()) if begun is None else begun
    lines = f"{process.pid}\n{directory}\n{begun}\n5432\n{directory}\n"
    (directory / "postmaster.pid").write_text(f"{lines}\n        1         2\nready   \n")
    (directory / ".s.PGSQL.5432.lock").write_text(lines)


def test_a_process_that_has_the_number_in_a_stale_lock_file_is_neither_taken_for_postgres_nor_stopped(
    made: Path, another: Callable[..., psutil.Process]
) -> None:
    sleeping = another("sleep", "600")
    leave_lock_files(made, sleeping)
    postmaster.stop(made)
    with running(made) as server:
        assert server.process != sleeping
    assert sleeping.status() == psutil.STATUS_SLEEPING


def test_a_process_is_not_taken_for_postgres_for_its_command_line_alone(
    made: Path, another: Callable[..., psutil.Process]
) -> None:
    python = str(Path("/usr/bin/python3").resolve() if os.geteuid() == 0 else sys.executable)
    pretender = another("postgres", "-c", SLEEP, "-D", str(made), executable=python)
    leave_lock_files(made, pretender, begun=1)
    with running(made) as server:
        assert server.process != pretender
    assert pretender.is_running()


def test_postgres_is_recognised_after_the_clock_was_set(made: Path) -> None:
    with running(made) as server:
        lock_file = made / "postmaster.pid"
        lines = lock_file.read_text().split("\n")
        lock_file.write_text("\n".join([*lines[:2], str(int(lines[2]) - 7200), *lines[3:]]))
        assert cluster.start(made) == server


@pytest.mark.parametrize("content", ["", "4711", "no number\n\n\n"])
def test_it_starts_after_a_power_cut_that_left_no_whole_lock_file(made: Path, content: str) -> None:
    (made / "postmaster.pid").write_text(content)
    (made / ".s.PGSQL.5432.lock").write_text(content)
    with running(made):
        pass


@pytest.mark.parametrize("name", ["a space", 'it\'s a "quote"', "Zürich, $HOME `dir` 100% \\n", "l" * 120])
def test_the_folder_may_have_any_name(made: Path, folder: Path, name: str) -> None:
    odd = folder / name
    odd.mkdir()
    try:
        directory = made.rename(odd / "postgres")
        with running(directory) as server:
            sockets = Path(server.socket_folder)
            assert cluster.start(directory) == server
            assert sockets == directory or sockets.stat().st_mode & 0o77 == 0
        assert sockets == directory or not sockets.exists()
    finally:
        directory.rename(made)


def test_a_folder_for_the_socket_is_removed_after_a_crash_too(made: Path, folder: Path) -> None:
    directory = made.rename(folder / "a quote's data")
    try:
        server = cluster.start(directory)
        server.process.kill()
        server.process.wait(30)
        assert Path(server.socket_folder).exists()
        with running(directory):
            assert not Path(server.socket_folder).exists()
    finally:
        directory.rename(made)


def test_a_line_break_in_the_path_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(EmbeddedPostgresError, match="line break"):
        cluster.start(tmp_path / "a\nb" / "postgres")


def test_a_folder_whose_data_are_damaged_is_never_started_anew(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "pg_wal").mkdir()
    with pytest.raises(EmbeddedPostgresError, match=r"holds files, but no data of PostgreSQL.*Restore it"):
        cluster.start(tmp_path / "postgres")


def test_what_postgres_says_when_it_does_not_start_is_in_the_sentence(made: Path) -> None:
    settings = made / "postgresql.auto.conf"
    before = settings.read_text()
    settings.write_text("max_connections = 0\n")
    try:
        with pytest.raises(
            EmbeddedPostgresError, match=r"did not start: .*postgresql.auto.conf.* For more, see .*/log"
        ):
            cluster.start(made)
    finally:
        settings.write_text(before)


def test_a_new_one_is_made_whatever_the_callers_variables_say_and_wherever_the_programs_are(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A language that is not installed, and another PostgreSQL.
    for name, value in {"LANG": "xx_XX.UTF-8", "LC_ALL": "xx_XX.UTF-8", "PGPORT": "7", "PGDATA": "/nowhere"}.items():
        monkeypatch.setenv(name, value)
    spec = cluster.find_spec(cluster.PACKAGE)
    assert spec is not None and spec.origin is not None
    packages = folder / 'it\'s a "quote" and $HOME'
    for installed in (Path(spec.origin).parent, Path(spec.origin).parents[1] / cluster.LIBRARIES):
        copytree(installed, packages / installed.name, ignore=ignore_patterns("pginstall"))
    spec.origin = str(packages / cluster.PACKAGE / "__init__.py")
    monkeypatch.setattr(cluster, "find_spec", lambda _: spec)
    (folder / "another").mkdir()
    with running(folder / "another" / "postgres"):
        pass


@as_root
def test_root_runs_it_as_the_user_whom_the_data_belong_to(made: Path) -> None:
    subprocess.run(["chown", "--recursive", "nobody", made], check=True)
    with running(made) as server:
        assert server.process.username() == "nobody"
    assert {path.owner() for path in (made, *made.rglob("*"))} == {"nobody"}


@as_root
def test_data_that_root_copied_here_are_handed_over_to_the_user_that_postgres_runs_as(made: Path) -> None:
    subprocess.run(["chown", "--recursive", "root", made], check=True)
    with running(made) as server:
        assert server.process.username() == "pgserver"


def test_of_several_processes_that_start_at_the_same_time_one_starts_it_and_the_last_stops_it(made: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from webapp.database import embedded, postmaster; d = Path(sys.argv[1])"
    )
    code += "; embedded.start(d); print(postmaster.running(d).pid, flush=True); sys.stdin.read()"
    starting = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(made)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    assert all(process.stdout for process in starting)
    numbers = {process.stdout.readline() for process in starting if process.stdout}
    assert len(numbers) == 1
    server = psutil.Process(int(numbers.pop()))
    for process in starting:
        assert server.is_running()
        process.communicate(timeout=60)
    assert not server.is_running()
