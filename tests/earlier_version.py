"""What a version of before there were codes and seals did, kept here as it did it."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from uuid import UUID
from zlib import crc32

import psycopg

from tests.faults.rows import an_id
from webapp.helpers.uuid7 import time_of

#: The last revision of its tables.
REVISION = "0006"
INSERT = (
    "INSERT INTO predictions (created_at, id, model, version, digest, channel, actor, request_id, status, inputs, "
    "output, warnings, duration) SELECT created_at, id, model, version, digest, channel, actor, request_id, status, "
    "inputs, output, warnings, duration FROM json_to_recordset(%s::json) AS row (created_at timestamptz, id uuid, "
    "model text, version text, digest text, channel text, actor text, request_id text, status text, inputs jsonb, "
    "output json, warnings jsonb, duration float8) ON CONFLICT DO NOTHING"
)
# Over three months, the last of which began a moment ago: PostgreSQL makes the rows, with ids that hold their time.
FILL = """
    INSERT INTO predictions (created_at, id, model, version, digest, channel, request_id, status, inputs, output,
                             warnings, duration)
    SELECT timestamptz 'epoch' + ms * interval '1 millisecond',
           (lpad(to_hex(ms), 12, '0') || '7' || lpad(to_hex(n %% 4096), 3, '0') || '8' || left(md5(n::text), 15))::uuid,
           'sum', '85504299bbcd', repeat('ab', 32), 'json', 'r',
           CASE WHEN n %% 50 = 0 THEN 'failed' ELSE 'answered' END,
           jsonb_build_object('x0', n, 'x1', 0.5), '{"prediction": 1.5, "probabilities": null}', '[]', 0.0001
    FROM (SELECT n, ((extract(epoch FROM now()) - 60 * 86400 * (1 - n / %(rows)s::float8)) * 1000)::bigint AS ms
          FROM generate_series(1, %(rows)s) AS n) AS numbered"""
MAKE_PARTITIONS = """
    SELECT make_predictions_partition((now() AT TIME ZONE 'UTC' - months * interval '1 month')::date)
    FROM generate_series(-1, 3) AS months"""


def fill(url: str, rows: int) -> None:
    """Insert as many rows as two months saw."""
    with psycopg.connect(url) as connection:
        connection.execute(MAKE_PARTITIONS)
        connection.execute(FILL, {"rows": rows})


def row(id: UUID) -> str:
    """Return a row of JSON; every second row was refused, and so has neither inputs nor warnings."""
    created_at = time_of(id).isoformat(timespec="microseconds")
    begins = (
        f'{{"id":"{id}","created_at":"{created_at}","model":"sum","version":"85504299bbcd",'
        f'"digest":"{"ab" * 32}","channel":"json","actor":null,"request_id":"r-1",'
    )
    if id.int % 2:
        return begins + (
            '"status":"rejected","inputs":null,"output":{"errors":[{"loc":["x0"],"msg":"No."}]},'
            '"warnings":[],"duration":0.000123}'
        )
    return begins + (
        '"status":"answered","inputs":{"x0":1.0,"x1":0.5},"output":{"prediction":1.5,"probabilities":null},'
        '"warnings":[{"loc":["x0"],"msg":"Never met."}],"duration":0.000123}'
    )


def line(row: str) -> bytes:
    """Return the line of the spool for a row."""
    return b"%08x %b\n" % (crc32(row.encode()), row.encode())


class Host:
    """A host that records a prediction again and again while the block runs: in PostgreSQL or else in its spool."""

    def __init__(self, url: str, spool: Path) -> None:
        self._url = url
        self._journal = spool / "01a228a4-4e3c-799c-8468-52b22ef39bd4.journal"
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.is_cut_off = False
        self.recorded: list[UUID] = []
        self.spooled: list[UUID] = []

    def __enter__(self) -> Host:
        self._journal.parent.mkdir(parents=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join(timeout=60)

    def _run(self) -> None:
        while not self._done.wait(0.005):
            self._record(an_id())

    def _record(self, id: UUID) -> None:
        try:
            if self.is_cut_off:
                raise psycopg.OperationalError
            with psycopg.connect(self._url, autocommit=True, options="-c statement_timeout=2s") as connection:
                connection.execute(INSERT, (json.dumps([json.loads(row(id))]),))
            self.recorded.append(id)
        except psycopg.OperationalError:
            with self._journal.open("ab") as journal:
                journal.write(line(row(id)))
            self.spooled.append(id)
            time.sleep(0.02)
