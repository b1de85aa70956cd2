"""Owns the declarative base of the assistant's tables."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from sqlalchemy import MetaData, Table
from sqlalchemy.orm import DeclarativeBase

from indexing.columns import NAMING_CONVENTION, JsonColumn, UtcDateTime


class Base(DeclarativeBase):
    """Base of the assistant's tables."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads this class attribute
        datetime: UtcDateTime(),
        dict[str, Any]: JsonColumn,
        list[Any]: JsonColumn,
    }


def table_of(row: type[Base]) -> Table:
    """The table of a class, for statements that make no objects of rows: those cost more."""
    return cast(Table, row.__table__)
