"""Owns the sessions of the database; connecting to it is `indexing/database.py`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext

from sqlalchemy import text
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
)

from indexing.database import open_engine


class Database:
    """One engine and its sessions.

    Args:
        url: SQLAlchemy URL with an async driver: `sqlite+aiosqlite:///…` or `postgresql+asyncpg://…`.
    """

    def __init__(self, url: str) -> None:
        self.engine: AsyncEngine = open_engine(url)
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
