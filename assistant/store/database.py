"""Owns the sessions of the database; connecting to it is `indexing/database.py`."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext
from typing import TypeVar

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
)

from assistant.store.sqlite_threads import SqliteThreads
from assistant.store.uninterrupted import uninterrupted
from indexing.database import open_engine

_Result = TypeVar("_Result")


class Database:
    """One engine and its sessions.

    Args:
        url: SQLAlchemy URL with an async driver: `sqlite+aiosqlite:///…` or `postgresql+asyncpg://…`.
    """

    def __init__(self, url: str) -> None:
        self.engine: AsyncEngine = open_engine(url)
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)
        self._sqlite_writer = asyncio.Lock()
        is_file = self.is_sqlite and self.engine.url.database not in (None, "", ":memory:")
        self._threads = SqliteThreads(url) if is_file else None
        # PostgreSQL need not be told where a transaction of queries alone begins and ends.
        autocommit = {} if self.is_sqlite else {"isolation_level": "AUTOCOMMIT"}
        self._reading = self.engine.execution_options(**autocommit)

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

    async def read(self, work: Callable[[Connection], _Result]) -> _Result:
        """Give the result of queries that are made one after another without waiting between.

        What every turn does goes this way: without a session, and on SQLite in one hop to a thread,
        it costs a fraction of the same in `begin`.
        """
        if self._threads is not None:
            return await self._threads.read(work)
        return await uninterrupted(self._read(work))

    async def write(self, work: Callable[[Connection], _Result]) -> _Result:
        """As `begin_writing`, for work that waits for nothing else; it is never cut in two."""
        return await uninterrupted(self._write(work))

    async def _read(self, work: Callable[[Connection], _Result]) -> _Result:
        async with self._reading.connect() as connection:
            return await connection.run_sync(work)

    async def _write(self, work: Callable[[Connection], _Result]) -> _Result:
        if self._threads is not None:
            async with self._sqlite_writer:
                return await self._threads.write(work)
        return await self._within_transaction(work)

    async def _within_transaction(self, work: Callable[[Connection], _Result]) -> _Result:
        async with self.engine.begin() as connection:
            return await connection.run_sync(work)

    async def close(self) -> None:
        """Close every connection."""
        if self._threads is not None:
            await asyncio.to_thread(self._threads.close)
        await self.engine.dispose()


async def count_if_there(ask: Callable[[], Awaitable[int]]) -> float:
    """What the database counts; no number (NaN) while it can't be asked."""
    try:
        return await ask()
    except (SQLAlchemyError, OSError):
        return math.nan
