"""The way from an agent's events to the log."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest

from assistant.agents import recording as recording_module
from assistant.agents.recording import QUEUE_SIZE, Recorder
from assistant.core.events import EventBody, Outcome, Status, TextDelta
from assistant.store.event_log import TurnEnded
from tests.chat_store import NOW, deltas
from tests.fakes_agent import FakeClock, completed


class RememberedLog:
    """Remembers each transaction; waits at a gate before it takes one."""

    def __init__(self) -> None:
        self.batches: list[list[EventBody]] = []
        self.times: list[datetime] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.failure: Exception | None = None

    async def append(
        self,
        conversation_id: str,
        turn_id: str,
        bodies: list[EventBody],
        at: list[datetime],
        *,
        only_while_running: bool,
    ) -> None:
        assert (conversation_id, turn_id, only_while_running) == ("conv-1", "turn-1", True)
        self.times += at
        await self.gate.wait()
        if self.failure:
            raise self.failure
        self.batches.append(bodies)

    @property
    def events(self) -> list[EventBody]:
        """All that was appended."""
        return [body for batch in self.batches for body in batch]


@pytest.fixture
def log() -> RememberedLog:
    return RememberedLog()


def recorder(log: RememberedLog, **options: float) -> Recorder:
    return Recorder(log, "conv-1", "turn-1", lambda: NOW, **options)


def all_said(log: RememberedLog, recording: Recorder) -> list[EventBody]:
    """What was appended, and what is left for the transaction that ends the turn."""
    return [*log.events, *(body for body, _ in recording.unwritten)]


async def saying(*steps: EventBody | Exception | asyncio.Event):
    for step in steps:
        match step:
            case Exception():
                raise step
            case asyncio.Event():
                await step.wait()
            case _:
                yield step


async def test_events_are_appended_in_order_and_the_ending_is_held_back(log: RememberedLog):
    recording = recorder(log)
    said = [Status(text="…"), *deltas("a", "b")]

    await recording.record(saying(*said, completed()))

    assert all_said(log, recording) == said
    assert recording.held_ending == completed()


async def test_an_answer_that_comes_at_once_is_left_for_the_transaction_that_ends_the_turn(
    log: RememberedLog,
):
    recording = recorder(log)

    await recording.record(saying(Status(text="…"), *deltas("a", "b"), completed()))

    assert log.batches == []
    assert [body for body, _ in recording.unwritten] == [Status(text="…"), *deltas("a", "b")]


async def test_first_words_do_not_wait_for_the_end_and_take_the_status_along(log: RememberedLog):
    goes_on = asyncio.Event()
    said = [Status(text="…"), *deltas("a")]
    recording = recorder(log)
    task = asyncio.create_task(recording.record(saying(*said, goes_on, *deltas("b"))))
    for _ in range(5):
        await asyncio.sleep(0)
    assert log.batches == [said]
    goes_on.set()

    await task

    assert [body for body, _ in recording.unwritten] == deltas("b")


async def test_a_status_that_no_words_follow_is_told_all_the_same(
    log: RememberedLog, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(recording_module, "HOLD_S", 0)
    goes_on = asyncio.Event()
    task = asyncio.create_task(recorder(log).record(saying(Status(text="…"), goes_on)))

    async with asyncio.timeout(5):
        while not log.batches:
            await asyncio.sleep(0)
    goes_on.set()
    await task

    assert log.batches == [[Status(text="…")]]


async def test_a_stop_leaves_what_was_held_back_for_the_end(log: RememberedLog):
    recording = recorder(log)
    task = asyncio.create_task(recording.record(saying(Status(text="…"), asyncio.Event())))
    while not recording.unwritten:
        await asyncio.sleep(0)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task

    assert all_said(log, recording) == [Status(text="…")]


async def test_events_of_one_transaction_keep_the_times_at_which_they_came(log: RememberedLog):
    clock = FakeClock(NOW)

    async def thinking():
        for body in deltas("a", "b", "c"):
            clock.advance(seconds=1)
            yield body

    recording = Recorder(log, "conv-1", "turn-1", clock)
    await recording.record(thinking())

    times = [at for _, at in recording.unwritten]
    assert times == [NOW + timedelta(seconds=second) for second in (1, 2, 3)]


async def test_what_comes_while_the_database_is_busy_goes_into_one_transaction(log: RememberedLog):
    log.gate.clear()
    first_is_out = asyncio.Event()
    goes_on = asyncio.Event()
    steps = (*deltas(0), first_is_out, *deltas(*range(1, 100)), goes_on, completed())
    recording = asyncio.create_task(recorder(log).record(saying(*steps)))
    for _ in range(5):
        await asyncio.sleep(0)
    first_is_out.set()
    for _ in range(5):
        await asyncio.sleep(0)
    log.gate.set()
    while len(log.batches) < 2:
        await asyncio.sleep(0)
    goes_on.set()

    await recording

    assert log.batches == [deltas(0), deltas(*range(1, 100))]


@pytest.mark.parametrize(
    "count", [QUEUE_SIZE - 1, QUEUE_SIZE, QUEUE_SIZE + 1, 3 * QUEUE_SIZE, 3 * QUEUE_SIZE + 1]
)
async def test_an_agent_that_fills_the_queue_ends_all_the_same(log: RememberedLog, count):
    recording = recorder(log)

    async with asyncio.timeout(5):
        await recording.record(saying(*deltas(*range(count))))

    assert all_said(log, recording) == deltas(*range(count))


@pytest.mark.parametrize("count", [0, 1, QUEUE_SIZE, QUEUE_SIZE + 1])
async def test_what_was_said_before_an_error_is_kept(log: RememberedLog, count):
    recording = recorder(log)

    async with asyncio.timeout(5):
        with pytest.raises(ValueError, match="broken"):
            await recording.record(saying(*deltas(*range(count)), ValueError("broken")))

    assert all_said(log, recording) == deltas(*range(count))
    assert recording.held_ending is None


async def test_an_agent_that_is_far_ahead_waits(log: RememberedLog):
    log.gate.clear()
    said = []

    async def talking():
        for body in deltas(*range(10 * QUEUE_SIZE)):
            said.append(body)
            yield body

    recording = recorder(log)
    task = asyncio.create_task(recording.record(talking()))
    for _ in range(20):
        await asyncio.sleep(0)

    assert len(said) <= 2 * QUEUE_SIZE + 2
    log.gate.set()
    await task
    assert all_said(log, recording) == said


@pytest.mark.parametrize("ahead", [1, 2 * QUEUE_SIZE])
async def test_a_cancelled_recording_closes_the_agent(log: RememberedLog, ahead):
    closed = asyncio.Event()

    async def talking():
        try:
            for body in deltas(*range(ahead)):
                yield body
            await asyncio.Event().wait()
        finally:
            closed.set()

    log.gate.clear()
    recording = asyncio.create_task(recorder(log).record(talking()))
    for _ in range(5):
        await asyncio.sleep(0)
    recording.cancel()

    async with asyncio.timeout(5):
        with pytest.raises(asyncio.CancelledError):
            await recording
    assert closed.is_set()


async def test_a_failing_log_stops_the_agent(log: RememberedLog):
    closed = asyncio.Event()

    async def talking():
        try:
            while True:
                yield TextDelta(text="on and on")
                await asyncio.sleep(0)
        finally:
            closed.set()

    log.failure = TurnEnded("turn-1")

    async with asyncio.timeout(5):
        with pytest.raises(TurnEnded):
            await recorder(log).record(talking())
    assert closed.is_set()


async def test_in_slow_motion_every_delta_is_a_transaction_of_its_own(log: RememberedLog):
    await recorder(log, delay_s=1e-9).record(saying(*deltas("a", "b", "c"), completed()))

    assert log.batches == [deltas("a"), deltas("b"), deltas("c")]


async def test_the_last_ending_counts(log: RememberedLog):
    recording = recorder(log)

    await recording.record(saying(completed(), completed(Outcome.ABSTAINED)))

    assert recording.held_ending == completed(Outcome.ABSTAINED)
    assert log.events == []
