"""Owns connecting to the database: one engine for briefings and for everything the assistant keeps.

For SQLite, statements go to the connection's thread in one hop each. The cursor of aiosqlite takes
four (open, execute, fetch, close), and the hops cost more than the statements.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import aiosqlite
from sqlalchemy import event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

_PRAGMAS = (
    # The server and `heidi index` write to one file: WAL lets one read while the other writes.
    "journal_mode=WAL",
    # Durable against a crash of the process; a power cut may take the last transactions.
    "synchronous=NORMAL",
    "foreign_keys=ON",
    "busy_timeout=10000",
    # What is deleted may be what somebody said: it is overwritten, whatever SQLite was built with.
    "secure_delete=ON",
)
_FETCHED_AT_ONCE = 64
_SLICE = 500
"""Most identifiers in one statement; databases limit its parameters."""
Rows = Sequence[Any]


def open_engine(url: str) -> AsyncEngine:
    """Connect to a database; a SQLite file's folder is made if it is missing.

    Args:
        url: SQLAlchemy URL with an async driver: `sqlite+aiosqlite:///…` or
            `postgresql+asyncpg://…`.
    """
    parsed = make_url(url)
    if not url.startswith("sqlite"):
        return create_async_engine(url, pool_pre_ping=True, hide_parameters=True)
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    given = parsed.get_dialect()().create_connect_args(parsed)
    arguments: Sequence[Any] = given[0]
    options: Any = given[1]

    async def connect() -> OneHopConnection:
        connection = OneHopConnection(lambda: sqlite3.connect(*arguments, **options))
        await connection
        return connection

    # Errors are logged: they must not say what visitors said.
    engine = create_async_engine(url, async_creator=connect, hide_parameters=True)
    event.listen(engine.sync_engine, "connect", prepare_sqlite)
    return engine


class SqlStore:
    """What the stores of briefings, stories and feeds have in common.

    Args:
        engine: Connected to a database that has the tables of `briefings_metadata`.
        clock: Tells the present time, with a zone.
    """

    def __init__(
        self, engine: AsyncEngine, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._engine = engine
        self._clock = clock


def upserting(dialect: str) -> Callable[[Any], Any]:
    """The `insert` of a dialect that knows `ON CONFLICT`; SQLAlchemy has none for both.

    Args:
        dialect: `sqlite` or `postgresql`.
    """
    return postgresql.insert if dialect == "postgresql" else sqlite.insert


def sliced(values: Sequence[str]) -> list[Sequence[str]]:
    """Identifiers, as many at a time as one statement may have parameters."""
    return [values[start : start + _SLICE] for start in range(0, len(values), _SLICE)]


class OneHopConnection(aiosqlite.Connection):
    """A connection of aiosqlite whose statements take one hop to its thread.

    Args:
        connector: opens the SQLite connection, in the thread.
    """

    def __init__(self, connector: Callable[[], sqlite3.Connection]) -> None:
        super().__init__(connector, iter_chunk_size=_FETCHED_AT_ONCE)
        self._thread.daemon = True
        self._sent = 0
        self._done = 0

    def cursor(self) -> OneHopCursor:  # type: ignore[override]
        """A cursor; nothing happens in the thread before it executes."""
        return OneHopCursor(self)

    async def rollback(self) -> None:
        """Roll back, if there is something to roll back.

        A statement whose waiter was cancelled may still be on its way and open a transaction; then
        the rollback queues up behind it.
        """
        if self._conn.in_transaction or self._sent != self._done:
            await super().rollback()

    async def run(self, function: Callable[[sqlite3.Connection], Any]) -> Any:  # noqa: ANN401
        """Call a function with the SQLite connection, in its thread."""

        def counted(connection: sqlite3.Connection) -> Any:  # noqa: ANN401
            try:
                return function(connection)
            finally:
                self._done += 1

        self._sent += 1
        return await self._execute(counted, self._conn)  # type: ignore[no-untyped-call]


class OneHopCursor:
    """The part of a DBAPI cursor that SQLAlchemy uses; it holds its rows once it has executed."""

    def __init__(self, connection: OneHopConnection) -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self._next = 0
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1

    async def __aenter__(self) -> Self:
        """Nothing to open."""
        return self

    async def execute(self, statement: str, parameters: Sequence[Any] = ()) -> Self:
        """Execute a statement and fetch what it gives."""
        return await self._executed(lambda cursor: cursor.execute(statement, parameters))

    async def executemany(self, statement: str, parameters: Sequence[Sequence[Any]]) -> Self:
        """Execute a statement once for each row of parameters."""
        return await self._executed(lambda cursor: cursor.executemany(statement, parameters))

    async def fetchone(self) -> Any:  # noqa: ANN401 - rows of any database
        """The next row; none at the end."""
        found = await self.fetchmany(1)
        return found[0] if found else None

    async def fetchmany(self, size: int | None = None) -> Rows:
        """The next rows."""
        start = self._next
        self._next = min(len(self._rows), start + (size or self.arraysize))
        return self._rows[start : self._next]

    async def fetchall(self) -> Rows:
        """All rows that are left."""
        return await self.fetchmany(max(1, len(self._rows)))

    async def close(self) -> None:
        """Let go of the rows."""
        self._rows = []

    async def _executed(self, start: Callable[[sqlite3.Cursor], sqlite3.Cursor]) -> Self:
        def run(connection: sqlite3.Connection) -> tuple[Any, list[Any], int, int | None]:
            cursor = connection.cursor()
            try:
                start(cursor)
                rows = cursor.fetchall() if cursor.description else []
                return cursor.description, rows, cursor.rowcount, cursor.lastrowid
            finally:
                cursor.close()

        self.description, self._rows, self.rowcount, self.lastrowid = await self._connection.run(
            run
        )
        self._next = 0
        return self


def prepare_sqlite(connection: Any, _record: Any) -> None:  # noqa: ANN401 - DBAPI objects
    """Set up a new SQLite connection: a listener for an engine's `connect`."""
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
