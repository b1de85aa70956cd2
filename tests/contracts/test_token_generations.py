"""Of many servers that take a step at once one takes it, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from assistant.store.conversations import Conversations
from assistant.store.database import Database
from assistant.store.token_generations import TokenGenerations
from tests.chat_store import CHAT_TABLES
from tests.chat_store import conversation as new_conversation
from tests.contracts.databases import SQL_KINDS, open_database

UNTIL = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture(params=SQL_KINDS)
async def databases(request, tmp_path) -> AsyncIterator[list[Database]]:
    async with open_database(request.param, tmp_path, CHAT_TABLES) as first:
        await Conversations(first).create(new_conversation())
        others = [Database(first.engine.url.render_as_string(hide_password=False)) for _ in (1, 2)]
        yield [first, *others]
        for other in others:
            await other.close()


async def state(database: Database) -> tuple[int, datetime | None]:
    kept = await Conversations(database).get("conv-1")
    return kept.token_generation, kept.predecessor_until


async def test_a_new_conversation_has_the_first_generation(databases):
    assert await state(databases[0]) == (0, None)


async def test_servers_that_rotate_at_once_rotate_once(databases):
    await asyncio.gather(
        *(TokenGenerations(each).begin_next("conv-1", 0) for each in databases * 4)
    )

    assert await state(databases[1]) == (1, None)


async def test_the_first_use_counts_and_no_later_one(databases):
    one, two, _ = (TokenGenerations(each) for each in databases)
    await one.begin_next("conv-1", 0)
    await two.note_first_use("conv-1", 1, predecessor_until=UNTIL)
    await one.note_first_use("conv-1", 1, predecessor_until=UNTIL + timedelta(hours=1))

    assert await state(databases[2]) == (1, UNTIL)


async def test_a_use_that_is_noted_late_does_not_touch_the_next_generation(databases):
    one, two, _ = (TokenGenerations(each) for each in databases)
    await one.begin_next("conv-1", 0)
    await one.begin_next("conv-1", 1)
    await two.note_first_use("conv-1", 1, predecessor_until=UNTIL)

    assert await state(databases[2]) == (2, None)


async def test_a_predecessor_may_end_with_the_step_itself(databases):
    await TokenGenerations(databases[0]).begin_next("conv-1", 0, predecessor_until=UNTIL)

    assert await state(databases[1]) == (1, UNTIL)


async def test_a_sign_in_begins_a_generation_once(databases):
    seen = [
        await Conversations(each).attach_customer("conv-1", "cust-ada", "Ada") for each in databases
    ]

    assert seen == [True, False, False]
    assert await state(databases[2]) == (1, None)
