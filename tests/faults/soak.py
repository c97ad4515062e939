"""Harms the service at random for minutes, and counts what became of every answer: `make soak`."""

from __future__ import annotations

import atexit
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory, mkdtemp

import psycopg

from tests.conftest import SECRET
from tests.faults.load import Load, lost, save_sums, wrong
from tests.faults.postgres import Postgres, wait_until, with_tables
from tests.faults.proxy import Cut, Proxy
from tests.faults.spooled import Spooled
from tests.faults.standby import Pair
from tests.pgbouncer import pgbouncer_before
from tests.serving import Serving, serving


@dataclass
class World:
    """All that can be harmed."""

    pair: Pair
    proxy: Proxy
    server: Serving
    random: random.Random
    #: How often each was done.
    done: Counter[str] = field(default_factory=Counter)

    @property
    def postgres(self) -> Postgres:
        """The server that takes writes now."""
        return self.pair.primary

    def sleep(self, least: float, most: float) -> None:
        time.sleep(self.random.uniform(least, most))

    def kill_workers(self) -> None:
        """Kill one worker or all of them."""
        workers = self.server.workers
        for worker in self.random.sample(workers, self.random.randint(1, len(workers))):
            worker.kill()
            self.done["a worker killed"] += 1


@contextmanager
def stopped(world: World) -> Iterator[None]:
    world.postgres.stop()
    yield
    world.postgres.start()


@contextmanager
def frozen(world: World) -> Iterator[None]:
    world.postgres.freeze()
    yield
    world.postgres.thaw()


@contextmanager
def read_only(world: World) -> Iterator[None]:
    world.postgres.read_only(True)
    yield
    world.postgres.read_only(False)


@contextmanager
def read_only_sessions(world: World) -> Iterator[None]:
    with world.postgres.read_only_sessions():
        yield


@contextmanager
def pooled(world: World) -> Iterator[None]:
    with TemporaryDirectory(prefix="scoredesk-pgbouncer-") as folder:
        with pgbouncer_before(world.postgres.url, Path(folder), "transaction", size=5) as url:
            world.proxy.lead_to(url)
            world.proxy.drop_all()
            yield
        world.proxy.lead_to(world.postgres.url)
        world.proxy.drop_all()


@contextmanager
def promoted(world: World) -> Iterator[None]:
    world.pair.primary.kill()
    world.sleep(0, 4)
    world.pair.promote()
    world.proxy.lead_to(world.postgres.url)
    yield
    world.pair.make_standby()


@contextmanager
def standby_frozen(world: World) -> Iterator[None]:
    world.pair.standby.freeze()
    yield
    world.pair.standby.thaw()


@contextmanager
def locked(world: World) -> Iterator[None]:
    with psycopg.connect(world.postgres.url) as migration:
        migration.execute("LOCK TABLE predictions IN ACCESS EXCLUSIVE MODE")
        yield


@contextmanager
def cut(world: World) -> Iterator[None]:
    world.proxy.cut, world.proxy.share = world.random.choice(list(Cut)), world.random.choice([0.1, 0.5, 1.0])
    yield
    world.proxy.cut = None


@contextmanager
def dropped(world: World) -> Iterator[None]:
    for _ in range(20):
        world.proxy.drop_all()
        world.sleep(0, 0.2)
    yield


FAULTS: dict[str, Callable[[World], AbstractContextManager[None]]] = {
    "PostgreSQL stopped": stopped,
    "PostgreSQL frozen": frozen,
    "PostgreSQL without writes": read_only,
    "sessions without writes": read_only_sessions,
    "PgBouncer put before PostgreSQL, and taken away": pooled,
    "the primary killed, and its standby promoted": promoted,
    "the standby frozen": standby_frozen,
    "the table locked": locked,
    "INSERTs cut off, before or after the commit": cut,
    "all connections to PostgreSQL dropped": dropped,
}


def harm(world: World, seconds: float) -> None:
    """Do one thing after the other, some of it while workers are killed too."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        name = world.random.choice(list(FAULTS))
        world.done[name] += 1
        with FAULTS[name](world):
            world.sleep(0.5, 6)
            if world.random.random() < 0.5:
                world.kill_workers()
                world.sleep(0.5, 4)
        world.sleep(0.5, 6)
        if world.random.random() < 0.3:
            world.kill_workers()


def soak(folder: Path, seconds: float, seed: int) -> bool:
    """Harm it, print what became of every answer, and tell whether nothing is lost."""
    spool_dir, models, servers = (folder / name for name in ("spool", "models", "servers"))
    models.mkdir()
    servers.mkdir()
    pair = Pair(with_tables(servers), servers)
    # A killed one is not stopped by any other means.
    atexit.register(pair.stop)
    settings = {"models_dir": save_sums(models), "spool_dir": spool_dir, "secret_key": SECRET, "web_concurrency": 2}
    urls = {"maintenance_database_url": pair.url}
    with closing(Proxy(pair.primary.url)) as proxy, serving(database_url=proxy.url, **urls, **settings) as server:
        world = World(pair, proxy, server, random.Random(seed))  # noqa: S311
        with Spooled(spool_dir) as spooled:
            with Load(server.url, pause=0.02) as load:
                harm(world, seconds)
            wait_until(lambda: not list(spool_dir.glob("*.journal")), 60)
    postgres = pair.primary
    for what, times in sorted(world.done.items()):
        say(f"{what}, times", times)
    say("requests", sum(load.statuses.values()))
    say("of these answered", load.statuses[200])
    say("of these without an answer, because their worker was killed", load.statuses[0])
    say("answers, one for each instance", len(load.answers))
    ((rows, ids),) = postgres.execute("SELECT count(*), count(DISTINCT id) FROM predictions")
    say("rows in PostgreSQL", rows)
    say("rows that were in the spool first", len(spooled.ids))
    bad = {
        "of these not moved to PostgreSQL": len(spooled.ids) - stored(spooled.ids, postgres),
        "requests with any other end": sum(load.statuses.values()) - load.statuses[200] - load.statuses[0],
        "rows that are there twice": rows - ids,
        "answers that are lost, or kept as something else": len(lost(load.answers, postgres))
        + len(wrong(load.answers)),
    }
    for what, count in bad.items():
        say(what, count)
    return not any(bad.values())


def stored(ids: set[str], postgres: Postgres) -> int:
    query = "SELECT count(DISTINCT id) FROM predictions WHERE id = ANY(%s::uuid[])"
    return int(postgres.execute(query, list(ids))[0][0])


def say(what: str, count: int) -> None:
    print(f"| {what} | {count} |")


def main(seconds: str = "600", seed: str = "") -> int:
    number = int(seed) if seed else random.randrange(10_000)  # noqa: S311
    print(f"For {seconds} seconds; with the same chances again: make soak SECONDS={seconds} SEED={number}", flush=True)
    print("\n| what | count |\n|---|---:|", flush=True)
    folder = Path(mkdtemp(prefix="scoredesk-soak-"))
    folder.chmod(0o755)
    # What was registered first is done last, after PostgreSQL has stopped.
    atexit.register(rmtree, folder, ignore_errors=True)
    return 0 if soak(folder, float(seconds), number) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
