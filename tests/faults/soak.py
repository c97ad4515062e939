"""Harms the service at random for minutes, and counts what became of every answer: `make soak`."""

from __future__ import annotations

import atexit
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory, mkdtemp

import joblib
import psycopg
from sqlalchemy import NullPool, create_engine

from tests.conftest import SECRET
from tests.faults.load import Load, lost, save_sums, wrong
from tests.faults.postgres import Postgres, wait_until, with_tables
from tests.faults.proxy import Cut, Proxy
from tests.faults.spooled import Spooled
from tests.faults.standby import Pair
from tests.pgbouncer import pgbouncer_before
from tests.serving import Serving, serving
from tests.versions.estimators import digest
from webapp.database.engines import with_driver
from webapp.services.model_store.history import VersionHistory


@dataclass
class World:
    """All that can be harmed."""

    pair: Pair
    #: The way of each host to PostgreSQL, and the host.
    proxies: list[Proxy]
    servers: list[Serving]
    models: Path
    random: random.Random
    #: How often each was done.
    done: Counter[str] = field(default_factory=Counter)

    @property
    def postgres(self) -> Postgres:
        """The server that takes writes now."""
        return self.pair.primary

    def sleep(self, least: float, most: float) -> None:
        time.sleep(self.random.uniform(least, most))

    def lead_to(self, url: str) -> None:
        """Connect all hosts to this address from now on."""
        for proxy in self.proxies:
            proxy.lead_to(url)

    def drop_all(self) -> None:
        """Cut all connections of all hosts."""
        for proxy in self.proxies:
            proxy.drop_all()

    def kill_workers(self) -> None:
        """Kill some of the workers of all hosts, or all of them."""
        workers = [worker for server in self.servers for worker in server.workers]
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
            world.lead_to(url)
            world.drop_all()
            yield
        world.lead_to(world.postgres.url)
        world.drop_all()


@contextmanager
def promoted(world: World) -> Iterator[None]:
    world.pair.primary.kill()
    world.sleep(0, 4)
    world.pair.promote()
    world.lead_to(world.postgres.url)
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
    proxy = world.random.choice(world.proxies)
    proxy.cut, proxy.share = world.random.choice(list(Cut)), world.random.choice([0.1, 0.5, 1.0])
    yield
    proxy.cut = None


@contextmanager
def cut_off(world: World) -> Iterator[None]:
    proxy = world.random.choice(world.proxies)
    proxy.go_down()
    yield
    proxy.is_down = False


@contextmanager
def model_promoted(world: World) -> Iterator[None]:
    engine = create_engine(with_driver(world.postgres.url), poolclass=NullPool)
    for version in world.random.choices("12", k=5):
        path = world.models / "sum" / f"{version}.joblib"
        VersionHistory(engine).promote("sum", version, digest(path), "the soak test")
        world.sleep(0, 0.5)
    yield


@contextmanager
def dropped(world: World) -> Iterator[None]:
    for _ in range(20):
        world.drop_all()
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
    "one of two hosts cut off from PostgreSQL": cut_off,
    "versions of the model promoted": model_promoted,
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


def save_versions(models: Path) -> None:
    """Save two versions of the model, which give the same answers."""
    bare = save_sums(models) / "sum.joblib"
    (models / "sum").mkdir()
    joblib.dump(joblib.load(bare), models / "sum" / "1.joblib", compress=1)
    bare.rename(models / "sum" / "2.joblib")


def soak(folder: Path, seconds: float, seed: int) -> bool:
    """Harm two hosts, and tell whether nothing is lost."""
    spools = [folder / "one" / "spool", folder / "two" / "spool"]
    models, databases = folder / "models", folder / "servers"
    models.mkdir()
    databases.mkdir()
    pair = Pair(with_tables(databases), databases)
    # A killed one is not stopped by any other means.
    atexit.register(pair.stop)
    save_versions(models)
    # Few threads, because the servers take 60 connections.
    settings = {"models_dir": models, "secret_key": SECRET, "web_concurrency": 2, "threads": 4}
    with ExitStack() as stack:
        proxies = [stack.enter_context(closing(Proxy(pair.primary.url))) for _ in spools]
        servers = [
            stack.enter_context(
                serving(database_url=proxy.url, maintenance_database_url=pair.url, spool_dir=spool, **settings)
            )
            for proxy, spool in zip(proxies, spools, strict=True)
        ]
        spooled = [stack.enter_context(Spooled(spool)) for spool in spools]
        with ExitStack() as clients:
            loads = [clients.enter_context(Load(server.url, clients=4, pause=0.02)) for server in servers]
            world = World(pair, proxies, servers, models, random.Random(seed))  # noqa: S311
            harm(world, seconds)
        wait_until(lambda: not [journal for spool in spools for journal in spool.glob("*.journal")], 60)
    return report(world.done, loads, set.union(*(each.ids for each in spooled)), pair.primary)


def report(done: Counter[str], loads: list[Load], spooled: set[str], postgres: Postgres) -> bool:
    """Print what became of every answer, and tell whether nothing is lost."""
    statuses, answers = Counter[int](), [answer for load in loads for answer in load.answers]
    for load in loads:
        statuses.update(load.statuses)
    for what, times in sorted(done.items()):
        say(f"{what}, times", times)
    say("requests", statuses.total())
    say("of these answered", statuses[200])
    say("of these without an answer, because their worker was killed", statuses[0])
    say("answers, one for each instance", len(answers))
    ((rows, ids, versions),) = postgres.execute(
        "SELECT count(*), count(DISTINCT id), count(DISTINCT version) FROM predictions"
    )
    say("versions that answered", versions)
    say("rows in PostgreSQL", rows)
    say("rows that were in a spool first", len(spooled))
    bad = {
        "of these not moved to PostgreSQL": len(spooled) - stored(spooled, postgres),
        "requests with any other end": statuses.total() - statuses[200] - statuses[0],
        "rows that are there twice": rows - ids,
        "answers that are lost, or kept as something else": len(lost(answers, postgres)) + len(wrong(answers)),
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
