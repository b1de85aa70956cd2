"""Patience with a provider: asked again, waited for, left alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from assistant.agents.model import ModelMessage, ModelPiece, ModelUnavailable, TextPiece
from assistant.agents.resilient_model import LEFT_ALONE, NOT_IN_TIME, Patience, ResilientModel
from assistant.backends.circuit import CircuitBreaker
from tests.fakes_model import ScriptedModel

HELLO = [ModelMessage(role="user", content="Hello")]
SPOKEN = TextPiece(text="Hello")


def busy(retry_after_s: float | None = None) -> ModelUnavailable:
    return ModelUnavailable("busy", is_transient=True, retry_after_s=retry_after_s)


class Naps:
    """Remembers the waits."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.waits.append(seconds)


async def pieces(model: ResilientModel) -> list[ModelPiece]:
    return [piece async for piece in model.stream(HELLO, (), max_tokens=8)]


async def test_a_transient_failure_before_the_first_piece_is_tried_again_with_growing_waits():
    model, naps = ScriptedModel([busy()], [busy()], [SPOKEN]), Naps()

    found = await pieces(ResilientModel(model, sleep=naps))

    assert found == [SPOKEN]
    first, second = naps.waits
    assert 0 <= first <= 0.3
    assert 0 <= second <= 0.6


async def test_after_the_last_attempt_the_failure_is_told():
    model = ScriptedModel([busy()], [busy()], [busy()], [SPOKEN])

    with pytest.raises(ModelUnavailable, match="busy"):
        await pieces(ResilientModel(model, sleep=Naps()))

    assert model.unused == 1


async def test_what_was_begun_to_be_said_is_never_said_again():
    model, heard = ScriptedModel([SPOKEN, busy()], [SPOKEN]), []

    async def listen() -> None:
        async for piece in ResilientModel(model, sleep=Naps()).stream(HELLO, (), max_tokens=8):
            heard.append(piece)

    with pytest.raises(ModelUnavailable):
        await listen()

    assert (heard, model.unused) == ([SPOKEN], 1)


async def test_a_refusal_is_not_tried_again():
    model, naps = ScriptedModel([ModelUnavailable("answered 401")], [SPOKEN]), Naps()

    with pytest.raises(ModelUnavailable, match="401"):
        await pieces(ResilientModel(model, sleep=naps))

    assert (model.unused, naps.waits) == (1, [])


async def test_who_asks_to_be_left_alone_for_minutes_is_not_waited_for():
    model, naps = ScriptedModel([busy(retry_after_s=120)], [SPOKEN]), Naps()

    with pytest.raises(ModelUnavailable):
        await pieces(ResilientModel(model, sleep=naps))

    assert (model.unused, naps.waits) == (1, [])


async def test_a_dead_provider_is_left_alone_until_one_call_may_try():
    now = [0.0]
    breaker = CircuitBreaker(failures=2, reset_after_s=30, clock=lambda: now[0])
    model = ScriptedModel([busy()], [busy()], [SPOKEN], [SPOKEN])
    patient = ResilientModel(model, patience=Patience(attempts=1), breaker=breaker)
    for _ in range(2):
        with pytest.raises(ModelUnavailable, match="busy"):
            await pieces(patient)

    with pytest.raises(ModelUnavailable, match=LEFT_ALONE):
        await pieces(patient)
    assert model.unused == 2

    now[0] = 31.0
    assert [await pieces(patient), await pieces(patient)] == [[SPOKEN], [SPOKEN]]


async def test_refusals_of_single_calls_do_not_open_the_circuit():
    refusals = [[ModelUnavailable("answered 400")] for _ in range(5)]
    patient = ResilientModel(ScriptedModel(*refusals, [SPOKEN]))
    for _ in refusals:
        with pytest.raises(ModelUnavailable, match="400"):
            await pieces(patient)

    assert await pieces(patient) == [SPOKEN]


class SilentModel:
    """Never says anything; knows whether it was told to stop."""

    name = "silent"

    def __init__(self) -> None:
        self.is_stopped = False

    async def stream(
        self, messages, tools, *, max_tokens, answer=None
    ) -> AsyncIterator[ModelPiece]:
        try:
            await asyncio.Event().wait()
            yield SPOKEN
        finally:
            self.is_stopped = True


async def test_the_first_piece_must_come_within_its_time_whatever_is_tried():
    model = SilentModel()

    with pytest.raises(ModelUnavailable, match=NOT_IN_TIME) as raised:
        await pieces(ResilientModel(model, patience=Patience(first_piece_s=0.01)))

    assert (raised.value.is_transient, model.is_stopped) == (True, True)
