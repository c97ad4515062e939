"""A prediction log apart from any app."""

from __future__ import annotations

from tests.conftest import SECRET
from webapp.config import Settings
from webapp.database.engines import recording_engine
from webapp.helpers.record_ids import RecordIds
from webapp.helpers.sealing import MacKey
from webapp.services.prediction_log import PredictionLog
from webapp.services.sealing.key_check import KeyCheck
from webapp.services.spool import Spool

KEY = MacKey(SECRET)


def a_log(database_url: str, spool: Spool | None = None) -> PredictionLog:
    """Give a log on this database, as the service has it."""
    engine = recording_engine(Settings(database_url=database_url))
    key_check = KeyCheck(engine=engine, secret=SECRET, public_key=lambda: None, spool=spool)
    return PredictionLog(
        reading=engine, recording=engine, spool=spool, key=KEY, key_check=key_check, ids=RecordIds(SECRET)
    )
