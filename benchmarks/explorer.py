"""Measure the pages of /predictions over a year of predictions: ``explorer.py [rows]``

Fills a new PostgreSQL, with tables made by the project's migrations, and runs the queries of each kind of
page. Prints how long each page takes, and how PostgreSQL executed its slowest statement. Ten million rows
need about 7 GB of disk, which are freed at the end.
"""

from __future__ import annotations

import atexit
import re
import shutil
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from uuid import UUID

from flask_migrate import upgrade
from report import markdown_table, surroundings
from sqlalchemy import Connection, Engine, create_engine, event, text

sys.path.insert(0, str(Path(__file__).parents[1]))

from webapp import create_app
from webapp.config import Settings
from webapp.database import embedded
from webapp.database.engines import with_driver
from webapp.helpers.records.filter_values import case_number
from webapp.helpers.records.filters import Filter
from webapp.services.prediction_log import Explorer
from webapp.services.prediction_log.explorer import Part

MONTHS = 12
#: A node of a query plan, without its table.
NODE = re.compile(r"(?:\s*->  )?([A-Z][\w ]+?(?: using \w+)?)(?: on \w+(?: \w+)?)?  \(")
BYTES_PER_ROW = 700
TODAY = datetime.now(UTC).date()
Statements = list[tuple[str, Any]]

# PostgreSQL itself makes the rows, month by month. There are three models, one of which is rarely used. One input in
# a hundred is rejected, and one prediction in five hundred fails. One body_mass_g in half a million is 9999.
FILL = """
INSERT INTO predictions (created_at, id, model, version, digest, channel, actor, request_id, status, inputs, output,
                         warnings, duration)
SELECT at, (lpad(to_hex(ms), 12, '0') || '7' || lpad(to_hex(n % 4096), 3, '0') || '8' || left(md5(n::text), 15))::uuid,
       model, model || '-' || extract(quarter FROM at), repeat(md5(model), 2),
       CASE WHEN n % 5 = 0 THEN 'form' ELSE 'json' END,
       CASE WHEN n % 5 = 0 THEN 'ada' ELSE 'key:nightly' END, md5(n::text), status,
       CASE WHEN status = 'rejected' THEN NULL ELSE jsonb_build_object(
           'bill_length_mm', round((35 + 25 * chance)::numeric, 1), 'bill_depth_mm', 17.9, 'flipper_length_mm', 192,
           'body_mass_g', CASE WHEN n % 500000 = 7 THEN 9999 ELSE 2700 + n % 3600 END,
           'island', (ARRAY['Biscoe', 'Dream', 'Torgersen'])[1 + n % 3], 'sex', NULL) END,
       CASE WHEN status = 'answered' THEN json_build_object(
           'prediction',
           CASE WHEN model = 'penguin-mass' THEN to_json(round((3000 + 3000 * chance)::numeric, 3))
           ELSE to_json((ARRAY['Adelie', 'Chinstrap', 'Gentoo'])[1 + floor(3 * chance * chance)::int]) END,
           'probabilities', CASE WHEN model = 'penguin-mass' THEN NULL ELSE json_build_object(
               'Adelie', 0.30790139691203666, 'Chinstrap', 0.6855378336381592, 'Gentoo', 0.006560769449804104) END)
       ELSE '{"errors": [{"loc": ["inputs"], "msg": "No."}]}' END,
       CASE WHEN n % 50 = 7 THEN '[{"loc": ["body_mass_g"], "msg": "Far away."}]'::jsonb ELSE '[]' END, 0.0123
FROM (SELECT n, chance, timestamptz 'epoch' + ms * interval '1 millisecond' AS at, ms,
             CASE WHEN n % 100 = 1 THEN 'strokes' WHEN n % 10 < 7 THEN 'penguins' ELSE 'penguin-mass' END AS model,
             CASE WHEN n % 500 = 3 THEN 'failed' WHEN n % 100 = 4 THEN 'rejected' ELSE 'answered' END AS status
      FROM (SELECT n, random() AS chance, CAST(:first + (n - :low) * CAST(:apart AS float8) AS bigint) AS ms
            FROM generate_series(CAST(:low AS bigint), CAST(:high AS bigint)) AS n) AS numbered) AS drawn
"""


def main(rows: int) -> None:
    folder = Path(mkdtemp(prefix="scoredesk-benchmark-"))
    # atexit runs this last, after PostgreSQL has stopped.
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    if shutil.disk_usage(folder).free < 1.5 * rows * BYTES_PER_ROW:
        sys.exit(f"{folder} has too little space: {rows} rows need about {1.5 * rows * BYTES_PER_ROW / 1e9:.0f} GB.")
    engine = _database(folder)
    print(surroundings("psycopg", "sqlalchemy"), end="\n\n")
    print(_fill(engine, rows), end="\n\n")
    cells = [_measure(engine, name, query) for name, query in queries(Explorer(engine), engine).items()]
    print(markdown_table(["query", "first ms", "again ms", "statements", "plan"], cells, words=1))


def queries(explorer: Explorer, engine: Engine) -> dict[str, Callable[[], object]]:
    """Return the queries of each kind of page, by name."""
    oldest = explorer.page(Filter(oldest=True), limit=1).predictions[0]
    middle = TODAY - timedelta(days=180)
    filters = {
        "newest": Filter(),
        "answered": Filter(status="answered"),
        "answered, model": Filter(status="answered", model="penguins"),
        "oldest": Filter(oldest=True),
        "model": Filter(model="penguins"),
        "rare model": Filter(model="strokes"),
        "unknown model": Filter(model="dragons"),
        "version of nine months ago": Filter(version=f"penguins-{_quarter(TODAY - timedelta(days=270))}"),
        "channel": Filter(channel="form"),
        "status failed": Filter(status="failed"),
        "status failed, rare model": Filter(status="failed", model="strokes"),
        "class": Filter(class_="Gentoo"),
        "unknown class": Filter(class_="Dodo"),
        "common input": Filter(inputs=(("island", "Dream"),)),
        "rare input": Filter(inputs=(("body_mass_g", "9999"),)),
        "unknown input": Filter(inputs=(("body_mass_g", "1"),)),
        "range of an input": Filter(inputs=(("body_mass_g", "> 6000"),)),
        "range of an input that is not there": Filter(inputs=(("body_mass_g", "> 99999"),)),
        "who": Filter(actor="ada"),
        "unknown who": Filter(actor="grace"),
        "with warnings": Filter(warnings=True, status="answered"),
        "number of a case": Filter(id=case_number(oldest.id)),
        "one day": Filter(since=middle, until=middle),
        "input in one month": Filter(inputs=(("body_mass_g", "1"),), since=middle, until=middle + timedelta(days=30)),
        "id": Filter(id=oldest.id),
    }
    by_name: dict[str, Callable[[], object]] = {}
    for name, filter in filters.items():
        by_name[f"page: {name}"] = lambda filter=filter: explorer.page(filter)
    by_name["page: last"] = lambda: explorer.page(Filter(), _id_near_the_end(engine))
    for name in ("answered", "answered, model", "rare input"):
        by_name[f"what was not answered: {name}"] = lambda filter=filters[name]: explorer.unanswered(filter)
    answers = ("answered", "answered, model")
    for name in ("newest", "model", *answers, "status failed", "class", "rare input", "unknown input"):
        by_name[f"counts by value: {name}"] = lambda filter=filters[name]: explorer.counts(filter)
        by_name[f"counts by day: {name}"] = lambda filter=filters[name]: explorer.days(filter, TODAY)
    for name in ("newest", "model", "rare input"):
        by_name[f"export, first part: {name}"] = lambda filter=filters[name]: next(_export(explorer, filter))
    by_name["export, 100,000 rows: newest"] = lambda: deque(_export(explorer, Filter()), maxlen=0)
    return by_name


def _export(explorer: Explorer, filter: Filter) -> Iterator[Part]:
    return explorer.export(filter, actor=None, format="csv")


def _database(folder: Path) -> Engine:
    url = embedded.start(folder / "postgres")
    app = create_app(Settings(database_url=url, instance_dir=folder, models_dir=folder))
    with app.app_context():
        upgrade()
    return create_engine(with_driver(url), connect_args={"options": "-c timezone=UTC"})


def _fill(engine: Engine, rows: int) -> str:
    began = time.perf_counter()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ALTER SYSTEM SET max_wal_size = '8GB'"))
        connection.execute(text("SELECT pg_reload_conf()"))
        for low, high, first, apart in _months(rows):
            month = datetime.fromtimestamp(first / 1000, UTC).date()
            connection.execute(text("SELECT make_predictions_partition(:month)"), {"month": month})
            connection.execute(text(FILL), {"low": low, "high": high, "first": first, "apart": apart})
        connection.execute(text("VACUUM (ANALYZE) predictions"))
        return f"{rows:,} rows in {time.perf_counter() - began:.0f} s. {_sizes(connection)}"


def _months(rows: int) -> Iterator[tuple[int, int, int, float]]:
    """Yield, for each month: numbers of its first and last row, its first millisecond, milliseconds between rows."""
    starts = [TODAY.replace(day=1)]
    while len(starts) < MONTHS:
        starts.append((starts[-1] - timedelta(days=1)).replace(day=1))
    ends = [datetime.now(UTC).timestamp(), *map(_seconds, starts)]
    whole = ends[0] - _seconds(starts[-1])
    low = 0
    for start, end in reversed(list(zip(map(_seconds, starts), ends, strict=False))):
        count = int(rows * (end - start) / whole)
        yield low, low + count - 1, int(start * 1000), (end - start) * 1000 / count
        low += count


def _seconds(day: date) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()


def _sizes(connection: Connection) -> str:
    query = """
        SELECT regexp_replace(i.relname, '^predictions_\\d+_', ''), sum(pg_relation_size(i.oid)) / 1e6
        FROM pg_index JOIN pg_class i ON i.oid = indexrelid JOIN pg_class t ON t.oid = indrelid
        WHERE t.relname ~ '^predictions_\\d+$' GROUP BY 1 ORDER BY 1"""
    indexes = ", ".join(f"{name} {size:,.0f} MB" for name, size in connection.execute(text(query)))
    table = connection.execute(
        text("SELECT sum(pg_table_size(oid)) / 1e6 FROM pg_class WHERE relname ~ '^predictions_\\d+$'")
    ).scalar_one()
    return f"Table {table:,.0f} MB; indexes: {indexes}."


def _id_near_the_end(engine: Engine) -> UUID:
    with engine.connect() as connection:
        query = "SELECT id FROM predictions ORDER BY created_at, id OFFSET 20 LIMIT 1"
        return connection.execute(text(query)).scalar_one()


def _measure(engine: Engine, name: str, query: Callable[[], object]) -> list[str]:
    with _recorded(engine) as statements:
        first = _time(query)
    slowest = max((_plan(engine, *each) for each in statements), key=lambda plan: plan[0])
    return [name, f"{first * 1e3:.1f}", f"{_time(query) * 1e3:.1f}", str(len(statements)), slowest[1]]


def _time(query: Callable[[], object]) -> float:
    began = time.perf_counter()
    query()
    return time.perf_counter() - began


@contextmanager
def _recorded(engine: Engine) -> Iterator[Statements]:
    """Yield the list of statements about predictions, filled while the block runs."""
    statements: Statements = []

    def record(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if "predictions" in statement:
            statements.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", record)
    yield statements
    event.remove(engine, "before_cursor_execute", record)


def _plan(engine: Engine, statement: str, parameters: Any) -> tuple[float, str]:
    """Return how many milliseconds a statement takes, and its plan's nodes and pages."""
    with engine.connect() as connection:
        lines = list(connection.exec_driver_sql(f"EXPLAIN (ANALYZE, BUFFERS) {statement}", parameters).scalars())
    milliseconds = float(lines[-1].removeprefix("Execution Time: ").removesuffix(" ms"))
    nodes = [NODE.match(line) for line in lines if "actual" in line]
    names = dict.fromkeys(re.sub(r"predictions_\d+_", "", node[1]) for node in nodes if node)
    buffers = next((sum(map(int, re.findall(r"(?:hit|read)=(\d+)", line))) for line in lines if "Buffers" in line), 0)
    return milliseconds, f"{' < '.join(names)}; {buffers:,} pages{_full_scan(lines)}"


def _full_scan(lines: list[str]) -> str:
    """Return a warning if a whole partition is read."""
    for line, following in pairwise(lines):
        if "Seq Scan" in line and "actual" in line and ("rows=0" not in line or "Removed" in following):
            return "; **READS A WHOLE PARTITION**"
    return ""


def _quarter(day: date) -> int:
    return (day.month + 2) // 3


if __name__ == "__main__":
    main(int(sys.argv[1].replace("_", "")) if len(sys.argv) > 1 else 10_000_000)
