"""A conversation has at most one open ticket, however many ask."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from assistant.core.errors import NotFound
from assistant.store.conversation_tables import Conversation
from assistant.store.conversations import Conversations
from assistant.store.tickets import Ticket, TicketRow, Tickets, new_ticket_id
from tests.contracts.databases import SQL_KINDS, open_database

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
TABLES = [
    table
    for table in TicketRow.metadata.sorted_tables
    if table.name in ("conversations", "tickets")
]


@pytest.fixture(params=SQL_KINDS)
async def tickets(request, tmp_path):
    async with open_database(request.param, tmp_path, TABLES) as database:
        for number in (1, 2):
            await Conversations(database).create(
                Conversation(
                    id=f"c{number}",
                    visitor_id="v",
                    customer_id=None,
                    customer_name="",
                    timezone="UTC",
                    locale="en",
                    is_paused=False,
                    first_message="",
                    turn_count=0,
                    created_at=NOW,
                    updated_at=NOW,
                )
            )
        yield Tickets(database)


def ticket(conversation_id: str = "c1", minutes: int = 0) -> Ticket:
    return Ticket(
        id=new_ticket_id(),
        conversation_id=conversation_id,
        reason="The visitor asked for a person.",
        summary="Visitor: Hello?",
        customer_name="Ada",
        email="ada@example.com",
        status="open",
        opened_at=NOW + timedelta(minutes=minutes),
    )


async def test_a_conversation_waits_once(tickets):
    first, again = ticket(), ticket()
    assert await tickets.open(first) == (first, True)
    assert await tickets.open(again) == (first, False)
    assert await tickets.open_for("c1") == first
    assert await tickets.open_for("c2") is None


async def test_of_many_at_once_one_is_opened(tickets):
    opened = await asyncio.gather(*(tickets.open(ticket()) for _ in range(10)))
    assert [is_new for _, is_new in opened].count(True) == 1
    assert len({each.id for each, _ in opened}) == 1


async def test_who_has_waited_longest_comes_first(tickets):
    late, early = ticket("c1", minutes=5), ticket("c2")
    await tickets.open(late)
    await tickets.open(early)
    assert await tickets.waiting() == (early, late)
    assert await tickets.waiting(limit=1) == (early,)


async def test_a_closed_ticket_says_by_whom_and_makes_room_for_another(tickets):
    first = ticket()
    await tickets.open(first)
    closed = await tickets.close(first.id, "staff-1", NOW)
    assert closed == replace(first, status="closed", closed_at=NOW, closed_by="staff-1")
    later = NOW + timedelta(hours=1)
    assert await tickets.close(first.id, "staff-2", later) == closed
    assert await tickets.waiting() == ()
    second = ticket()
    assert await tickets.open(second) == (second, True)


async def test_a_ticket_that_does_not_exist_can_not_be_closed(tickets):
    with pytest.raises(NotFound):
        await tickets.close("tkt_x", "staff-1", NOW)
