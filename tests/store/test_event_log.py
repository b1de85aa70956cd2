"""What the log gives from memory is what the database would give."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from tests.chat_store import NOW, ChatStore, another_process, conversation, deltas, open_chat_store


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[ChatStore]:
    async with open_chat_store("sqlite", tmp_path) as opened:
        await opened.conversations.create(conversation("conv-1"))
        yield opened


async def test_a_reader_is_given_what_was_just_written_without_asking_the_database(
    store: ChatStore,
) -> None:
    first = await store.log.append("conv-1", None, deltas("a", "b"), NOW)
    second = await store.log.append("conv-1", None, deltas("c"), NOW)
    asked: list[object] = []

    def note(_connection: object, statement: object, *_: object) -> None:
        asked.append(statement)

    event.listen(Engine, "before_execute", note)
    try:
        read = [await store.log.read("conv-1", after=after) for after in (0, 1, 2)]
        limited = await store.log.read("conv-1", limit=1)
    finally:
        event.remove(Engine, "before_execute", note)

    assert read == [(*first, *second), (first[1], *second), second]
    assert (limited, asked) == (first[:1], [])


async def test_memory_and_database_tell_the_same(store: ChatStore) -> None:
    for text in ("a", "b", "c"):
        await store.log.append("conv-1", None, deltas(text), NOW)
    from_memory = await store.log.read("conv-1")
    await store.log.notify("conv-1")

    assert await store.log.read("conv-1") == from_memory


async def test_what_another_process_writes_between_is_not_left_out(store: ChatStore) -> None:
    other = another_process(store)
    mine = await store.log.append("conv-1", None, deltas("mine"), NOW)
    theirs = await other.log.append("conv-1", None, deltas("theirs"), NOW)
    again = await store.log.append("conv-1", None, deltas("mine again"), NOW)
    await other.database.close()

    assert await store.log.read("conv-1") == (*mine, *theirs, *again)
    assert await store.log.read("conv-1", after=1) == (*theirs, *again)
