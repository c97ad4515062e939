"""webapp.services.prediction_log.explorer, on a real PostgreSQL"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, event, select, text

from tests.logs import a_log
from tests.unit.services.prediction_log.test_log import a_prediction
from webapp.database.engines import with_driver
from webapp.errors import AuditUnavailable, PredictionLogUnavailable, SearchTooSlow
from webapp.helpers.records.filters import Filter
from webapp.services.prediction_log import Explorer, ExplorerLimits, PredictionLog, windows
from webapp.services.prediction_log.conditions import TABLE, indexed, order
from webapp.services.prediction_log.explorer import _count
from webapp.types import Answer, Notice, Prediction, Status

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
CUT_ALL_OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()"""


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = create_engine(with_driver(database_url), connect_args={"options": "-c timezone=UTC"})
    yield engine
    engine.dispose()


#: By whom an export is asked for, and in which form; the audit log holds both.
BY = {"actor": "ada", "format": "csv"}


@pytest.fixture
def log(database_url: str) -> Iterator[PredictionLog]:
    log = a_log(database_url)
    yield log
    log.close()


@pytest.fixture
def explorer(engine: Engine) -> Explorer:
    return Explorer(engine)


def a_penguin(class_: object = "Adelie", time: datetime = NOON, sequence: int = 0, **other: Any) -> Prediction:
    return a_prediction(time, sequence, **{"answer": Answer(prediction=class_)} | other)


def all_of(explorer: Explorer, filter: Filter, limit: int = 50) -> list[list[Prediction]]:
    pages, cursor = [], None
    while not pages or cursor:
        page = explorer.page(filter, cursor, limit)
        pages.append(page.predictions)
        cursor = page.cursor
    return pages


@pytest.mark.parametrize("sought", [Filter(), Filter(class_="Adelie"), Filter(model="penguins", class_="Adelie")])
def test_it_pages_both_ways_across_months(
    explorer: Explorer, log: PredictionLog, sought: Filter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(windows, "FIRST_WINDOW_ROWS", 2)
    times = [datetime(2026, 9, 30, 23, tzinfo=UTC) + timedelta(hours=each) for each in range(4)]
    rows = [a_penguin(time=time, sequence=n) for time in times for n in range(2)]
    log.record(rows)
    assert all_of(explorer, sought, 3) == [rows[:4:-1], rows[4:1:-1], rows[1::-1]]
    oldest = Filter(model=sought.model, class_=sought.class_, oldest=True)
    assert all_of(explorer, oldest, 3) == [rows[:3], rows[3:6], rows[6:]]


@pytest.mark.parametrize(
    "filter",
    [
        Filter(model="other"),
        Filter(version="2"),
        Filter(channel="form"),
        Filter(class_="Gentoo"),
        Filter(inputs=(("a", "9"),)),
        Filter(inputs=(("b", "text"), ("d", "true"))),
        Filter(inputs=(("a", "> 8.5"),)),
        Filter(inputs=(("a", "8 to 9"), ("b", "text"))),
        Filter(actor="ada"),
        Filter(warnings=True),
        Filter(status="all", model="other"),
        Filter(since=date(2026, 11, 24)),
        Filter(model="other", status="answered"),
        Filter(since=date(2026, 11, 24), until=date(2026, 11, 24), class_="Gentoo", model="other", version="2"),
    ],
)
def test_it_finds_what_has_all_that_is_asked(explorer: Explorer, log: PredictionLog, filter: Filter) -> None:
    wanted = a_penguin(
        "Gentoo",
        datetime(2026, 11, 24, 23, 59, 59, tzinfo=UTC),
        model="other",
        version="2",
        channel="form",
        inputs={"a": 9.0, "b": "text", "d": True},
        actor="ada",
        warnings=(Notice(loc=("a",), msg="Far away."),),
    )
    log.record([a_penguin(warnings=()), wanted, a_penguin(sequence=1, warnings=())])
    assert explorer.page(filter).predictions == [wanted]


@pytest.mark.parametrize("value", [1, 1.0, "1"])
def test_an_input_is_found_whether_it_is_a_number_or_a_text(
    explorer: Explorer, log: PredictionLog, value: object
) -> None:
    wanted = a_penguin(inputs={"x": value})
    log.record([wanted, a_penguin(sequence=1, inputs={"x": 2}), a_penguin(sequence=2, inputs=None)])
    assert explorer.page(Filter(inputs=(("x", "1"),))).predictions == [wanted]


@pytest.mark.parametrize("other", ["> 5", "9", None, True, 5.0])
def test_a_range_finds_numbers_above_its_bound_and_the_text_itself(
    explorer: Explorer, log: PredictionLog, other: object
) -> None:
    wanted = a_penguin(inputs={"x": 5.5})
    log.record([wanted, a_penguin(sequence=1, inputs={"x": other}), a_penguin(sequence=2, inputs=None)])
    found = explorer.page(Filter(inputs=(("x", "> 5"),))).predictions
    assert found == ([log.get(a_penguin(sequence=1).id), wanted] if other == "> 5" else [wanted])


def test_a_case_is_found_by_the_end_of_its_id(explorer: Explorer, log: PredictionLog) -> None:
    one, other = a_penguin(), a_penguin(sequence=1)
    log.record([one, other])
    both = explorer.page(Filter(id=one.id.hex[-8:])).predictions
    assert one in both
    assert explorer.page(Filter(id="ffffffff")).predictions == []


def test_answers_are_counted_for_each_day_without_those_that_failed(explorer: Explorer, log: PredictionLog) -> None:
    failed = a_prediction(NOON, 1, status=Status.FAILED, answer=None)
    log.record([a_penguin(), failed, a_penguin(sequence=2, model="other")])
    for filter, count in ((Filter(status="answered"), 2), (Filter(status="answered", model="other"), 1), (Filter(), 3)):
        assert explorer.days(filter, NOON.date())[-1] == (NOON.date(), count)


def test_no_row_is_read_to_count_the_answers_of_a_day(engine: Engine, log: PredictionLog) -> None:
    log.record([a_penguin(sequence=each) for each in range(3)])
    day = Filter(status="answered", since=NOON.date(), until=NOON.date())
    compiled = _count(day).compile(engine, compile_kwargs={"literal_binds": True})
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM predictions")
        connection.exec_driver_sql("SET enable_seqscan = off")
        connection.exec_driver_sql("SET enable_bitmapscan = off")
        plan = "\n".join(connection.exec_driver_sql(f"EXPLAIN {compiled}").scalars())
    assert plan.count("Index Only Scan") == 3
    assert plan.count("Scan") == 3


def test_it_counts_what_was_not_answered_up_to_a_limit(
    explorer: Explorer, log: PredictionLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    rejected = [a_prediction(NOON, each, status=Status.REJECTED, answer=None) for each in range(3)]
    log.record(
        [*rejected, a_prediction(NOON, 4, status=Status.FAILED, answer=None, model="other"), a_penguin(sequence=5)]
    )
    assert explorer.unanswered(Filter(status="answered")) == {"rejected": 3, "failed": 1}
    assert explorer.unanswered(Filter(model="other")) == {"failed": 1}
    monkeypatch.setattr("webapp.services.prediction_log.explorer.MAX_COUNTED_UNANSWERED", 2)
    assert explorer.unanswered(Filter()) == {"rejected": 2, "failed": 1}


def test_it_gives_up_counting_what_was_not_answered(engine: Engine, log: PredictionLog) -> None:
    assert Explorer(engine, ExplorerLimits(unanswered=0)).unanswered(Filter()) is None


def test_it_counts_the_answers_of_a_regression_apart(explorer: Explorer, log: PredictionLog) -> None:
    log.record([a_penguin(each, sequence=n, model="mass") for n, each in enumerate((4.5, 4.0, 4.0))])
    log.record([a_penguin(7, sequence=5, model="whole")])
    counts = explorer.counts(Filter(), ["whole"])
    assert counts.numbers == {"mass": {4.5: 1, 4.0: 2}, "whole": {7.0: 1}}
    assert not counts.values["class"]


def test_a_blank_input_is_found_by_null(explorer: Explorer, log: PredictionLog) -> None:
    wanted = a_penguin(inputs={"x": None})
    log.record([wanted, a_penguin(sequence=1, inputs={"x": 0})])
    assert explorer.page(Filter(inputs=(("x", "null"),))).predictions == [wanted]


@pytest.mark.parametrize(("value", "class_"), [(1, "1"), (True, "true"), (["a", "b"], '["a","b"]')])
def test_an_answer_that_is_no_text_is_found_as_the_record_spells_it(
    explorer: Explorer, log: PredictionLog, value: object, class_: str
) -> None:
    wanted = a_penguin(value)
    log.record([wanted, a_penguin(sequence=1)])
    assert explorer.page(Filter(class_=class_)).predictions == [wanted]
    assert explorer.counts(Filter()).values["class"] == {class_: 1, "Adelie": 1}


def test_what_was_not_answered_is_found_by_an_index_of_its_own(engine: Engine, log: PredictionLog) -> None:
    log.record([a_penguin()])
    query = select(TABLE).where(*indexed(Filter(status="failed"))).order_by(*order(Filter())).limit(1)
    compiled = query.compile(engine, compile_kwargs={"literal_binds": True})
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        plan = "\n".join(connection.exec_driver_sql(f"EXPLAIN {compiled}").scalars())
    assert "status_created_at_id_idx" in plan


@pytest.mark.parametrize("model", [None, "penguins"])
def test_it_finds_the_few_that_failed(explorer: Explorer, log: PredictionLog, model: str | None) -> None:
    failed = a_prediction(status=Status.FAILED, answer=None)
    log.record([failed, a_penguin(sequence=1), a_prediction(NOON, 2, status=Status.REJECTED, answer=None)])
    assert explorer.page(Filter(status="failed", model=model)).predictions == [failed]
    assert explorer.page(Filter(status="failed", model="other")).predictions == []


def test_a_record_is_found_by_its_id_if_the_rest_fits_too(explorer: Explorer, log: PredictionLog) -> None:
    one, other = a_penguin(), a_penguin(sequence=1)
    log.record([one, other])
    assert explorer.page(Filter(id=one.id)).predictions == [one]
    assert explorer.page(Filter(id=one.id, model="penguins", status="answered")).predictions == [one]
    assert explorer.page(Filter(id=one.id, status="failed")).predictions == []


def test_when_time_is_up_it_tells_how_far_it_looked_and_goes_on_from_there(
    engine: Engine, log: PredictionLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(windows, "FIRST_WINDOW_ROWS", 10)
    monkeypatch.setattr(windows, "MAX_WINDOW_ROWS", 10)
    log.record([a_penguin("Dodo"), *(a_penguin(sequence=each) for each in range(1, 100))])
    # Each of ten windows takes a tenth of a second and more.
    _slow(engine, 0.05)
    explorer = Explorer(engine, ExplorerLimits(searching=0.7))
    page = explorer.page(Filter(class_="Dodo"))
    assert (page.predictions, page.looked_to) == ([], NOON)
    assert all_of(explorer, Filter(class_="Dodo"))[-1] == [a_penguin("Dodo")]


def test_it_says_so_when_there_is_no_time_for_anything(engine: Engine, log: PredictionLog) -> None:
    log.record([a_penguin()])
    with pytest.raises(SearchTooSlow):
        Explorer(engine, ExplorerLimits(searching=0)).page(Filter())


def test_postgresql_stops_what_takes_too_long(engine: Engine, log: PredictionLog) -> None:
    log.record([a_penguin()])
    with engine.begin() as connection, pytest.raises(windows.OutOfTime):
        windows.Deadline(0.2).run(connection, text("SELECT pg_sleep(5)"))


def test_it_counts_by_value(explorer: Explorer, log: PredictionLog) -> None:
    log.record([a_penguin("Adelie", sequence=each) for each in range(3)])
    log.record([a_penguin("Gentoo", sequence=3, channel="form"), a_penguin(4.5, sequence=4, model="mass")])
    counts = explorer.counts(Filter())
    assert counts.total == 5
    assert counts.values["class"] == {"Adelie": 3, "Gentoo": 1}
    assert counts.values["model"] == {"penguins": 4, "mass": 1}
    assert explorer.counts(Filter(class_="Gentoo")).values["channel"] == {"form": 1}


def test_it_gives_up_counting_when_that_takes_too_long(engine: Engine, log: PredictionLog) -> None:
    log.record([a_penguin()])
    hurried = Explorer(engine, ExplorerLimits(counting=0, by_day=0))
    assert hurried.counts(Filter()) is None
    assert hurried.days(Filter(), NOON.date()) == []


def test_it_counts_the_last_days(explorer: Explorer, log: PredictionLog) -> None:
    times = [NOON, NOON, NOON - timedelta(days=29), NOON - timedelta(days=30)]
    log.record([a_penguin(time=time, sequence=n) for n, time in enumerate(times)])
    days = explorer.days(Filter(), NOON.date())
    assert len(days) == 30
    assert (days[0], days[-1]) == ((date(2026, 10, 25), 1), (date(2026, 11, 23), 2))
    assert explorer.days(Filter(until=date(2026, 10, 24), since=date(2026, 10, 24)), NOON.date()) == [
        (date(2026, 10, 24), 1)
    ]


def test_an_export_gives_all_and_says_that_it_is_whole(explorer: Explorer, log: PredictionLog) -> None:
    log.record([a_penguin(sequence=each) for each in range(1500)])
    parts = list(explorer.export(Filter(), **BY))
    assert [len(part.predictions) for part in parts] == [1000, 500]
    assert (parts[-1].cursor, parts[-1].incomplete) == (None, None)


@pytest.mark.parametrize(
    ("patience", "sentence"),
    [
        (ExplorerLimits(exported_rows=1200), "Incomplete: an export holds up to 1200 predictions."),
        (ExplorerLimits(exporting=0.0), "Incomplete: an export takes up to 0 seconds."),
    ],
)
def test_an_export_that_is_cut_says_so_and_where_to_go_on(
    engine: Engine, log: PredictionLog, patience: ExplorerLimits, sentence: str
) -> None:
    log.record([a_penguin(sequence=each) for each in range(1500)])
    parts = list(Explorer(engine, patience).export(Filter(), **BY))
    assert parts[-1].incomplete == sentence
    rest = list(Explorer(engine).export(Filter(), parts[-1].cursor, **BY))
    assert sum(len(part.predictions) for part in parts + rest) == 1500


def test_an_export_of_exactly_as_many_as_it_may_hold_is_whole(engine: Engine, log: PredictionLog) -> None:
    log.record([a_penguin(sequence=each) for each in range(1200)])
    parts = list(Explorer(engine, ExplorerLimits(exported_rows=1200)).export(Filter(), **BY))
    assert parts[-1].incomplete is None


def test_an_export_says_so_when_postgresql_goes_away(engine: Engine, log: PredictionLog) -> None:
    log.record([a_penguin(sequence=each) for each in range(1500)])
    parts = Explorer(engine).export(Filter(), **BY)
    first = next(parts)

    with log._reading.connect() as another:
        another.execute(text(CUT_ALL_OTHERS))
    (last,) = parts
    assert (last.cursor, last.incomplete) == (first.cursor, "Incomplete: the database stopped answering.")


def test_it_says_when_postgresql_cant_be_reached() -> None:
    nowhere = Explorer(create_engine("postgresql+psycopg://x@127.0.0.1:9/x"))
    for call in (nowhere.page, nowhere.counts):
        with pytest.raises(PredictionLogUnavailable):
            call(Filter())
    with pytest.raises(AuditUnavailable):
        next(nowhere.export(Filter(), **BY))


def _slow(engine: Engine, seconds: float) -> None:
    """Let each statement about predictions wait a little before it runs."""

    @event.listens_for(engine, "before_cursor_execute")
    def wait(_connection: Any, cursor: Any, statement: str, *_rest: Any) -> None:
        if "FROM predictions" in statement:
            cursor.connection.execute("SELECT pg_sleep(%s)", (seconds,))
