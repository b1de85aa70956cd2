"""Databases for contract suites: SQLite in a temporary folder, PostgreSQL if there is one.

`HEIDI_TEST_POSTGRES_URL` names an empty PostgreSQL database (`postgresql+asyncpg://…`); its tables
of the suite are dropped and made anew for every test. Without it that part is skipped.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import Table, text
from sqlalchemy.ext.asyncio import AsyncConnection

from assistant.store import accounts, calendar, calendar_events
from assistant.store.base import Base
from assistant.store.database import Database

SQL_KINDS = ("sqlite", "postgresql")

ACCOUNT_TABLES = [
    row.__table__
    for row in (
        accounts.CustomerRow,
        accounts.AccountRow,
        accounts.TransactionRow,
        accounts.InvoiceRow,
        accounts.ContactChangeRow,
    )
]
CALENDAR_TABLES = [
    row.__table__
    for row in (
        calendar.TeamRow,
        calendar.HostRow,
        calendar.HoursRow,
        calendar.HolidayRow,
        calendar.MeetingRow,
        calendar.ClaimRow,
        calendar.ChangeRow,
        calendar.HoldRow,
        calendar_events.EventRow,
    )
]


@asynccontextmanager
async def open_database(
    kind: str, folder: Path, tables: Sequence[Table]
) -> AsyncIterator[Database]:
    url = f"sqlite+aiosqlite:///{folder / 'test.db'}"
    if kind == "postgresql":
        url = _postgres_url()
    database = Database(url)
    try:
        async with database.engine.begin() as connection:
            await _drop(connection, tables)
            await connection.run_sync(Base.metadata.create_all, tables=tables)
        yield database
    finally:
        await database.close()


async def _drop(connection: AsyncConnection, tables: Sequence[Table]) -> None:
    """Another suite's tables may refer to these: they stay, without what referred."""
    if connection.dialect.name == "postgresql":
        for table in tables:
            await connection.execute(text(f'DROP TABLE IF EXISTS "{table.name}" CASCADE'))
    else:
        await connection.run_sync(Base.metadata.drop_all, tables=tables)


async def empty_database_url(kind: str, folder: Path) -> str:
    """The address of a database without any tables."""
    if kind == "sqlite":
        return f"sqlite+aiosqlite:///{folder / 'empty.db'}"
    url = _postgres_url()
    database = Database(url)
    async with database.engine.begin() as connection:
        await connection.execute(text("DROP SCHEMA public CASCADE"))
        await connection.execute(text("CREATE SCHEMA public"))
    await database.close()
    return url


def _postgres_url() -> str:
    url = os.environ.get("HEIDI_TEST_POSTGRES_URL", "")
    if not url:
        pytest.skip("HEIDI_TEST_POSTGRES_URL names no database")
    return url
