"""What is previewed is kept for its visitor; a hundred who want one slot get it once."""

from __future__ import annotations

import asyncio

import pytest
import structlog
from sqlalchemy import event

from assistant.backends.calendar_sql import SqlCalendar
from assistant.backends.demo_calendar import seed_demo_calendar
from assistant.core.caller import VerifiedCustomer
from assistant.core.events import ConfirmationRequired, ToolResult
from assistant.core.toolbox import ToolContext
from assistant.tools.actions import run_action
from assistant.tools.execution import ToolLimits, ToolRunner
from assistant.tools.holding import release_hold
from assistant.tools.registry import make_tools
from assistant.tools.toolbox import PolicyToolbox
from tests.contracts.databases import CALENDAR_TABLES, SQL_KINDS, open_database
from tests.fakes_accounts import InMemoryAccounts
from tests.fakes_actions import InMemoryActionStore
from tests.fakes_calendar import InMemoryCalendar
from tests.tools.conftest import NOW, ZURICH

TEN = "2026-12-01T10:00"
"""Only Mara works then: the other host is in New York."""


def customer(number: int) -> VerifiedCustomer:
    return VerifiedCustomer(visitor_id=f"v{number}", customer_id=f"cust-{number}")


def patient() -> ToolRunner:
    """A runner that a busy machine does not make give up: a hundred wait for each other here."""
    return ToolRunner(limits=ToolLimits(timeout_s=300))


class Desk:
    """One customer's conversation with the tools."""

    def __init__(self, tools, actions, caller: VerifiedCustomer, conversation: str) -> None:
        self.tools, self.actions = tools, actions
        self.context = ToolContext(
            caller=caller, now=NOW, timezone=ZURICH, conversation_id=conversation
        )
        self._toolbox = PolicyToolbox(
            tools,
            caller=caller,
            now=NOW,
            timezone=ZURICH,
            conversation_id=conversation,
            turn_id="t1",
            actions=actions,
            runner=patient(),
        )

    async def ask(self, name: str, **arguments):
        """Preview a write; gives what waits, or the failure."""
        _, invocation, _ = await self._toolbox.call(name, arguments)
        return invocation

    async def ask_for(self, start: str = TEN):
        return await self.ask("book_meeting", team="sales", start=start)

    async def decide(self, required: ConfirmationRequired, status: str):
        """The visitor's decision, and the turn that it starts."""
        conversation = self.context.conversation_id
        action = await self.actions.settle(required.action_id, conversation, status, NOW)
        turn = run_action(action, self.tools, self.context, state={}, runner=patient())
        return [event async for event in turn]


@pytest.fixture(params=["memory", *SQL_KINDS])
async def open_desk(request, tmp_path):
    actions = InMemoryActionStore()
    kind = "sqlite" if request.param == "memory" else request.param
    async with open_database(kind, tmp_path, CALENDAR_TABLES) as database:
        await seed_demo_calendar(database, NOW)
        calendar = InMemoryCalendar() if request.param == "memory" else SqlCalendar(database)
        tools = make_tools(InMemoryAccounts({}), calendar)
        yield lambda number, conversation=None: Desk(
            tools, actions, customer(number), conversation or f"c{number}"
        )


def is_asked(invocation) -> bool:
    return isinstance(invocation, ConfirmationRequired)


async def test_two_visitors_are_never_both_shown_one_slot_to_confirm(open_desk):
    first, second = open_desk(1), open_desk(2)
    waiting = await first.ask_for()
    refused = await second.ask_for()
    assert is_asked(waiting)
    assert (refused.ok, refused.output["error"], refused.card["kind"]) == (
        False,
        "slot-taken",
        "slots",
    )
    assert TEN not in [slot["start"][:16] for slot in refused.output["alternatives"]]
    [_, result, _, _] = await first.decide(waiting, "confirmed")
    assert result.ok


async def test_a_declined_booking_is_free_for_others_at_once(open_desk):
    first, second = open_desk(1), open_desk(2)
    await first.decide(await first.ask_for(), "declined")
    assert is_asked(await second.ask_for())


async def test_asking_for_another_time_lets_go_of_the_first(open_desk):
    first, second = open_desk(1), open_desk(2)
    await first.ask_for()
    await first.ask_for("2026-12-02T10:00")
    assert is_asked(await second.ask_for())
    assert not is_asked(await second.ask_for("2026-12-02T10:00"))


async def test_another_write_supersedes_the_booking_and_its_hold(open_desk):
    first, second = open_desk(1), open_desk(2)
    booked = await first.decide(await first.ask_for("2026-12-03T10:00"), "confirmed")
    meeting_id = booked[1].output["meeting"]["id"]
    await first.ask_for()
    assert is_asked(await first.ask("cancel_meeting", meeting_id=meeting_id))
    assert is_asked(await second.ask_for())


async def test_a_refused_request_leaves_what_was_held(open_desk):
    first, second = open_desk(1), open_desk(2)
    waiting = await first.ask_for()
    assert not is_asked(await first.ask_for("2026-12-05T10:00"))
    assert not is_asked(await second.ask_for())
    assert (await first.decide(waiting, "confirmed"))[1].ok


async def test_the_slot_of_a_move_is_held_too(open_desk):
    first, second = open_desk(1), open_desk(2)
    booked = await first.decide(await first.ask_for(), "confirmed")
    meeting_id = booked[1].output["meeting"]["id"]
    waiting = await first.ask("move_meeting", meeting_id=meeting_id, start="2026-12-02T10:00")
    assert not is_asked(await second.ask_for("2026-12-02T10:00"))
    assert not is_asked(await second.ask_for())
    await first.decide(waiting, "declined")
    assert is_asked(await second.ask_for("2026-12-02T10:00"))


async def test_someone_else_s_decision_releases_nothing(open_desk):
    first, second = open_desk(1), open_desk(2)
    waiting = await first.ask_for()
    stranger = open_desk(3, conversation="c1")
    await stranger.decide(waiting, "declined")
    assert not is_asked(await second.ask_for())


async def test_of_a_hundred_who_ask_at_once_one_confirms_and_99_are_offered_the_next(open_desk):
    desks = [open_desk(number) for number in range(100)]
    asked = await asyncio.gather(*(desk.ask_for() for desk in desks))
    waiting = [(desk, each) for desk, each in zip(desks, asked, strict=True) if is_asked(each)]
    assert len(waiting) == 1
    [(desk, required)] = waiting
    assert (await desk.decide(required, "confirmed"))[1].ok
    refused = [each for each in asked if isinstance(each, ToolResult)]
    assert {each.output["error"] for each in refused} == {"slot-taken"}
    assert {len(each.output["alternatives"]) for each in refused} == {3}


async def test_of_a_hundred_who_confirm_at_once_one_is_booked_and_99_are_offered_the_next(
    open_desk,
):
    # One customer in a hundred tabs: what is held is theirs, so all hundred are asked to confirm.
    desks = [open_desk(1, conversation=f"c{number}") for number in range(100)]
    asked = [await desk.ask_for() for desk in desks]
    assert all(map(is_asked, asked))
    turns = await asyncio.gather(
        *(desk.decide(required, "confirmed") for desk, required in zip(desks, asked, strict=True))
    )
    results = [turn[1] for turn in turns]
    assert [result.ok for result in results].count(True) == 1
    refused = [result for result in results if not result.ok]
    assert {result.output["error"] for result in refused} == {"slot-taken"}
    starts = {slot["start"][:16] for each in refused for slot in each.output["alternatives"]}
    assert TEN not in starts
    assert {len(each.output["alternatives"]) for each in refused} == {3}
    listed = await desks[0].ask("list_meetings")
    assert listed.output["matched"] == 1


async def test_a_hundred_who_confirm_at_once_ask_the_database_little(tmp_path):
    statements: list[str] = []
    async with open_database("sqlite", tmp_path, CALENDAR_TABLES) as database:
        await seed_demo_calendar(database, NOW)
        tools = make_tools(InMemoryAccounts({}), SqlCalendar(database))
        actions = InMemoryActionStore()
        desks = [Desk(tools, actions, customer(1), f"c{number}") for number in range(100)]
        asked = [await desk.ask_for() for desk in desks]

        @event.listens_for(database.engine.sync_engine, "before_cursor_execute")
        def _count(connection, cursor, statement, *rest) -> None:
            statements.append(statement)

        await asyncio.gather(
            *(desk.decide(each, "confirmed") for desk, each in zip(desks, asked, strict=True))
        )

    shared = [one for one in statements if one.startswith("SELECT") and "changes" not in one]
    assert len(shared) <= 150
    assert len(statements) <= 1_100


async def test_whoever_is_refused_can_be_booked_into_a_next_slot(open_desk):
    desks = [open_desk(number) for number in range(12)]

    async def book_somewhere(desk: Desk) -> tuple[str, str]:
        start = TEN
        while True:
            asked = await desk.ask_for(start)
            if is_asked(asked):
                turn = await desk.decide(asked, "confirmed")
                assert turn[1].ok
                meeting = turn[1].output["meeting"]
                return meeting["start"], meeting["host"]
            start = asked.output["alternatives"][0]["start"]

    starts = await asyncio.gather(*map(book_somewhere, desks))
    assert len(set(starts)) == len(starts)


async def test_a_hold_that_can_not_be_released_is_no_failure(open_desk):
    class Broken:
        name = "broken"

        async def release(self, context):
            raise RuntimeError("down")

    with structlog.testing.capture_logs() as logs:
        await release_hold(Broken(), open_desk(1).context)
        await release_hold(None, open_desk(1).context)
    assert [log["event"] for log in logs] == ["hold not released"]
