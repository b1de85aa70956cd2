"""What is deleted is gone from every table, on SQLite and PostgreSQL alike; others' things stay."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from assistant.core.caller import StaffMember
from assistant.core.errors import NotFound
from assistant.core.events import Feedback, TextDelta
from assistant.core.question_lines import SavedQuestion
from assistant.retention import delete_old
from assistant.store.actions import ActionRow
from assistant.store.base import Base, table_of
from assistant.store.budgets import UsageRow
from assistant.store.erasure import Erasure, Whose
from assistant.store.labels import Labels
from assistant.store.review_index import ReviewIndex
from assistant.store.review_tables import ReviewRow
from assistant.store.saved_questions import SavedQuestions
from assistant.store.staff_notes import Notes
from assistant.store.tickets import Ticket, Tickets
from tests.chat_store import NOW, ChatStore, chat_store, conversation
from tests.contracts.databases import SQL_KINDS, open_database

MIA = StaffMember(staff_id="staff_mia", name="Mia")
ADA, BEN = Whose(customer_id="cust-ada"), Whose(customer_id="cust-ben")


@pytest.fixture(params=SQL_KINDS)
async def store(request, tmp_path) -> AsyncIterator[ChatStore]:
    async with open_database(request.param, tmp_path, Base.metadata.sorted_tables) as database:
        yield chat_store(database)


async def fill(store: ChatStore, name: str, customer: str) -> str:
    """A conversation with something in every table; gives the id of its question."""
    await store.conversations.create(conversation(name, customer_id=customer))
    turn = await store.start_turn(name)
    await store.log.append(name, turn.id, [TextDelta(text=f"{name} said")], NOW)
    await store.log.append(name, turn.id, [Feedback(rating="up")], NOW)
    await Labels(store.database).add(name, turn.id, "Tone", MIA, NOW)
    await Notes(store.database).write(name, f"A note on {name}", MIA, NOW)
    await Tickets(store.database).open(
        Ticket(
            id=f"tkt-{name}",
            conversation_id=name,
            reason="Asked.",
            summary=f"{name}: Hello",
            customer_name="Ada",
            email="ada@example.com",
            status="open",
            opened_at=NOW,
        )
    )
    await store.database.write(lambda each: _insert_action_and_usage(each, name, turn.id))
    await ReviewIndex(store.database).catch_up()
    question = SavedQuestion(conversation_id=name, turn_id=turn.id, kind="news", message="Who?")
    return await SavedQuestions(store.database).save(question, MIA, NOW)


def _insert_action_and_usage(connection: Connection, name: str, turn_id: str) -> None:
    row = {
        "id": f"action-{name}",
        "conversation_id": name,
        "turn_id": turn_id,
        "customer_id": "cust-ada",
        "tool": "book_meeting",
        "arguments": {},
        "arguments_hash": "0",
        "title": "Book",
        "status": "pending",
        "created_at": NOW,
        "expires_at": NOW,
    }
    connection.execute(insert(table_of(ActionRow)), row)
    connection.execute(insert(table_of(UsageRow)), {"scope": name, "period": ""})


async def mentions(store: ChatStore, name: str) -> set[str]:
    """Names of the tables in which a conversation is named."""

    def look(connection: Connection) -> set[str]:
        columns = [
            (table, column)
            for table in Base.metadata.sorted_tables
            for column in table.columns
            if column.name in {"conversation_id", "scope"}
            or (table.name == "conversations" and column.name == "id")
        ]
        return {
            table.name
            for table, column in columns
            if connection.scalar(select(func.count()).select_from(table).where(column == name))
        }

    return await store.database.read(look)


async def test_a_deleted_conversation_is_in_no_table_but_the_one_that_says_so(store: ChatStore):
    question_id = await fill(store, "c-ada", "cust-ada")
    await fill(store, "c-ben", "cust-ben")
    before = await mentions(store, "c-ben")
    erasure = Erasure(store.database, store.log)

    erased = await erasure.erase(await erasure.find(ADA), "request", NOW)

    assert (erased.conversations, erased.question_ids) == (1, (question_id,))
    assert {"events", "turns", "label_uses", "tickets", "review_index", "usage"} <= before
    assert await mentions(store, "c-ada") == {"erasures"}
    assert await mentions(store, "c-ben") == before


async def test_questions_stay_and_no_longer_say_of_what(store: ChatStore):
    question_id = await fill(store, "c-ada", "cust-ada")
    erasure = Erasure(store.database, store.log)

    await erasure.erase(["c-ada"], "request", NOW)

    kept = await SavedQuestions(store.database).get(question_id)
    assert (kept.message, kept.conversation_id, kept.turn_id) == ("Who?", "", "")


async def test_whoever_has_its_address_is_told_that_it_was_deleted(store: ChatStore):
    await fill(store, "c-ada", "cust-ada")
    await Erasure(store.database, store.log).erase(["c-ada"], "request", NOW)

    with pytest.raises(NotFound, match="was deleted on 24 November 2026, on request"):
        await store.conversations.get("c-ada")


async def test_deleting_twice_is_deleting_once(store: ChatStore):
    await fill(store, "c-ada", "cust-ada")
    erasure = Erasure(store.database, store.log)

    both = await asyncio.gather(
        erasure.erase(["c-ada"], "request", NOW), erasure.erase(["c-ada"], "retention", NOW)
    )

    assert sorted(each.conversations for each in both) == [0, 1]


async def test_an_answer_that_is_being_written_leaves_nothing_behind(store: ChatStore):
    await fill(store, "c-ada", "cust-ada")
    erasure = Erasure(store.database, store.log)

    async def write() -> None:
        with suppress(IntegrityError):
            for index in range(20):
                await store.log.append("c-ada", None, [TextDelta(text=str(index))], NOW)

    await asyncio.gather(write(), erasure.erase(["c-ada"], "request", NOW))

    assert await mentions(store, "c-ada") == {"erasures"}
    assert await store.log.read("c-ada") == ()


async def test_a_copy_holds_all_that_is_kept_and_nothing_of_others(store: ChatStore):
    await fill(store, "c-ada", "cust-ada")
    await fill(store, "c-ben", "cust-ben")
    erasure = Erasure(store.database, store.log)

    (copy,) = [await erasure.copy(each) for each in await erasure.find(ADA)]

    text = json.dumps(copy, default=str)
    assert copy["conversation"]["customer_id"] == "cust-ada"
    assert [event["type"] for event in copy["events"]] == ["turn.started", "text.delta", "feedback"]
    assert copy["staff_notes"][0]["text"] == "A note on c-ada"
    assert len(copy["tickets"]) == len(copy["label_uses"]) == len(copy["actions"]) == 1
    assert "c-ben" not in text
    assert "token_generation" not in text


async def test_nobodys_conversations_are_nobodys(store: ChatStore):
    with pytest.raises(ValueError, match="Nobody"):
        await Erasure(store.database, store.log).find(Whose())


async def test_what_is_too_old_is_deleted_and_what_was_touched_later_is_not(store: ChatStore):
    old = NOW - timedelta(days=91)
    for name, at in {"old": old, "older": old, "touched": old, "new": NOW}.items():
        await store.conversations.create(conversation(name, created_at=at, updated_at=at))
        await store.log.append(name, None, [Feedback(rating="up")], at)
    await store.log.append("touched", None, [Feedback(rating="down")], NOW - timedelta(days=89))

    count = await delete_old(Erasure(store.database, store.log), days=90, now=NOW)

    assert count == 2
    assert (await store.conversations.get("touched")).id == "touched"
    with pytest.raises(NotFound, match="because it was that old"):
        await store.conversations.get("old")


async def test_the_file_does_not_keep_what_was_said(store: ChatStore):
    if not store.database.is_sqlite:
        pytest.skip("PostgreSQL overwrites by VACUUM")
    for name in ("before", "gone", "after"):
        await store.conversations.create(conversation(name))
        turn = await store.start_turn(name)
        said = "ΩΩΩΩ 4711" if name == "gone" else "Hello."
        await store.log.append(name, turn.id, [TextDelta(text=said)], NOW)
        await ReviewIndex(store.database).catch_up()  # each in a segment of its own

    await Erasure(store.database, store.log).erase(["gone"], "request", NOW)

    path = Path(str(store.database.engine.url.database))
    kept = path.read_bytes()
    log = path.with_name(f"{path.name}-wal").read_bytes()
    assert b"Hello." in kept  # so the log was moved into the file
    for traces in ("Ω", "ω", "4711", " 47"):
        assert traces.encode() not in kept + log


async def test_what_is_deleted_while_it_is_read_is_not_indexed(store: ChatStore):
    await store.conversations.create(conversation("c-ada"))
    await store.conversations.create(conversation("c-ben"))
    for name in ("c-ada", "c-ben"):
        await store.start_turn(name)
    index = ReviewIndex(_ErasingOnce(store))  # type: ignore[arg-type]

    assert await index.catch_up() == 2

    rows = await store.database.read(lambda each: each.scalars(select(ReviewRow.text)).all())
    assert len(rows) == 1


class _ErasingOnce:
    """A database in which a conversation is deleted just before somebody writes."""

    def __init__(self, store: ChatStore) -> None:
        self.begin = store.database.begin
        self._store = store

    @asynccontextmanager
    async def begin_writing(self) -> AsyncIterator[AsyncSession]:
        await Erasure(self._store.database, self._store.log).erase(["c-ada"], "request", NOW)
        async with self._store.database.begin_writing() as session:
            yield session
