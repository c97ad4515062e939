"""The ids of records: UUIDs of version 7 whose last two bytes show that this installation made them."""

from __future__ import annotations

import os
import time
from hashlib import blake2b
from threading import Lock
from uuid import UUID

from webapp.helpers.sealing.derived_keys import derive_key
from webapp.helpers.uuid7 import SEQUENCE_SIZE, uuid7_int

#: One in 65,536 ids that were made elsewhere has the right tag by chance.
TAG_SIZE = 2
TAG_BITS = 8 * TAG_SIZE
ID_SIZE = 16
#: Random bytes of each id; together with the random begin of the sequence, 57 bits differ between two processes.
RANDOM_SIZE = 6
RANDOM_BITS = 46
#: A clock that was set back by more than this many milliseconds is followed.
DRIFT_MILLISECONDS = 1000


class RecordIds:
    """Makes ids, and tells ids that any host with the same secret key made from all others.

    The ids of one process rise, and are distinct, as long as its clock is not set back.
    """

    def __init__(self, secret: str) -> None:
        # Copying what the key alone decides takes less time than beginning anew.
        self._begun = blake2b(key=derive_key("ids of records", secret), digest_size=TAG_SIZE)
        self._lock = Lock()
        self._last = 0

    def make(self, count: int) -> list[UUID]:
        """Make the ids of the predictions of one request, in their order."""
        random = os.urandom(RANDOM_SIZE * count + 2)
        first = self._reserve(count, int.from_bytes(random[-2:]) % (SEQUENCE_SIZE // 2))
        return [
            self._tagged(*divmod(first + index, SEQUENCE_SIZE), random[RANDOM_SIZE * index : RANDOM_SIZE * (index + 1)])
            for index in range(count)
        ]

    def is_issued(self, id: UUID) -> bool:
        """Return whether a host with this secret key made the id; ids of older releases have no tag."""
        data = id.bytes
        return self._tag(data[:-TAG_SIZE]) == data[-TAG_SIZE:]

    def _reserve(self, count: int, start: int) -> int:
        """Return the place of the first id in time: its millisecond and its place within that, as one number."""
        now = time.time_ns() // 1_000_000
        first = now * SEQUENCE_SIZE + start
        with self._lock:
            if first <= self._last < (now + DRIFT_MILLISECONDS) * SEQUENCE_SIZE:
                first = self._last + 1
            self._last = first + count - 1
        return first

    def _tagged(self, milliseconds: int, sequence: int, random: bytes) -> UUID:
        randomness = (int.from_bytes(random) & (1 << RANDOM_BITS) - 1) << TAG_BITS
        value = uuid7_int(milliseconds, sequence, randomness)
        return UUID(int=value | int.from_bytes(self._tag((value >> TAG_BITS).to_bytes(ID_SIZE - TAG_SIZE))))

    def _tag(self, data: bytes) -> bytes:
        code = self._begun.copy()
        code.update(data)
        return code.digest()
