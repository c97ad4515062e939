"""The parent of all tables."""

from __future__ import annotations

from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    """The parent of all tables; its metadata is what migrations are compared with."""
