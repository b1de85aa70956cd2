"""Budgets hold over several server processes, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from assistant.core.errors import BudgetSpent
from assistant.core.events import Outcome, TurnCompleted, TurnFailed
from assistant.store.budgets import Budget, Budgets, Ledger, UsageRow
from assistant.store.conversation_tables import StoredTurn
from assistant.store.conversations import Conversations
from assistant.store.database import Database
from assistant.store.event_log import EventLog
from tests.chat_store import CHAT_TABLES, NOW, chat_store, conversation, stored_turn
from tests.contracts.databases import SQL_KINDS, open_database

TABLES = [*CHAT_TABLES, UsageRow.__table__]
DAY = NOW.date().isoformat()


@pytest.fixture(params=SQL_KINDS)
async def database(request, tmp_path) -> AsyncIterator[Database]:
    async with open_database(request.param, tmp_path, TABLES) as opened:
        yield opened


class Server:
    """One process: its own connections, the shared budgets."""

    def __init__(self, database: Database, budgets: Budgets) -> None:
        ledger = Ledger(budgets)
        store = chat_store(database)
        self.log = EventLog(database, store.notifier, ledger)
        self.conversations = Conversations(database, ledger)
        self._store = replace(store, log=self.log, conversations=self.conversations)

    async def ask(self, conversation_id: str, number: int, **changes: object) -> StoredTurn:
        turn = stored_turn(conversation_id, f"client-{number}", **changes)
        return await self.conversations.start_turn(turn, self._store.turn_start(turn))

    async def end(self, turn: StoredTurn, ending: object) -> None:
        writer = self.log.writer(turn.conversation_id, turn.id, ending, NOW)
        await self.conversations.end_turn(turn, "completed", writer)

    async def ask_and_end(self, conversation_id: str, number: int, **changes: object) -> None:
        turn = await self.ask(conversation_id, number, **changes)
        await self.end(turn, ended())


def ended(outcome: Outcome = Outcome.ANSWERED, **usage: object) -> TurnCompleted:
    return TurnCompleted(outcome=outcome, state={}, usage=usage, elapsed_ms=1.0)


async def used(database: Database) -> dict[tuple[str, str], tuple[int, int, int]]:
    async with database.begin() as session:
        rows = (await session.scalars(select(UsageRow))).all()
    return {(row.scope, row.period): (row.turns, row.tokens, row.cost_micros) for row in rows}


async def test_of_many_conversations_on_two_servers_a_day_answers_exactly_its_budget(database):
    url = database.engine.url.render_as_string(hide_password=False)
    second = Database(url)
    budgets = Budgets(day=Budget(turns=10))
    servers = [Server(database, budgets), Server(second, budgets)]
    for number in range(24):
        await servers[0].conversations.create(conversation(f"conv-{number}"))

    results = await asyncio.gather(
        *(servers[n % 2].ask(f"conv-{n}", 1) for n in range(24)), return_exceptions=True
    )

    refused = [result for result in results if isinstance(result, BudgetSpent)]
    assert (len(refused), len(results) - len(refused)) == (14, 10)
    assert (await used(database))["site", DAY] == (10, 0, 0)
    await second.close()


async def test_a_conversation_ends_at_its_budget_and_another_goes_on(database):
    server = Server(database, Budgets(conversation=Budget(turns=2)))
    for name in ("conv-1", "conv-2"):
        await server.conversations.create(conversation(name))
    for number in range(2):
        await server.ask_and_end("conv-1", number)

    with pytest.raises(BudgetSpent) as spent:
        await server.ask("conv-1", 3)

    assert (spent.value.scope, spent.value.retry_after_s) == ("conversation", None)
    assert (await server.conversations.get("conv-1")).turn_count == 2
    await server.ask("conv-2", 1)


async def test_a_message_sent_twice_counts_once(database):
    server = Server(database, Budgets(conversation=Budget(turns=1)))
    await server.conversations.create(conversation("conv-1"))

    first, again = await server.ask("conv-1", 1), await server.ask("conv-1", 1)

    assert first == again
    assert (await used(database))["conv-1", ""] == (1, 0, 0)


async def test_a_new_day_has_a_new_budget_and_the_refusal_says_when(database):
    server = Server(database, Budgets(day=Budget(turns=1)))
    await server.conversations.create(conversation("conv-1"))
    await server.ask_and_end("conv-1", 1)

    with pytest.raises(BudgetSpent) as spent:
        await server.ask("conv-1", 2)

    assert (spent.value.scope, spent.value.retry_after_s) == ("day", 12 * 3600)
    await server.ask("conv-1", 3, created_at=NOW + timedelta(hours=12))


async def test_tokens_and_cost_are_counted_for_the_conversation_and_the_day(database):
    server = Server(database, Budgets(conversation=Budget(tokens=1000), day=Budget(cost_usd=0.5)))
    for name in ("conv-1", "conv-2"):
        await server.conversations.create(conversation(name))
    turn = await server.ask("conv-1", 1)
    await server.end(turn, ended(prompt_tokens=900, completion_tokens=150, cost_usd="0.0123"))

    with pytest.raises(BudgetSpent):
        await server.ask("conv-1", 2)
    turn = await server.ask("conv-2", 1)
    await server.end(turn, ended(prompt_tokens=10, cost_usd=0.49))

    assert await used(database) == {
        ("conv-1", ""): (1, 1050, 12_300),
        ("conv-2", ""): (1, 10, 490_000),
        ("site", DAY): (2, 1060, 502_300),
    }
    with pytest.raises(BudgetSpent):
        await server.ask("conv-2", 2)


@pytest.mark.parametrize(
    ("ending", "tokens"),
    [
        (ended(Outcome.CANCELLED), 8000),
        (TurnFailed(error="time-out", message="Again."), 8000),
        (ended(), 0),
        (ended(prompt_tokens="many", completion_tokens=float("nan"), cost_usd=None), 0),
        (ended(prompt_tokens=-5, completion_tokens=7), 7),
        (ended(prompt_tokens=1e40), 10**15),
    ],
)
async def test_a_turn_that_was_stopped_or_broke_is_not_free(database, ending, tokens):
    server = Server(database, Budgets(unfinished_tokens=8000))
    await server.conversations.create(conversation("conv-1"))

    await server.end(await server.ask("conv-1", 1), ending)

    assert (await used(database))["site", DAY] == (1, tokens, 0)
