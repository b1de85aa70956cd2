"""Owns running transactions on a SQLite file: each in one hop to a thread, not one per statement.

A hop costs more than most statements, and whoever comes back from one waits for the interpreter's
lock while something else is computed. Moving the write-ahead log into the file (a checkpoint, which
waits for the disk) is done beside the writing, not by whoever happens to commit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from sqlalchemy import Connection, create_engine, event, make_url

from indexing.database import prepare_sqlite

_Result = TypeVar("_Result")
_READERS = 4
"""Whoever reads a long log does not keep everybody else waiting."""
_WRITES_PER_CHECKPOINT = 50
_MOST_PAGES = 10_000
"""From here on (40 MB) a commit makes the checkpoint after all: the log must not grow for ever."""


class SqliteThreads:
    """A thread that writes to a SQLite file, and a few that read it.

    Args:
        url: SQLAlchemy URL of a file; connections to one in memory would not see each other's.
    """

    def __init__(self, url: str) -> None:
        address = make_url(url).set(drivername="sqlite")
        self._engine = create_engine(address, hide_parameters=True)
        event.listen(self._engine, "connect", _prepare)
        self._written = 0
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

        result = await asyncio.get_running_loop().run_in_executor(self._writer, writing)
        self._written += 1
        if self._written % _WRITES_PER_CHECKPOINT == 0:
            self._reader.submit(self._checkpoint)
        return result

    def _checkpoint(self) -> None:
        """Move what no reader needs any more; a passive checkpoint keeps nobody waiting."""
        with self._engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")

    def close(self) -> None:
        """Close the connections, once what runs has ended."""
        self._reader.shutdown()
        self._writer.shutdown()
        self._engine.dispose()


def _prepare(connection: Any, record: Any) -> None:  # noqa: ANN401 - DBAPI objects
    prepare_sqlite(connection, record)
    connection.execute(f"PRAGMA wal_autocheckpoint={_MOST_PAGES}")
