"""Owns running transactions on a SQLite file: each in one hop to a thread, not one per statement.

A hop costs more than most statements, and whoever comes back from one waits for the interpreter's
lock while something else is computed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Connection, create_engine, event, make_url

from indexing.database import prepare_sqlite

_Result = TypeVar("_Result")
_READERS = 4
"""Whoever reads a long log does not keep everybody else waiting."""


class SqliteThreads:
    """A thread that writes to a SQLite file, and a few that read it.

    Args:
        url: SQLAlchemy URL of a file; connections to one in memory would not see each other's.
    """

    def __init__(self, url: str) -> None:
        self._engine = create_engine(make_url(url).set(drivername="sqlite"))
        event.listen(self._engine, "connect", prepare_sqlite)
        self._reader = ThreadPoolExecutor(_READERS, thread_name_prefix="sqlite-reader")
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="sqlite-writer")

    async def read(self, work: Callable[[Connection], _Result]) -> _Result:
        """Give the result of the queries."""

        def reading() -> _Result:
            with self._engine.connect() as connection:
                return work(connection)

        return await asyncio.get_running_loop().run_in_executor(self._reader, reading)

    async def write(self, work: Callable[[Connection], _Result]) -> _Result:
        """Do the work in a transaction that takes SQLite's write lock at its start."""

        def writing() -> _Result:
            with self._engine.connect() as connection:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                result = work(connection)
                connection.commit()
                return result

        return await asyncio.get_running_loop().run_in_executor(self._writer, writing)

    def close(self) -> None:
        """Close the connections, once what runs has ended."""
        self._reader.shutdown()
        self._writer.shutdown()
        self._engine.dispose()
