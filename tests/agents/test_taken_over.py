"""While a person has taken a conversation over, no process answers, and nothing is lost."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from assistant.core.caller import StaffMember
from assistant.core.errors import ActionSettled, NotFound
from assistant.core.events import (
    ConfirmationResolved,
    EventBody,
    StaffJoined,
    StaffLeft,
    StaffMessage,
    TextDelta,
    TurnPassedOn,
    TurnStarted,
)
from assistant.idle_takeovers import keep_released, release_all
from assistant.store.base import Base
from assistant.store.staff_notes import Notes
from assistant.store.takeovers import Takeovers
from assistant.store.tickets import Ticket, TicketRow, Tickets
from tests.agents.test_runner import VISITOR, Server, make, store  # noqa: F401 - fixtures
from tests.chat_store import NOW, ChatStore, action, deltas
from tests.fakes_agent import completed

MIA = StaffMember(staff_id="staff_mia", name="Mia")
BEN = StaffMember(staff_id="staff_ben", name="Ben")
IDLE_AFTER = timedelta(minutes=30)
LATER = NOW + timedelta(minutes=31)


@pytest.fixture
async def takeovers(store: ChatStore) -> Takeovers:  # noqa: F811
    async with store.database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    return Takeovers(store.database, store.log, idle_after=IDLE_AFTER)


async def bodies(server: Server) -> list[EventBody]:
    return [event.body for event in await server.store.log.read("conv-1")]


async def test_a_message_is_kept_for_the_person_and_nobody_answers_it(make, takeovers):  # noqa: F811
    server = make()
    await takeovers.begin("conv-1", MIA, NOW)

    turn = await server.ask("Are you there?")

    assert await server.finished(turn) == [
        TurnStarted(message="Are you there?", client_turn_id="client-1", agent="scripted"),
        TurnPassedOn(to="Mia"),
    ]
    assert (turn.status, server.agent.turns) == ("completed", [])


async def test_the_same_message_sent_twice_is_kept_once(make, takeovers):  # noqa: F811
    server = make()
    await takeovers.begin("conv-1", MIA, NOW)

    first, second = await server.ask("One"), await server.ask("One")

    assert first.id == second.id
    assert len(await bodies(server)) == 3


async def test_one_message_after_another_needs_no_answer_between(make, takeovers):  # noqa: F811
    server = make()
    await takeovers.begin("conv-1", MIA, NOW)

    for number in range(3):
        await server.ask(f"Message {number}", client_turn_id=f"client-{number}")

    kept = [body.message for body in await bodies(server) if isinstance(body, TurnStarted)]
    assert kept == ["Message 0", "Message 1", "Message 2"]


async def test_no_other_worker_answers_either(make, takeovers):  # noqa: F811
    one, other = make(), make()
    await takeovers.begin("conv-1", MIA, NOW)

    await one.ask("To one", client_turn_id="a")
    await other.ask("To the other", client_turn_id="b")

    assert (one.agent.turns, other.agent.turns) == ([], [])
    assert sum(isinstance(body, TurnPassedOn) for body in await bodies(one)) == 2


async def test_a_worker_that_read_the_conversation_before_does_not_answer(make, takeovers):  # noqa: F811
    server = make()
    read_before = await server.store.conversations.get("conv-1")
    await takeovers.begin("conv-1", MIA, NOW)

    turn = await server.runner.ask(read_before, VISITOR, "Hello?", "client-1")

    assert await server.finished(turn)
    assert server.agent.turns == []


async def test_heidi_answers_again_after_the_hand_back_and_knows_what_was_said(make, takeovers):  # noqa: F811
    one, other = make(), make()
    one.agent.script = [*deltas("Yes."), completed(topic="robots")]
    await one.finished(await one.ask("Robots?", client_turn_id="a"))
    await takeovers.begin("conv-1", MIA, NOW)
    await one.ask("For Mia", client_turn_id="b")
    await takeovers.end("conv-1", BEN, NOW)

    await other.finished(await other.ask("And now?", client_turn_id="c"))

    ((turn, _),) = other.agent.turns
    assert [past.message for past in turn.history] == ["Robots?", "For Mia"]
    assert turn.state == {"topic": "robots"}
    told = [body for body in await bodies(other) if isinstance(body, StaffJoined | StaffLeft)]
    assert told == [
        StaffJoined(staff_name="Mia", staff_id="staff_mia"),
        StaffLeft(staff_name="Mia", staff_id="staff_ben"),
    ]


async def test_a_running_answer_ends_where_the_person_joins(make, takeovers):  # noqa: F811
    server, gate = make(), asyncio.Event()
    server.agent.script = [*deltas("Let me "), gate, *deltas("go on"), completed()]
    turn = await server.ask()
    await server.log_reaches(2)

    await takeovers.begin("conv-1", MIA, NOW)
    gate.set()
    await asyncio.gather(*server.runner._tasks.values())

    said = await bodies(server)
    assert said[1:] == [
        TextDelta(text="Let me "),
        TurnPassedOn(to="Mia"),
        StaffJoined(staff_name="Mia", staff_id="staff_mia"),
    ]
    stored = await server.store.conversations.turn("conv-1", turn.id)
    assert stored.status == "completed"


async def test_a_write_that_the_visitor_confirmed_is_carried_out(make, takeovers):  # noqa: F811
    server = make()
    await server.store.actions.create(action(customer_id=None))
    reached, gate = asyncio.Event(), asyncio.Event()

    async def run_action(*_):
        reached.set()
        await gate.wait()
        yield TextDelta(text="Booked.")
        yield completed()

    server.runner._run_action = run_action
    turn = await server.decide(caller=VISITOR)
    await reached.wait()

    await takeovers.begin("conv-1", MIA, NOW)
    gate.set()

    assert TextDelta(text="Booked.") in await server.finished(turn)


async def test_a_proposal_is_withdrawn_and_a_yes_is_for_the_person(make, takeovers):  # noqa: F811
    server = make()
    await server.store.actions.create(action(customer_id=None))

    await takeovers.begin("conv-1", MIA, NOW)
    await server.ask("yes")

    assert ConfirmationResolved(action_id="action-1", decision="superseded") in await bodies(server)
    assert server.decided == []
    with pytest.raises(ActionSettled):
        await server.decide(caller=VISITOR)


async def test_a_decision_on_what_was_proposed_meanwhile_is_refused(make, takeovers):  # noqa: F811
    server = make()
    await takeovers.begin("conv-1", MIA, NOW)
    await server.store.actions.create(action(customer_id=None))

    with pytest.raises(ActionSettled, match="Mia has taken over"):
        await server.decide(caller=VISITOR)
    assert server.decided == []


async def test_taking_over_twice_says_so_once_and_a_colleague_may_follow(make, takeovers):  # noqa: F811
    server = make()

    results = [await takeovers.begin("conv-1", who, NOW) for who in (MIA, MIA, BEN)]

    assert results == [True, False, True]
    names = [body.staff_name for body in await bodies(server) if isinstance(body, StaffJoined)]
    assert names == ["Mia", "Ben"]
    assert (await server.store.conversations.get("conv-1")).taken_over_name == "Ben"


async def test_handing_back_what_nobody_holds_changes_nothing(make, takeovers):  # noqa: F811
    server = make()

    assert not await takeovers.end("conv-1", MIA, NOW)
    assert await bodies(server) == []
    with pytest.raises(NotFound):
        await takeovers.begin("conv-nobodys", MIA, NOW)


async def test_whoever_is_helped_waits_no_longer(make, takeovers):  # noqa: F811
    server = make()
    await Tickets(server.store.database).open(
        Ticket(
            id="tkt_1",
            conversation_id="conv-1",
            reason="Asked",
            summary="",
            customer_name="",
            email="",
            status="open",
            opened_at=NOW,
        )
    )

    await takeovers.begin("conv-1", MIA, NOW)

    async with server.store.database.begin() as session:
        row = (await session.scalars(select(TicketRow))).one()
    assert (row.status, row.closed_by) == ("closed", "staff_mia")


async def test_a_conversation_with_a_person_is_not_paused(make, takeovers):  # noqa: F811
    server = make()
    await takeovers.begin("conv-1", MIA, NOW)

    assert not await server.store.conversations.set_paused("conv-1", is_paused=True)


GONE = StaffLeft(staff_name="Mia", staff_id="", reason="idle")


async def say(server: Server, text: str = "I am looking into it.", at=NOW) -> None:
    said = StaffMessage(staff_name="Mia", text=text)
    await server.store.log.append("conv-1", None, [said], at)


async def waiting(server: Server) -> list[str]:
    return [ticket.reason for ticket in await Tickets(server.store.database).waiting()]


async def test_heidi_answers_who_writes_after_the_person_has_gone(make, takeovers):  # noqa: F811
    server = make()
    server.runner._release_idle = takeovers.release_idle
    await takeovers.begin("conv-1", MIA, NOW)
    await say(server)
    server.clock.now = LATER

    turn = await server.ask("Anything new?")

    assert [body.type for body in await server.finished(turn)] == [
        "turn.started",
        "text.delta",
        "turn.completed",
    ]
    assert (await bodies(server))[2] == GONE
    assert await waiting(server) == []


async def test_who_was_never_answered_waits_for_a_person_again(make, takeovers):  # noqa: F811
    server = make()
    await takeovers.begin("conv-1", MIA, NOW)
    await say(server)
    await server.ask("And my invoice?")

    assert await release_all(takeovers, LATER) == 1

    (ticket,) = await Tickets(server.store.database).waiting()
    assert (ticket.reason, ticket.opened_at) == ("Mia took over and has not answered.", LATER)
    assert ticket.summary == "Visitor: And my invoice?"
    assert (await bodies(server))[-1] == GONE
    assert (await server.store.conversations.get("conv-1")).taken_over_by is None
    assert await release_all(takeovers, LATER) == 0


async def test_who_took_over_and_said_nothing_leaves_a_ticket(make, takeovers):  # noqa: F811
    server = make()
    await takeovers.begin("conv-1", MIA, NOW)

    await takeovers.release_idle("conv-1", LATER)

    assert await waiting(server) == ["Mia took over and has not answered."]


@pytest.mark.parametrize("kind", ["message", "note", "colleague"])
async def test_whoever_is_active_keeps_the_conversation(make, takeovers, kind: str):  # noqa: F811
    server, recently = make(), NOW + timedelta(minutes=20)
    await takeovers.begin("conv-1", MIA, NOW)
    match kind:
        case "message":
            await say(server, at=recently)
        case "note":
            await Notes(server.store.database).write("conv-1", "Calling the bank", MIA, recently)
        case _:
            await takeovers.begin("conv-1", BEN, recently)

    assert not await takeovers.release_idle("conv-1", LATER)
    assert await takeovers.release_idle("conv-1", recently + IDLE_AFTER)


async def test_nothing_is_handed_back_where_that_is_not_wanted(make, takeovers):  # noqa: F811
    server = make()
    await takeovers.begin("conv-1", MIA, NOW)
    takeovers.idle_after = None

    await keep_released(takeovers, lambda: LATER, ran=lambda *_: None)

    assert not await takeovers.release_idle("conv-1", LATER)
    assert await takeovers.held() == ["conv-1"]
    assert len(await bodies(server)) == 1


async def test_a_message_that_meets_the_person_coming_back_is_for_them(make, takeovers):  # noqa: F811
    server = make()
    await takeovers.begin("conv-1", MIA, NOW)

    async def returns_meanwhile(conversation_id: str, now) -> bool:
        released = await takeovers.release_idle(conversation_id, now)
        await takeovers.begin(conversation_id, BEN, now)
        return released

    server.runner._release_idle = returns_meanwhile
    server.clock.now = LATER

    turn = await server.ask("Hello?")

    assert (await server.finished(turn))[-1] == TurnPassedOn(to="Ben")
    assert server.agent.turns == []


async def test_an_open_ticket_stays_the_only_one(make, takeovers):  # noqa: F811
    server = make()
    await takeovers.begin("conv-1", MIA, NOW)
    await Tickets(server.store.database).open(
        Ticket(
            id="tkt_2",
            conversation_id="conv-1",
            reason="Asked again",
            summary="",
            customer_name="",
            email="",
            status="open",
            opened_at=NOW,
        )
    )

    await takeovers.release_idle("conv-1", LATER)

    assert await waiting(server) == ["Asked again"]
