"""The contract of the stores of chat under many writers, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from assistant.core.errors import ActionSettled, Conflict, ConversationPaused, NotFound
from assistant.core.events import (
    ConversationPaused as Paused,
)
from assistant.core.events import (
    Status,
    TextDelta,
    TurnEvent,
    TurnInterrupted,
    TurnStarted,
)
from assistant.store.event_log import TurnEnded
from tests.chat_store import (
    NOW,
    ChatStore,
    action,
    another_process,
    conversation,
    deltas,
    open_chat_store,
)
from tests.contracts.databases import SQL_KINDS
from tests.fakes_agent import completed


@pytest.fixture(params=SQL_KINDS)
async def store(request, tmp_path):
    async with open_chat_store(request.param, tmp_path) as opened:
        await opened.conversations.create(conversation("conv-1"))
        await opened.conversations.create(conversation("conv-2"))
        yield opened


@pytest.fixture
async def processes(store: ChatStore):
    """Three servers on one database."""
    others = [another_process(store), another_process(store)]
    yield [store, *others]
    for other in others:
        await other.database.close()


async def test_a_hundred_simultaneous_appends_are_numbered_without_gap_or_repetition(processes):
    batches = [
        deltas(*(f"{number}.{part}" for part in range(1 + number % 3))) for number in range(100)
    ]

    written = await asyncio.gather(
        *(
            processes[number % 3].log.append("conv-1", None, batch, NOW)
            for number, batch in enumerate(batches)
        )
    )

    kept = await processes[0].log.read("conv-1")
    assert [event.seq for event in kept] == list(range(1, sum(map(len, batches)) + 1))
    assert {event.seq: event for batch in written for event in batch} == {
        event.seq: event for event in kept
    }
    for batch, events in zip(batches, written, strict=True):
        assert [event.body for event in events] == batch
        assert [event.seq - events[0].seq for event in events] == list(range(len(batch)))


async def test_the_logs_of_two_conversations_are_numbered_apart(store: ChatStore):
    await asyncio.gather(
        *(store.log.append(f"conv-{1 + n % 2}", None, deltas(n), NOW) for n in range(20))
    )

    for name in ("conv-1", "conv-2"):
        assert [event.seq for event in await store.log.read(name)] == list(range(1, 11))
        assert await store.log.last_seq(name) == 10


async def test_a_tail_that_starts_in_the_middle_sees_every_event_once_and_in_order(processes):
    await processes[0].log.append("conv-1", None, deltas(*range(10)), NOW)

    async def tail(after: int) -> list[int]:
        seen = []
        async for item in processes[0].tail.follow("conv-1", after=after):
            if isinstance(item, TurnEvent):
                seen.append(item.seq)
                if item.body == Paused(reason="end"):
                    break
        return seen

    async def write() -> None:
        for number in range(10):
            await asyncio.gather(
                *(process.log.append("conv-1", None, deltas(number), NOW) for process in processes)
            )
        await processes[0].log.append("conv-1", None, [Paused(reason="end")], NOW)

    *seen, _ = await asyncio.gather(tail(0), tail(5), tail(25), write())

    assert seen == [list(range(1, 42)), list(range(6, 42)), list(range(26, 42))]


async def test_reading_can_be_narrowed_to_types_and_a_number_of_events(store: ChatStore):
    bodies = [Status(text="…"), *deltas("a", "b"), Status(text="…"), *deltas("c")]
    await store.log.append("conv-1", None, bodies, NOW)

    spoken = await store.log.read("conv-1", types={"text.delta"})
    first = await store.log.read("conv-1", after=1, limit=2)

    assert [(event.seq, event.body) for event in spoken] == [
        (2, TextDelta(text="a")),
        (3, TextDelta(text="b")),
        (5, TextDelta(text="c")),
    ]
    assert [event.seq for event in first] == [2, 3]


async def test_one_message_sent_twenty_times_at_once_starts_one_turn(processes):
    started = await asyncio.gather(
        *(processes[number % 3].start_turn("conv-1") for number in range(20))
    )

    assert len({turn.id for turn in started}) == 1
    kept = await processes[0].log.read("conv-1")
    assert [type(event.body) for event in kept] == [TurnStarted]
    assert (await processes[0].conversations.get("conv-1")).turn_count == 1


async def test_of_two_simultaneous_messages_one_is_told_to_wait(processes):
    results = await asyncio.gather(
        *(processes[number % 3].start_turn("conv-1", f"client-{number}") for number in range(9)),
        return_exceptions=True,
    )

    assert Counter(type(result).__name__ for result in results) == {"StoredTurn": 1, "Conflict": 8}
    assert len(await processes[0].log.read("conv-1")) == 1


async def test_a_finished_turn_is_joined_while_another_one_runs(store: ChatStore):
    first = await store.start_turn("conv-1", "client-1")
    await store.conversations.end_turn(
        first, "completed", store.log.writer("conv-1", first.id, completed(), NOW)
    )
    await store.start_turn("conv-1", "client-2")

    again = await store.start_turn("conv-1", "client-1")

    assert again.id == first.id
    with pytest.raises(Conflict):
        await store.start_turn("conv-1", "client-3")


async def test_a_turn_that_fails_to_write_its_first_event_never_started(store: ChatStore):
    def fail(_connection: object) -> int:
        raise RuntimeError("disk full")

    with pytest.raises(RuntimeError):
        await store.start_turn("conv-1", write_first_event=fail)

    assert await store.log.read("conv-1") == ()
    assert await store.conversations.turn_by_client_id("conv-1", "client-1") is None
    assert (await store.conversations.get("conv-1")).turn_count == 0


async def test_a_turn_ends_once_however_many_end_it(processes):
    turn = await processes[0].start_turn("conv-1")
    endings = [
        (process, status, body)
        for process in processes
        for status, body in (
            ("completed", completed()),
            ("interrupted", TurnInterrupted(reason="gone")),
        )
    ]

    ended = await asyncio.gather(
        *(
            process.conversations.end_turn(
                turn, status, process.log.writer("conv-1", turn.id, body, NOW)
            )
            for process, status, body in endings
        )
    )

    assert sum(ended) == 1
    _, status, body = endings[ended.index(True)]
    assert (await processes[0].conversations.turn("conv-1", turn.id)).status == status
    assert [event.body for event in await processes[0].log.read("conv-1")][1:] == [body]


async def test_an_ending_that_cannot_be_written_leaves_the_turn_running(store: ChatStore):
    turn = await store.start_turn("conv-1")

    def fail(_connection: object) -> int:
        raise RuntimeError("disk full")

    with pytest.raises(RuntimeError):
        await store.conversations.end_turn(turn, "completed", fail)

    assert (await store.conversations.turn("conv-1", turn.id)).status == "running"


async def test_nothing_follows_the_terminal_event_of_a_turn_that_was_taken_over(processes):
    writer, other = processes[:2]
    turn = await writer.start_turn("conv-1")

    async def answer() -> None:
        for number in range(200):
            await writer.log.append("conv-1", turn.id, deltas(number), NOW, only_while_running=True)

    async def take_over() -> None:
        while await other.log.last_seq("conv-1") < 5:
            await asyncio.sleep(0)
        body = TurnInterrupted(reason="gone")
        await other.conversations.end_turn(
            turn, "interrupted", other.log.writer("conv-1", turn.id, body, NOW)
        )

    answered, _ = await asyncio.gather(answer(), take_over(), return_exceptions=True)

    assert isinstance(answered, TurnEnded)
    kept = await writer.log.read("conv-1")
    assert [event.is_terminal for event in kept] == [False] * (len(kept) - 1) + [True]


async def test_an_append_that_is_cancelled_is_whole_or_absent_and_leaves_no_connection(
    store: ChatStore,
):
    appending = [
        asyncio.create_task(store.log.append("conv-1", None, deltas(n, n), NOW)) for n in range(10)
    ]
    await asyncio.sleep(0)
    for task in appending:
        task.cancel()
    await asyncio.gather(*appending, return_exceptions=True)

    kept = await store.log.read("conv-1")

    assert [event.seq for event in kept] == list(range(1, len(kept) + 1))
    assert set(Counter(event.body.text for event in kept).values()) <= {2}
    assert store.database.engine.pool.checkedout() == 0


async def test_pausing_tells_once_and_stops_new_turns_until_resumed(processes):
    def pause(process: ChatStore):
        write = process.log.writer("conv-1", None, Paused(reason="idle"), NOW)
        return process.conversations.set_paused("conv-1", is_paused=True, write_event=write)

    changed = await asyncio.gather(*(pause(process) for process in processes))

    assert sum(changed) == 1
    store = processes[0]
    assert [event.body for event in await store.log.read("conv-1")] == [Paused(reason="idle")]
    with pytest.raises(ConversationPaused):
        await store.start_turn("conv-1")
    await store.conversations.set_paused("conv-1", is_paused=False)
    assert (await store.start_turn("conv-1")).status == "running"


async def test_what_json_or_the_database_cannot_carry_is_replaced_not_fatal(store: ChatStore):
    odd = Status(text="a\x00b\ud800c", detail={"k\x00": ["\udfff", float("nan"), {"x": "\x00"}]})

    await store.log.append("conv-1", None, [odd], NOW)

    (kept,) = await store.log.read("conv-1")
    assert kept.body == Status(text="ab?c", detail={"k": ["?", None, {"x": ""}]})


async def test_fifty_simultaneous_confirmations_let_one_through(processes):
    await processes[0].actions.create(action())

    results = await asyncio.gather(
        *(
            processes[number % 3].actions.settle("action-1", "conv-1", "confirmed", NOW)
            for number in range(50)
        ),
        return_exceptions=True,
    )

    assert Counter(type(result).__name__ for result in results) == {
        "Action": 1,
        "ActionSettled": 49,
    }
    assert (await processes[0].actions.get("action-1", "conv-1")).status == "confirmed"


async def test_a_new_action_supersedes_the_one_that_waited(store: ChatStore):
    first, second = action("action-1"), action("action-2")
    await store.actions.create(first)
    await store.actions.create(second)

    assert await store.actions.pending("conv-1", NOW) == second
    with pytest.raises(ActionSettled, match="superseded"):
        await store.actions.settle("action-1", "conv-1", "confirmed", NOW)


async def test_an_expired_action_neither_waits_nor_settles(store: ChatStore):
    await store.actions.create(action())
    later = NOW + timedelta(minutes=10)

    assert await store.actions.pending("conv-1", later) is None
    with pytest.raises(ActionSettled, match="has expired"):
        await store.actions.settle("action-1", "conv-1", "confirmed", later)


@pytest.mark.parametrize(
    ("action_id", "conversation_id"), [("action-1", "conv-2"), ("action-9", "conv-1")]
)
async def test_an_action_of_another_conversation_looks_like_none(
    store: ChatStore, action_id, conversation_id
):
    await store.actions.create(action())

    assert await store.actions.get(action_id, conversation_id) is None
    with pytest.raises(NotFound):
        await store.actions.settle(action_id, conversation_id, "confirmed", NOW)
    assert (await store.actions.get("action-1", "conv-1")).status == "pending"


async def test_turns_are_abandoned_when_their_lease_has_run_out(store: ChatStore):
    await store.start_turn("conv-1", owner="gone", lease_until=NOW)
    await store.start_turn("conv-2", owner="alive", lease_until=NOW + timedelta(seconds=5))

    def abandoned(owner: str, seconds: float, *, only_process: bool):
        return store.conversations.abandoned_turns(
            NOW + timedelta(seconds=seconds), owner=owner, only_process=only_process
        )

    async def names(*args: object, **kwargs: object) -> list[str]:
        return sorted(turn.conversation_id for turn in await abandoned(*args, **kwargs))

    assert await names("me", 0, only_process=False) == []
    assert await names("me", 1, only_process=False) == ["conv-1"]
    assert await names("me", 6, only_process=False) == ["conv-1", "conv-2"]
    assert await names("me", 0, only_process=True) == ["conv-1", "conv-2"]
    assert await names("gone", 6, only_process=True) == ["conv-2"]


async def test_renewing_keeps_a_lease_and_tells_which_turns_shall_stop(store: ChatStore):
    turn = await store.start_turn("conv-1", owner="me", lease_until=NOW)
    await store.start_turn("conv-2", owner="other", lease_until=NOW)
    later = NOW + timedelta(seconds=15)

    assert list(await store.conversations.renew_leases("me", later)) == []
    await store.conversations.request_cancel(turn.id)
    assert list(await store.conversations.renew_leases("me", later)) == [turn.id]
    abandoned = await store.conversations.abandoned_turns(
        NOW + timedelta(seconds=1), owner="third", only_process=False
    )
    assert [turn.conversation_id for turn in abandoned] == ["conv-2"]


async def test_a_customer_stays_the_one_who_came_first(processes):
    results = await asyncio.gather(
        *(
            process.conversations.attach_customer("conv-1", f"cust-{number}", f"Name {number}")
            for number, process in enumerate(processes)
        ),
        return_exceptions=True,
    )

    assert sorted(type(result).__name__ for result in results) == [
        "Conflict",
        "Conflict",
        "bool",
    ]
    kept = await processes[0].conversations.get("conv-1")
    winner = results.index(True)
    assert (kept.customer_id, kept.customer_name) == (f"cust-{winner}", f"Name {winner}")


async def test_unknown_conversations_and_turns_are_not_found(store: ChatStore):
    turn = await store.start_turn("conv-1")

    with pytest.raises(NotFound):
        await store.conversations.get("conv-9")
    with pytest.raises(NotFound):
        await store.conversations.turn("conv-2", turn.id)
    assert await store.conversations.turn("conv-1", turn.id) == turn
