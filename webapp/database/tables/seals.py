"""The table of seals."""

from __future__ import annotations

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database.base import Base


class SealRecord(Base):
    """One row for each seal, a signed statement of the log's contents; rows are added, never changed."""

    __tablename__ = "seals"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    #: The signed statement, as text, so that every byte of it is kept.
    head: Mapped[str]
    signature: Mapped[bytes]
    #: The id and the digest of each row, in their order: 48 bytes a row.
    predictions: Mapped[bytes]
    audit_events: Mapped[bytes]
    #: The ids of rows whose code was wrong: 16 bytes each.
    unproven: Mapped[bytes]
