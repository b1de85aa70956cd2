"""Migrations make the very tables that the code declares, whoever else migrates at the time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import text

from assistant.store.conversations import Conversations
from assistant.store.database import Database
from assistant.store.migrate import alembic_config, differences, migrate
from assistant.store.review_index import ReviewIndex
from assistant.store.review_queries import ListFilter, ReviewQueries
from tests.contracts.databases import SQL_KINDS, empty_database_url

CONVERSATION = text(
    "INSERT INTO conversations (id, visitor_id, customer_name, timezone, locale, "
    "is_paused, first_message, turn_count, created_at, updated_at) VALUES "
    "('conv-1', 'vis-1', '', 'UTC', 'en', false, '', 0, "
    "'2026-11-24 12:00:00', '2026-11-24 12:00:00')"
)


@pytest.fixture(params=SQL_KINDS)
async def url(request, tmp_path: Path) -> str:
    return await empty_database_url(request.param, tmp_path)


async def test_a_migrated_database_has_the_tables_of_the_code(url: str):
    database = Database(url)

    await migrate(database)
    await migrate(database)

    assert await differences(database) == []
    await database.close()


async def test_servers_and_commands_that_start_together_migrate_once(url: str):
    databases = [Database(url) for _ in range(4)]

    await asyncio.gather(*map(migrate, databases))

    async with databases[0].begin() as session:
        versions = (await session.scalars(text("SELECT version_num FROM alembic_version"))).all()
    assert len(versions) == 1
    for database in databases:
        await database.close()


async def test_conversations_from_before_tokens_were_rotated_are_of_the_first_generation(url: str):
    database = Database(url)
    async with database.engine.begin() as connection:
        await connection.run_sync(lambda sync: command.upgrade(alembic_config(sync), "0004"))
        await connection.execute(CONVERSATION)

    await migrate(database)

    kept = await Conversations(database).get("conv-1")
    assert (kept.token_generation, kept.predecessor_until) == (0, None)
    await database.close()


async def test_what_staff_wrote_can_be_taken_back_and_brought_again(url: str):
    database = Database(url)

    async def move(revision: str, direction: Callable[..., None]) -> None:
        async with database.engine.begin() as connection:
            await connection.run_sync(lambda sync: direction(alembic_config(sync), revision))

    await move("0005", command.upgrade)
    async with database.engine.begin() as connection:
        await connection.execute(CONVERSATION)

    await move("0006", command.upgrade)
    kept = await Conversations(database).get("conv-1")
    await move("0005", command.downgrade)
    await migrate(database)

    assert (kept.taken_over_by, kept.taken_over_name) == (None, "")
    assert await Conversations(database).get("conv-1") == kept
    await database.close()


async def test_what_is_searched_is_made_again_after_a_change_of_its_tables(url: str):
    database = Database(url)

    async def move(revision: str, direction: Callable[..., None]) -> None:
        async with database.engine.begin() as connection:
            await connection.run_sync(lambda sync: direction(alembic_config(sync), revision))

    await move("0007", command.upgrade)
    async with database.engine.begin() as connection:
        await connection.execute(CONVERSATION)
        await connection.execute(
            text("INSERT INTO review_index VALUES ('conv-1', 0, 'what was said before')")
        )

    await move("0008", command.upgrade)
    await move("0007", command.downgrade)
    await migrate(database)
    async with database.begin() as session:
        await session.execute(text("UPDATE conversations SET turn_count = 1"))
    read = await ReviewIndex(database).catch_up()

    page = await ReviewQueries(database).page(ListFilter(search="onv-"), datetime.now(UTC))
    assert (read, [each.id for each in page.conversations]) == (1, ["conv-1"])
    assert await differences(database) == []
    await database.close()
