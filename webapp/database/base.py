"""The parent of all tables."""

from __future__ import annotations

from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    """The parent of all tables; migrations are compared with its metadata."""
