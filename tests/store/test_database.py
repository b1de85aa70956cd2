"""The database: transactions that read before they write, times in UTC."""

from __future__ import annotations

import asyncio
import math
import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from assistant.core.errors import InvalidInput
from assistant.store.database import Database, count_if_there
from indexing.columns import UtcDateTime


async def test_what_a_writer_has_read_stays_true_until_it_has_written(database: Database):
    other = Database(str(database.engine.url))
    async with database.begin_writing() as session:
        await session.execute(text("CREATE TABLE counter (value INTEGER)"))
        await session.execute(text("INSERT INTO counter VALUES (0)"))

    async def count_up(process: Database) -> None:
        async with process.begin_writing() as session:
            value = await session.scalar(text("SELECT value FROM counter"))
            await asyncio.sleep(0)
            await session.execute(text("UPDATE counter SET value = :value"), {"value": value + 1})

    await asyncio.gather(*(count_up((database, other)[n % 2]) for n in range(40)))

    async with database.begin() as session:
        assert await session.scalar(text("SELECT value FROM counter")) == 40
    await other.close()


async def test_an_error_rolls_back_and_lets_the_next_writer_in(database: Database):
    async with database.begin_writing() as session:
        await session.execute(text("CREATE TABLE notes (text TEXT)"))

    async def fail() -> None:
        async with database.begin_writing() as session:
            await session.execute(text("INSERT INTO notes VALUES ('lost')"))
            raise InvalidInput("no", field="x")

    with pytest.raises(InvalidInput):
        await fail()

    async with database.begin_writing() as session:
        assert (await session.scalars(text("SELECT text FROM notes"))).all() == []


async def test_sqlite_keeps_a_log_ahead_and_checks_foreign_keys(database: Database):
    async with database.begin() as session:
        pragmas = {
            name: await session.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "foreign_keys", "busy_timeout")
        }

    assert pragmas == {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 10_000}
    assert database.is_sqlite


def test_times_are_kept_in_utc_and_naive_ones_refused(database: Database):
    column, dialect = UtcDateTime(), database.engine.dialect
    noon = datetime(2026, 11, 24, 12, tzinfo=UTC)
    in_zurich = noon.astimezone(timezone(timedelta(hours=1)))

    assert column.process_bind_param(in_zurich, dialect).isoformat() == noon.isoformat()
    assert column.process_result_value(noon.replace(tzinfo=None), dialect) == noon
    assert column.process_result_value(in_zurich, dialect).tzinfo is UTC
    assert column.process_bind_param(None, dialect) is None
    with pytest.raises(ValueError, match="naive"):
        column.process_bind_param(noon.replace(tzinfo=None), dialect)


async def test_work_in_one_hop_sees_and_leaves_what_sessions_do(database: Database):
    async with database.begin_writing() as session:
        await session.execute(text("CREATE TABLE counter (value INTEGER)"))
        await session.execute(text("INSERT INTO counter VALUES (0)"))

    def count_up(connection: Connection) -> None:
        value = connection.scalar(text("SELECT value FROM counter"))
        connection.execute(text("UPDATE counter SET value = :value"), {"value": value + 1})

    async def count_up_in_session() -> None:
        async with database.begin_writing() as session:
            await (await session.connection()).run_sync(count_up)

    await asyncio.gather(
        *(database.write(count_up) if number % 2 else count_up_in_session() for number in range(20))
    )

    assert await database.read(lambda each: each.scalar(text("SELECT value FROM counter"))) == 20


async def test_work_that_fails_leaves_nothing_behind(database: Database):
    await database.write(lambda each: each.execute(text("CREATE TABLE notes (text TEXT)")))

    def fail(connection: Connection) -> None:
        connection.execute(text("INSERT INTO notes VALUES ('lost')"))
        raise InvalidInput("no", field="x")

    with pytest.raises(InvalidInput):
        await database.write(fail)

    count = text("SELECT count(*) FROM notes")
    assert await database.read(lambda each: each.scalar(count)) == 0
    assert await database.write(lambda each: each.scalar(count)) == 0


async def test_a_cancelled_writer_has_written_all_the_same(database: Database):
    await database.write(lambda each: each.execute(text("CREATE TABLE notes (text TEXT)")))
    has_begun, may_go_on = threading.Event(), threading.Event()

    def write(connection: Connection) -> None:
        has_begun.set()
        may_go_on.wait()
        connection.execute(text("INSERT INTO notes VALUES ('kept')"))

    writing = asyncio.create_task(database.write(write))
    await asyncio.to_thread(has_begun.wait)
    writing.cancel()
    may_go_on.set()

    with pytest.raises(asyncio.CancelledError):
        await writing
    notes = await database.read(lambda each: each.scalars(text("SELECT text FROM notes")).all())
    assert notes == ["kept"]


async def test_a_database_in_memory_is_one_for_all():
    database = Database("sqlite+aiosqlite:///:memory:")
    await database.write(lambda each: each.execute(text("CREATE TABLE notes (text TEXT)")))
    async with database.begin_writing() as session:
        await session.execute(text("INSERT INTO notes VALUES ('seen')"))

    assert await database.read(lambda each: each.scalar(text("SELECT text FROM notes"))) == "seen"
    await database.close()


async def test_the_log_of_a_file_is_moved_into_it_while_it_is_open(database: Database, tmp_path):
    await database.write(lambda each: each.execute(text("CREATE TABLE notes (text TEXT)")))
    note = text("INSERT INTO notes VALUES (:text)")

    for _ in range(50):
        await database.write(lambda each: each.execute(note, {"text": "x" * 20_000}))

    async with asyncio.timeout(10):
        while (tmp_path / "heidi.sqlite3").stat().st_size < 49 * 20_000:
            await asyncio.sleep(0.001)


async def test_a_count_is_no_number_while_the_database_is_away():
    async def three() -> int:
        return 3

    async def lost() -> int:
        raise OperationalError("SELECT 1", {}, OSError("Connection refused."))

    assert await count_if_there(three) == 3
    assert math.isnan(await count_if_there(lost))
