"""Owns the connection to the database: engine, sessions and SQLite's settings."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)


class Database:
    """One engine and its sessions.

    Args:
        url: SQLAlchemy URL with an async driver: `sqlite+aiosqlite:///…` or `postgresql+asyncpg://…`.
    """

    def __init__(self, url: str) -> None:
        self.engine: AsyncEngine = create_async_engine(url, pool_pre_ping=not _is_sqlite(url))
        if _is_sqlite(url):
            event.listen(self.engine.sync_engine, "connect", _prepare_sqlite)
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)
        self._sqlite_writer = asyncio.Lock()

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is a local file owned by one machine."""
        return self.engine.dialect.name == "sqlite"

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncSession]:
        """A session in a transaction: commits at the end, rolls back on an error."""
        async with self._sessions.begin() as session:
            yield session

    @asynccontextmanager
    async def begin_writing(self) -> AsyncIterator[AsyncSession]:
        """As `begin`, for what reads and then writes by it.

        SQLite takes its write lock at the start, so that what was read stays true; PostgreSQL
        locks rows, which is the caller's to do. Writers of this process queue up here, since
        SQLite lets them poll for the lock instead.
        """
        async with self._sqlite_writer if self.is_sqlite else nullcontext():
            async with self.begin() as session:
                if self.is_sqlite:
                    await session.execute(text("BEGIN IMMEDIATE"))
                yield session

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()


def _is_sqlite(url: str) -> bool:
    return url.startswith("sqlite")


def _prepare_sqlite(connection: Any, _record: Any) -> None:  # noqa: ANN401 - DBAPI objects
    # WAL lets readers go on while one writes; NORMAL is durable against a crash of the process.
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        "busy_timeout=10000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
