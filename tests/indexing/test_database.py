"""SQLite in one hop per statement behaves as a DBAPI connection does."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from indexing.database import OneHopConnection, open_engine


async def test_a_folder_is_made_and_rows_come_back_in_order(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite+aiosqlite:///{tmp_path / 'new' / 'a.sqlite3'}")
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT UNIQUE)"))
        inserted = await connection.execute(
            text("INSERT INTO t (name) VALUES (:name)"), [{"name": "a"}, {"name": "b"}]
        )
        rows = (await connection.execute(text("SELECT id, name FROM t ORDER BY id"))).all()
        updated = await connection.execute(text("UPDATE t SET name = 'c' WHERE id = 2"))
        none = (await connection.execute(text("SELECT id FROM t WHERE id = 9"))).all()
    await engine.dispose()

    assert [tuple(row) for row in rows] == [(1, "a"), (2, "b")]
    assert (inserted.rowcount, updated.rowcount, none) == (2, 1, [])


async def test_a_stream_of_rows_is_read_in_parts(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite+aiosqlite:///{tmp_path / 'a.sqlite3'}")
    numbers = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 150) "
    async with engine.connect() as connection:
        result = await connection.stream(text(f"{numbers} SELECT x FROM n"))
        parts = [len(part) async for part in result.partitions(60)]
    await engine.dispose()

    assert parts == [60, 60, 30]


async def test_an_error_rolls_back_and_the_connection_goes_on(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite+aiosqlite:///{tmp_path / 'a.sqlite3'}")
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE t (id INTEGER PRIMARY KEY)"))

    async def run(*statements: str) -> None:
        async with engine.begin() as connection:
            for statement in statements:
                await connection.execute(text(statement))

    with pytest.raises(IntegrityError):
        await run("INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (1)")
    with pytest.raises(OperationalError, match="no such table"):
        await run("INSERT INTO t VALUES (1)", "SELECT * FROM missing")
    async with engine.connect() as connection:
        count = (await connection.execute(text("SELECT count(*) FROM t"))).scalar_one()
    await engine.dispose()

    assert count == 0


async def test_a_reader_sees_nothing_of_an_open_transaction(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite+aiosqlite:///{tmp_path / 'a.sqlite3'}")
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE t (id INTEGER PRIMARY KEY)"))
    seen = []
    async with engine.begin() as writer:
        await writer.execute(text("INSERT INTO t VALUES (1)"))
        async with engine.connect() as reader:
            seen.append((await reader.execute(text("SELECT count(*) FROM t"))).scalar_one())
    async with engine.connect() as reader:
        seen.append((await reader.execute(text("SELECT count(*) FROM t"))).scalar_one())
    await engine.dispose()

    assert seen == [0, 1]


async def test_many_at_once_wait_for_each_other(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite+aiosqlite:///{tmp_path / 'a.sqlite3'}")
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE t (id INTEGER PRIMARY KEY)"))

    async def insert(number: int) -> None:
        async with engine.begin() as connection:
            await connection.execute(text("INSERT INTO t VALUES (:id)"), {"id": number})

    await asyncio.gather(*(insert(number) for number in range(30)))
    async with engine.connect() as connection:
        count = (await connection.execute(text("SELECT count(*) FROM t"))).scalar_one()
    await engine.dispose()

    assert count == 30


async def test_what_is_cancelled_on_its_way_leaves_no_transaction_open(tmp_path: Path) -> None:
    connection = OneHopConnection(lambda: sqlite3.connect(tmp_path / "a.sqlite3"))
    await connection
    await connection.run(lambda opened: opened.execute("CREATE TABLE t (id INTEGER)"))
    gate = threading.Event()

    def insert_late(opened: sqlite3.Connection) -> None:
        gate.wait(5)
        opened.execute("INSERT INTO t VALUES (1)")

    inserting = asyncio.create_task(connection.run(insert_late))
    await asyncio.sleep(0)
    inserting.cancel()
    rolling_back = asyncio.create_task(connection.rollback())
    await asyncio.sleep(0)
    gate.set()
    await rolling_back
    await asyncio.gather(inserting, return_exceptions=True)
    is_open = await connection.run(lambda opened: opened.in_transaction)
    await connection.close()

    assert not is_open
