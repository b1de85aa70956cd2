"""However a turn goes, it ends with exactly one terminal event."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from assistant.agents.runner import SERVER_WENT_AWAY, RunnerLimits, TurnRunner
from assistant.core.caller import AnonymousVisitor, Caller, VerifiedCustomer
from assistant.core.errors import (
    ActionSettled,
    AgentFailed,
    Conflict,
    ConversationPaused,
    NotAllowed,
    NotFound,
)
from assistant.core.events import (
    ConfirmationRequired,
    ConfirmationResolved,
    EventBody,
    Outcome,
    Status,
    TextDelta,
    TurnCompleted,
    TurnEvent,
    TurnFailed,
    TurnInterrupted,
    TurnStarted,
)
from assistant.core.turns import PastTurn
from assistant.store.conversation_tables import StoredTurn
from tests.chat_store import ChatStore, action, another_process, deltas, open_chat_store
from tests.chat_store import conversation as new_conversation
from tests.events import BY_TYPE
from tests.fakes_agent import FakeClock, ScriptedAgent, completed

VISITOR = AnonymousVisitor(visitor_id="vis-1")
ADA = VerifiedCustomer(visitor_id="vis-1", customer_id="cust-ada", name="Ada")
BEN = VerifiedCustomer(visitor_id="vis-1", customer_id="cust-ben", name="Ben")


@dataclass(kw_only=True)
class Server:
    """One process: a runner around a scripted agent."""

    store: ChatStore
    agent: ScriptedAgent
    clock: FakeClock
    runner: TurnRunner
    decided: list[tuple[str, str, Caller]]

    async def ask(
        self,
        message: str = "Hello?",
        client_turn_id: str = "client-1",
        caller: Caller = VISITOR,
        conversation_id: str = "conv-1",
    ) -> StoredTurn:
        conversation = await self.store.conversations.get(conversation_id)
        return await self.runner.ask(conversation, caller, message, client_turn_id)

    async def decide(
        self, action_id="action-1", decision="confirm", client_turn_id="client-d", caller=ADA
    ) -> StoredTurn:
        conversation = await self.store.conversations.get("conv-1")
        return await self.runner.decide(conversation, caller, action_id, decision, client_turn_id)

    async def finished(self, turn: StoredTurn) -> list[EventBody]:
        """The turn's events, once it has ended."""
        async with asyncio.timeout(10):
            tail = self.store.tail.follow_turn(turn.conversation_id, turn.id, after=turn.after_seq)
            async with aclosing(tail):
                return [event.body async for event in tail]

    async def log_reaches(self, seq: int, conversation_id: str = "conv-1") -> None:
        """Wait for an event."""
        async with asyncio.timeout(10):
            async with aclosing(self.store.tail.follow(conversation_id, after=0)) as items:
                async for item in items:
                    if isinstance(item, TurnEvent) and item.seq >= seq:
                        return

    async def keep_alive_until(self, turn: StoredTurn) -> list[EventBody]:
        """Let the background work run until a turn has ended."""
        working = asyncio.create_task(self.runner.keep_alive())
        try:
            return await self.finished(turn)
        finally:
            working.cancel()


def make_server(store: ChatStore, clock: FakeClock, **limits: float) -> Server:
    agent = ScriptedAgent()
    decided: list[tuple[str, str, Caller]] = []

    async def run_action(action, decision, turn, caller):
        decided.append((action.id, decision, caller))
        yield TextDelta(text=f"{decision}: {action.title}")
        yield completed()

    runner = TurnRunner(
        log=store.log,
        conversations=store.conversations,
        actions=store.actions,
        agent=agent,
        make_toolbox=lambda turn, caller: None,
        run_action=run_action,
        clock=clock,
        limits=RunnerLimits(**{"heartbeat_s": 0.001, **limits}),
    )
    return Server(store=store, agent=agent, clock=clock, runner=runner, decided=decided)


@pytest.fixture
async def store(tmp_path):
    async with open_chat_store("sqlite", tmp_path) as opened:
        await opened.conversations.create(new_conversation(turn_count=1))
        yield opened


@pytest.fixture
async def make(store: ChatStore):
    """Makes server processes on one database; stops them at the end."""
    clock, servers = FakeClock(), []

    def start(**limits: float) -> Server:
        own = another_process(store) if servers else store
        servers.append(make_server(own, clock, **limits))
        return servers[-1]

    yield start
    for server in servers:
        await server.runner.shut_down(grace_s=0)
        if server.store is not store:
            await server.store.database.close()


@pytest.fixture
def server(make: Callable[..., Server]) -> Server:
    return make()


async def status_of(server: Server, turn: StoredTurn) -> str:
    return (await server.store.conversations.turn(turn.conversation_id, turn.id)).status


async def test_an_answer_is_logged_as_the_agent_gives_it(server: Server):
    server.agent.script = [Status(text="Thinking"), *deltas("Robots ", "walk."), completed(slot=1)]

    turn = await server.ask()

    assert await server.finished(turn) == [
        TurnStarted(message="Hello?", client_turn_id="client-1", agent="scripted"),
        Status(text="Thinking"),
        *deltas("Robots ", "walk."),
        completed(slot=1),
    ]
    assert await status_of(server, turn) == "completed"


async def test_the_agent_is_given_history_state_clock_and_timezone(server: Server):
    server.agent.script = [*deltas("It does."), BY_TYPE["citation"], completed(topic="robots")]
    await server.finished(await server.ask("Does it walk?", "client-1"))
    server.clock.advance(minutes=5)

    await server.finished(await server.ask("And run?", "client-2", ADA))

    turn, caller = server.agent.turns[-1]
    assert caller == ADA
    assert (turn.message, turn.state, turn.now) == (
        "And run?",
        {"topic": "robots"},
        server.clock.now,
    )
    assert turn.timezone == ZoneInfo("Europe/Zurich")
    assert turn.history == (
        PastTurn(
            message="Does it walk?",
            answer="It does.",
            briefing_ids=("SECRET",),
            outcome="answered",
        ),
    )


@pytest.mark.parametrize(
    ("error", "ending"),
    [
        (
            AgentFailed("The model is gone.", remedy="Ask again."),
            TurnFailed(error="agent-failed", message="The model is gone. Ask again."),
        ),
        (
            RuntimeError("password=hunter2"),
            TurnFailed(
                error="internal", message="Something went wrong on our side. Please ask again."
            ),
        ),
    ],
)
async def test_an_agent_that_raises_after_deltas_fails_the_turn_and_keeps_them(
    server: Server, error, ending
):
    server.agent.script = [*deltas("Let me see. "), error]

    turn = await server.ask()

    assert (await server.finished(turn))[1:] == [*deltas("Let me see. "), ending]
    assert await status_of(server, turn) == "failed"


async def test_an_agent_that_stops_without_an_ending_fails_the_turn(server: Server):
    server.agent.script = deltas("Well")

    ended = (await server.finished(await server.ask()))[-1]

    assert isinstance(ended, TurnFailed)
    assert ended.error == "agent-silent"


async def test_an_answer_that_takes_too_long_fails_and_keeps_what_was_said(
    make: Callable[..., Server],
):
    server = make(turn_timeout_s=0.05)
    server.agent.script = [*deltas("Well, "), asyncio.Event()]

    turn = await server.ask()

    assert (await server.finished(turn))[1:] == [
        *deltas("Well, "),
        TurnFailed(error="time-out", message="That took too long. Please ask again."),
    ]


@pytest.mark.parametrize("script", [[asyncio.Event], [*deltas("Well, "), asyncio.Event]])
async def test_stopping_while_the_agent_waits_ends_the_turn_as_cancelled(server: Server, script):
    server.agent.script = [step() if step is asyncio.Event else step for step in script]
    turn = await server.ask()
    await server.log_reaches(len(script))

    await server.runner.cancel("conv-1", turn.id)

    *said, ended = (await server.finished(turn))[1:]
    assert said == script[:-1]
    assert isinstance(ended, TurnCompleted)
    assert ended.outcome == Outcome.CANCELLED
    assert await status_of(server, turn) == "completed"


async def test_stopping_between_deltas_keeps_a_beginning_of_the_answer(server: Server):
    server.agent.script = [*deltas(*range(2000)), completed()]
    turn = await server.ask()
    await server.log_reaches(2)

    await server.runner.cancel("conv-1", turn.id)

    _, *said, ended = await server.finished(turn)
    assert said == deltas(*range(len(said)))
    assert isinstance(ended, TurnCompleted)
    assert server.store.database.engine.pool.checkedout() == 0


async def test_stopping_five_times_ends_the_turn_once_and_keeps_the_state(server: Server):
    server.agent.script = [completed(topic="robots")]
    await server.finished(await server.ask(client_turn_id="client-0"))
    server.agent.script = [*deltas("Well, "), asyncio.Event()]
    turn = await server.ask()
    await server.log_reaches(4)

    await asyncio.gather(*(server.runner.cancel("conv-1", turn.id) for _ in range(5)))

    events = await server.finished(turn)
    assert events[-1].state == {"topic": "robots"}
    await server.runner.shut_down(grace_s=1)
    kept = [event for event in await server.store.log.read("conv-1") if event.turn_id == turn.id]
    assert [event.body for event in kept] == events


async def test_stopping_a_turn_that_has_ended_changes_nothing(server: Server):
    turn = await server.ask()
    events = await server.finished(turn)

    await server.runner.cancel("conv-1", turn.id)

    assert await server.finished(turn) == events
    with pytest.raises(NotFound):
        await server.runner.cancel("conv-1", "turn-nothing")


async def test_a_stop_asked_of_another_process_reaches_the_one_that_answers(
    make: Callable[..., Server],
):
    owner, other = make(), make()
    owner.agent.script = [*deltas("Well, "), asyncio.Event()]
    turn = await owner.ask()
    await owner.log_reaches(2)

    await other.runner.cancel("conv-1", turn.id)

    ended = (await owner.keep_alive_until(turn))[-1]
    assert isinstance(ended, TurnCompleted)
    assert ended.outcome == Outcome.CANCELLED


async def test_shutting_down_lets_an_answer_finish_within_the_grace(server: Server):
    gate = asyncio.Event()
    server.agent.script = [*deltas("Half, "), gate, *deltas("whole."), completed()]
    turn = await server.ask()
    await server.log_reaches(2)

    stopping = asyncio.create_task(server.runner.shut_down(grace_s=10))
    await asyncio.sleep(0)
    gate.set()
    await stopping

    assert (await server.finished(turn))[-1] == completed()


async def test_shutting_down_in_the_middle_says_that_the_answer_was_interrupted(server: Server):
    server.agent.script = [*deltas("Half an "), asyncio.Event()]
    turn = await server.ask()
    await server.log_reaches(2)

    await server.runner.shut_down(grace_s=0)

    kept = await server.store.log.read("conv-1")
    assert [event.body for event in kept][1:] == [
        *deltas("Half an "),
        TurnInterrupted(reason=SERVER_WENT_AWAY),
    ]
    assert await status_of(server, turn) == "interrupted"
    assert server.runner._tasks == {}


async def test_the_only_process_says_of_every_turn_of_its_predecessor_that_it_was_interrupted(
    make: Callable[..., Server],
):
    gone, next_one = make(), make()
    gone.agent.script = [*deltas("Half an "), asyncio.Event()]
    turn = await gone.ask()
    await gone.log_reaches(2)

    assert await next_one.runner.recover(only_process=True) == 1
    assert await next_one.runner.recover(only_process=True) == 0
    assert (await next_one.finished(turn))[-1] == TurnInterrupted(reason=SERVER_WENT_AWAY)


async def test_among_several_processes_a_turn_is_given_up_when_its_lease_has_run_out(
    make: Callable[..., Server],
):
    gone, alive = make(lease_s=15), make()
    gone.agent.script = [*deltas("Half an "), asyncio.Event()]
    turn = await gone.ask()
    await gone.log_reaches(2)

    gone.clock.advance(seconds=15)
    assert await alive.runner.recover(only_process=False) == 0
    gone.clock.advance(seconds=1)
    assert await alive.runner.recover(only_process=False) == 1
    assert await status_of(alive, turn) == "interrupted"


async def test_a_process_that_renews_its_leases_keeps_its_turns(make: Callable[..., Server]):
    owner, other = make(lease_s=15), make()
    gate = asyncio.Event()
    owner.agent.script = [*deltas("Half, "), gate, *deltas("whole."), completed()]
    turn = await owner.ask()
    await owner.log_reaches(2)
    owner.clock.advance(seconds=14)
    until = owner.clock.now + timedelta(seconds=15)
    await owner.store.conversations.renew_leases(owner.runner._owner, until)
    owner.clock.advance(seconds=14)

    assert await other.runner.recover(only_process=False) == 0
    gate.set()
    assert (await owner.finished(turn))[-1] == completed()


async def test_a_process_that_was_given_up_says_no_more(make: Callable[..., Server]):
    stalled, other = make(), make()
    gate = asyncio.Event()
    stalled.agent.script = [*deltas("Half, "), gate, *deltas("too late"), completed()]
    turn = await stalled.ask()
    await stalled.log_reaches(2)
    stalled.clock.advance(hours=1)
    await other.runner.recover(only_process=False)

    gate.set()
    await stalled.runner.shut_down(grace_s=10)

    kept = [event.body for event in await other.store.log.read("conv-1")]
    assert kept[1:] == [*deltas("Half, "), TurnInterrupted(reason=SERVER_WENT_AWAY)]
    assert await status_of(other, turn) == "interrupted"


async def test_the_same_client_id_joins_its_turn_even_after_it_and_while_paused(server: Server):
    turn = await server.ask()
    await server.finished(turn)
    await server.store.conversations.set_paused("conv-1", is_paused=True)

    assert (await server.ask()).id == turn.id
    with pytest.raises(ConversationPaused):
        await server.ask(client_turn_id="client-2")
    assert len(server.agent.turns) == 1


async def test_a_second_message_is_told_to_wait(server: Server):
    server.agent.script = [asyncio.Event()]
    await server.ask()

    with pytest.raises(Conflict, match="still answering"):
        await server.ask(client_turn_id="client-2")


async def test_a_long_history_is_read_without_passages_and_tool_results(server: Server):
    bulky = [BY_TYPE["retrieval"], BY_TYPE["tool.result"], BY_TYPE["status"]]
    server.agent.script = [*bulky, *deltas("One."), completed()]
    await server.finished(await server.ask(client_turn_id="client-1"))
    read: list[EventBody] = []
    original = server.store.log.read

    async def remembering(*args: object, **kwargs: object):
        events = await original(*args, **kwargs)
        read.extend(event.body for event in events)
        return events

    server.store.log.read = remembering
    await server.ask(client_turn_id="client-2")
    async with asyncio.timeout(10):
        while len(server.agent.turns) < 2:
            await asyncio.sleep(0)
    server.store.log.read = original

    assert {type(body) for body in read} == {TurnStarted, TextDelta, TurnCompleted}
    assert server.agent.turns[-1][0].history[0].answer == "One."


def confirmation(action_id: str) -> ConfirmationRequired:
    required = BY_TYPE["confirmation.required"]
    assert isinstance(required, ConfirmationRequired)
    return replace(required, action_id=action_id)


async def test_a_confirmed_action_runs_in_a_turn_of_its_own(server: Server):
    await server.store.actions.create(action())

    turn = await server.decide()

    assert await server.finished(turn) == [
        TurnStarted(message="", client_turn_id="client-d", agent="scripted", action_id="action-1"),
        ConfirmationResolved(action_id="action-1", decision="confirmed"),
        *deltas("confirm: Book a call"),
        completed(),
    ]
    assert server.decided == [("action-1", "confirm", ADA)]


async def test_fifty_simultaneous_confirmations_run_the_write_once(make: Callable[..., Server]):
    servers = [make(), make()]
    await servers[0].store.actions.create(action())

    results = await asyncio.gather(
        *(servers[n % 2].decide(client_turn_id=f"client-{n}") for n in range(50)),
        return_exceptions=True,
    )
    started = [result for result in results if isinstance(result, StoredTurn)]
    for turn in started:
        await servers[0].finished(turn)

    assert servers[0].decided + servers[1].decided == [("action-1", "confirm", ADA)]
    assert set(Counter(type(r).__name__ for r in results)) <= {
        "StoredTurn",
        "Conflict",
        "ActionSettled",
    }


async def test_the_same_decision_sent_twice_joins_its_turn(server: Server):
    await server.store.actions.create(action())

    first = await server.decide()
    await server.finished(first)

    assert (await server.decide()).id == first.id
    assert len(server.decided) == 1


@pytest.mark.parametrize(
    ("message", "decision"),
    [("yes", "confirmed"), ("Yes, please!", "confirmed"), ("no", "declined")],
)
async def test_a_typed_yes_or_no_decides_the_action_that_waits(server: Server, message, decision):
    await server.store.actions.create(action())

    events = await server.finished(await server.ask(message, caller=ADA))

    assert events[:2] == [
        TurnStarted(
            message=message, client_turn_id="client-1", agent="scripted", action_id="action-1"
        ),
        ConfirmationResolved(action_id="action-1", decision=decision),
    ]
    assert server.agent.turns == []


@pytest.mark.parametrize(
    ("message", "caller"), [("yes", BEN), ("yes", VISITOR), ("yes, but at four", ADA)]
)
async def test_another_customers_yes_or_a_yes_with_more_is_a_message(
    server: Server, message, caller
):
    await server.store.actions.create(action())

    await server.finished(await server.ask(message, caller=caller))

    assert [turn.message for turn, _ in server.agent.turns] == [message]
    assert server.decided == []
    assert (await server.store.actions.get("action-1", "conv-1")).status == "pending"


async def test_a_yes_with_nothing_to_confirm_is_a_message(server: Server):
    await server.finished(await server.ask("yes", caller=ADA))

    assert [turn.message for turn, _ in server.agent.turns] == ["yes"]


@pytest.mark.parametrize("caller", [BEN, VISITOR])
async def test_a_decision_of_somebody_else_is_not_allowed(server: Server, caller):
    await server.store.actions.create(action())

    with pytest.raises(NotAllowed):
        await server.decide(caller=caller)

    assert (await server.store.actions.get("action-1", "conv-1")).status == "pending"
    assert await server.store.log.read("conv-1") == ()


async def test_a_visitors_own_action_needs_no_customer(server: Server):
    await server.store.actions.create(action(customer_id=None))

    await server.finished(await server.decide(caller=VISITOR))

    assert server.decided == [("action-1", "confirm", VISITOR)]


async def test_an_expired_action_can_no_longer_be_decided(server: Server):
    await server.store.actions.create(action())
    server.clock.advance(minutes=10)

    with pytest.raises(ActionSettled):
        await server.decide()
    await server.finished(await server.ask("yes", caller=ADA))

    assert server.decided == []


async def test_an_action_that_expires_while_its_turn_starts_fails_the_turn(server: Server):
    await server.store.actions.create(action())
    settle = server.store.actions.settle

    async def late(*args: object):
        server.clock.advance(minutes=10)
        return await settle(*args[:3], server.clock())

    server.store.actions.settle = late
    turn = await server.decide()

    ended = (await server.finished(turn))[-1]
    assert isinstance(ended, TurnFailed)
    assert ended.error == "action-settled"
    assert server.decided == []


@pytest.mark.parametrize("action_id", ["action-9", "", "' OR 1=1 --"])
async def test_an_unknown_action_is_not_found(server: Server, action_id):
    await server.store.actions.create(action())

    with pytest.raises(NotFound):
        await server.decide(action_id)


async def test_a_new_confirmation_says_that_the_one_before_it_is_superseded(server: Server):
    await server.store.actions.create(action("action-1"))
    server.agent.script = [confirmation("action-2"), confirmation("action-3"), completed()]

    events = await server.finished(await server.ask("At four instead", caller=ADA))

    assert events[1:] == [
        ConfirmationResolved(action_id="action-1", decision="superseded"),
        confirmation("action-2"),
        confirmation("action-3"),
        completed(),
    ]


async def test_an_answer_without_a_confirmation_leaves_the_waiting_one_alone(server: Server):
    await server.store.actions.create(action())

    events = await server.finished(await server.ask("What's new?", caller=ADA))

    assert events[1:] == [*deltas("Hello."), completed()]
    assert (await server.store.actions.pending("conv-1", server.clock())).id == "action-1"


async def test_nothing_is_kept_of_turns_that_have_ended(server: Server):
    for number in range(5):
        await server.finished(await server.ask(client_turn_id=f"client-{number}"))
    await server.runner.shut_down(grace_s=5)

    assert (server.runner._tasks, server.runner._stopped_by_visitor) == ({}, set())
    assert dict(server.store.notifier._events) == {}
    assert server.store.database.engine.pool.checkedout() == 0


async def test_a_confirmed_write_is_not_stopped_in_the_middle(server: Server):
    await server.store.actions.create(action())

    turn = await server.decide()
    await server.runner.cancel(turn.conversation_id, turn.id)

    events = await server.finished(turn)
    assert events[-1] == completed()
    assert server.decided == [("action-1", "confirm", ADA)]
