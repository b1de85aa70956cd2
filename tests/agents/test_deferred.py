"""Turns wait for an agent that is still being made."""

from __future__ import annotations

import asyncio

import pytest

from assistant.agents.deferred import DeferredAgent
from assistant.core.caller import AnonymousVisitor
from assistant.core.errors import AgentFailed
from assistant.core.events import EventBody, Status, TextDelta
from tests.fakes_agent import ScriptedAgent, completed
from tests.turns import turn

CALLER = AnonymousVisitor(visitor_id="vis-1")


async def answer(agent: DeferredAgent) -> list[EventBody]:
    return [body async for body in agent.answer(turn(), CALLER, None)]


async def test_an_agent_that_is_ready_answers_without_a_word_about_it():
    agent = DeferredAgent("built-in")
    scripted = ScriptedAgent()
    agent.set(scripted)

    assert await answer(agent) == [TextDelta(text="Hello."), completed()]
    assert scripted.turns == [(turn(), CALLER)]
    assert (agent.name, agent.is_ready) == ("built-in", True)


async def test_turns_wait_until_it_is_ready_and_say_so():
    agent = DeferredAgent("built-in")
    answering = [asyncio.create_task(answer(agent)) for _ in range(3)]
    await asyncio.sleep(0)
    assert not agent.is_ready

    agent.set(ScriptedAgent())

    expected = [Status(text="Waking up"), TextDelta(text="Hello."), completed()]
    assert await asyncio.gather(*answering) == [expected] * 3


async def test_an_agent_that_cannot_be_made_fails_the_turns_that_waited_and_those_after():
    agent = DeferredAgent("built-in")
    waiting = asyncio.create_task(answer(agent))
    await asyncio.sleep(0)
    cause = FileNotFoundError("no weights")
    agent.fail(cause)

    for answering in (waiting, answer(agent)):
        with pytest.raises(AgentFailed) as caught:
            await answering
        assert caught.value.__cause__ is cause
        assert "weights" not in caught.value.detail
    assert not agent.is_ready


async def test_a_turn_that_is_stopped_while_it_waits_disturbs_no_other():
    agent = DeferredAgent("built-in")
    stopped, other = (asyncio.create_task(answer(agent)) for _ in range(2))
    await asyncio.sleep(0)
    stopped.cancel()
    with pytest.raises(asyncio.CancelledError):
        await stopped

    agent.set(ScriptedAgent())

    assert (await other)[-1] == completed()
