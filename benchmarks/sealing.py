"""Measure what sealing costs: python benchmarks/sealing.py [rows] [rounds]

Records rows with salts, codes and numbers as the service does, and without them, in turn, in two databases of one
PostgreSQL with fsync on. Then records, seals and verifies the given number of rows. Prints medians and ratios.
"""

from __future__ import annotations

import atexit
import os
import resource
import secrets
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

import orjson
import psycopg
from flask_migrate import upgrade
from report import markdown_table, surroundings
from sqlalchemy import Engine

sys.path.insert(0, str(Path(__file__).parents[1]))

from webapp import create_app
from webapp.config import Settings
from webapp.database import embedded
from webapp.database.engines import maintenance_engine, recording_engine
from webapp.helpers.records.row import encode
from webapp.helpers.sealing import MacKey
from webapp.helpers.uuid7 import time_of, uuid7
from webapp.services.prediction_log.inserting import INSERT, INSERTED
from webapp.services.sealing import Copies, LastHead, Sealer
from webapp.types import Answer, Prediction, Status

KEY = MacKey("a secret of the benchmark")
BATCHES = (1, 32)
CHUNK = 500
EVIDENCE = ("salt", "mac")
BARE_COLUMNS = {name: kind for name, kind in INSERTED.items() if name not in EVIDENCE}
BARE = INSERT.replace(", ".join(INSERTED), ", ".join(BARE_COLUMNS)).replace(
    ", ".join(f"{name} {kind}" for name, kind in INSERTED.items()),
    ", ".join(f"{name} {kind}" for name, kind in BARE_COLUMNS.items()),
)
Record = Callable[[Sequence[Prediction]], None]


def main(rows: int, rounds: int) -> None:
    folder = Path(mkdtemp(prefix="scoredesk-benchmark-"))
    # atexit runs this last, after PostgreSQL has stopped.
    atexit.register(rmtree, folder, ignore_errors=True)
    server = embedded.start(folder / "postgres")
    bare = _database(server, "bare", "0006")
    sealed = _database(server, "sealed", "head")
    print(surroundings("psycopg", "orjson", "cryptography"), end="\n\n")
    columns = ["recording", "rows/s without", "rows/s with", "time ratio", "CPU µs/row without", "CPU µs/row with"]
    print(markdown_table(columns, _recording(bare, sealed, rounds), words=1), end="\n\n")
    columns = ["step", "rows", "seconds", "rows/s", "memory MB"]
    print(markdown_table(columns, _steps(sealed, rows, folder), words=1))


def _database(server: str, name: str, revision: str) -> str:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    before, _, options = server.partition("?")
    url = f"{before.rsplit('/', 1)[0]}/{name}?{options}"
    with create_app(Settings(database_url=url, secret_key="a secret of the benchmark")).app_context():  # noqa: S106
        upgrade(revision=revision)
    return url


def _recording(bare: str, sealed: str, rounds: int) -> Iterator[list[str]]:
    methods = {
        "without": _recorder(_engine(bare), BARE, _bare_row),
        "with": _recorder(_engine(sealed), INSERT, lambda prediction: encode(prediction, KEY)),
    }
    for count in BATCHES:
        wall, cpu = defaultdict(list), defaultdict(list)
        for _ in range(rounds):
            for name, record in methods.items():
                predictions = [_prediction() for _ in range(count)]
                began = time.perf_counter(), time.process_time()
                record(predictions)
                wall[name].append((time.perf_counter() - began[0]) * 1e3)
                cpu[name].append((time.process_time() - began[1]) * 1e6 / count)
        without, with_seals = (statistics.median(wall[name]) for name in methods)
        title = f"{count} row{'s'[: count != 1]} at once"
        speeds = [f"{count / milliseconds * 1e3:,.0f}" for milliseconds in (without, with_seals)]
        cpu_times = [f"{statistics.median(cpu[name]):.0f}" for name in methods]
        yield [title, *speeds, f"{with_seals / without:.2f}", *cpu_times]


def _engine(url: str) -> Engine:
    return recording_engine(Settings(database_url=url))


def _recorder(engine: Engine, statement: str, row_of: Callable[[Prediction], bytes]) -> Record:
    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT make_predictions_partition(CURRENT_DATE)")

    def record(predictions: Sequence[Prediction]) -> None:
        document = f"[{b','.join(map(row_of, predictions)).decode()}]"
        pooled = engine.raw_connection()
        try:
            pooled.cursor().execute(statement, (document,))
        finally:
            pooled.close()

    return record


def _bare_row(prediction: Prediction) -> bytes:
    """Encode a row as the service did before it had seals."""
    assert prediction.answer is not None  # noqa: S101
    output = {"prediction": prediction.answer.prediction, "probabilities": prediction.answer.probabilities}
    row = {name: getattr(prediction, name) for name in BARE_COLUMNS if name not in ("output", "warnings")}
    return orjson.dumps(row | {"output": output, "warnings": []})


def _steps(url: str, rows: int, folder: Path) -> Iterator[list[str]]:
    engine = maintenance_engine(Settings(database_url=url))
    sealer = Sealer(
        engine=engine,
        mac_key=KEY,
        read_secret=lambda: secrets.token_hex(32),
        copies=Copies(None, folder),
        last_head=LastHead(folder, engine.url),
    )
    record = _recorder(_engine(url), INSERT, lambda prediction: encode(prediction, KEY))
    sealer.seal()
    with _timed() as taken:
        for _ in range(0, rows, CHUNK):
            record([_prediction() for _ in range(CHUNK)])
    yield _line("record, 500 rows at once", rows, taken)
    with _timed() as taken:
        sealed = sealer.seal()
    yield _line("seal", sealed.predictions, taken)
    with _timed() as taken:
        verifier = sealer.verifier()
        problems = list(verifier.problems())
    assert not problems  # noqa: S101
    yield _line("verify", verifier.counts["sealed"], taken)


@contextmanager
def _timed() -> Iterator[list[float]]:
    taken: list[float] = []
    began = time.perf_counter()
    yield taken
    taken.append(time.perf_counter() - began)


def _line(title: str, rows: int, taken: list[float]) -> list[str]:
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [title, f"{rows:,}", f"{taken[0]:.1f}", f"{rows / taken[0]:,.0f}", f"{memory:.0f}"]


def _prediction() -> Prediction:
    id = uuid7(time.time_ns() // 1_000_000, 0, int.from_bytes(os.urandom(8)))
    shares = {"Adelie": 0.30790139691203666, "Chinstrap": 0.6855378336381592, "Gentoo": 0.006560769449804104}
    return Prediction(
        id=id,
        created_at=time_of(id),
        model="penguins",
        version="85504299bbcd",
        digest="c3bcbc495ff8a0ddb7a78afad626b19f65d54292395f325599ff905b3d0bd930",
        channel="json",
        request_id=id.hex,
        status=Status.ANSWERED,
        inputs={"bill_length_mm": 46.5, "bill_depth_mm": 17.9, "flipper_length_mm": 192.0, "island": "Dream"},
        answer=Answer(prediction="Chinstrap", probabilities=shares),
        duration=0.0123,
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000, int(sys.argv[2]) if len(sys.argv) > 2 else 300)
