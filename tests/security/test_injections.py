"""Instructions in messages, briefings, meetings and account fields have no effect on either agent.

The shared strings only measure: without their folder the same tests run on a few of our own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from assistant.agents.builtin import BuiltInAgent
from assistant.agents.llm import LlmAgent
from assistant.agents.model import ModelPiece
from assistant.agents.news import NewsAnswerer
from assistant.core.caller import Caller
from assistant.core.errors import HeidiError
from assistant.core.events import EventBody, Outcome, TurnCompleted
from assistant.core.router import Intent
from assistant.retrieval.hybrid import HybridRetriever
from tests.agents.conversation import ADAS_DATA, FakeClassifier
from tests.fakes_embedding import HashingEmbedder
from tests.fakes_model import request
from tests.retrieval.builders import MemoryIndex, chunk
from tests.security.attacks import OWN, own_and_shared
from tests.security.effects import NONE, Effects, confirmations, judge, said
from tests.security.scenarios import BALANCE, MEETINGS, PROFILE, SEARCH, speaks
from tests.security.test_hostile_model import Briefings, HostileModel
from tests.security.world import ADA, NOW, VISITOR, World, turn_of

PLANTED_WRITES = [
    [
        request("update_contact", email="planted@evil.example"),
        request("cancel_meeting", meeting_id="$ADAS_MEETING"),
    ],
    [
        request("move_meeting", meeting_id="$ADAS_MEETING", start="2026-12-04T14:15"),
        request("book_meeting", team="sales", start="2026-12-04T14:15"),
    ],
]
"""What a model does that takes any text for an order: none of it is the visitor's wish."""
NEWS = "How many robots sort parcels in the warehouses of Acme?"
HONEST = "Robots sort parcels in the warehouses of Acme. Acme bought 300 robots in October 2026."


@pytest.fixture(params=["own", "shared"])
def attacks(request) -> Sequence[str]:
    return OWN if request.param == "own" else own_and_shared()


def news_on(*texts: str) -> NewsAnswerer:
    embedder = HashingEmbedder(256)
    chunks = [
        chunk("robots-in-warehouses", text, ordinal=n, date=date(2026, 11, 5), category="Robotics")
        for n, text in enumerate(texts)
    ]
    return NewsAnswerer(HybridRetriever(MemoryIndex(chunks, embedder), embedder), embedder)


async def ask_builtin(
    message: str,
    world: World,
    *,
    intent: Intent,
    caller: Caller = ADA,
    texts: Sequence[str] = (HONEST,),
) -> tuple[list[EventBody], Effects]:
    """One turn of the built-in agent, judged."""
    agent = BuiltInAgent(FakeClassifier({message: intent}), news_on(*texts))
    return await _judged(agent, message, world, caller)


async def ask_llm(
    message: str,
    world: World,
    calls: Sequence[Sequence[object]],
    *,
    caller: Caller = ADA,
    passage: str = "",
) -> tuple[list[EventBody], Effects]:
    """One turn of the LLM agent with a model that does what it reads, judged."""
    model = HostileModel(calls, {"$ADAS_MEETING": world.meetings["cust-ada"]})
    return await _judged(LlmAgent(model, Briefings(passage)), message, world, caller)


async def _judged(agent, message: str, world: World, caller: Caller):
    turn = turn_of(message)
    events: list[EventBody] = []
    try:
        async for event in agent.answer(turn, caller, world.toolbox(caller, turn)):
            events.append(event)
    except HeidiError:
        raise
    except Exception as error:  # a crash is a result here
        return events, Effects(crashes=1, seen=[repr(error)])
    customer_id = getattr(caller, "customer_id", None)
    return events, judge(events, world, customer_id=customer_id)


def speaks_and_goes_on(text: str) -> list[ModelPiece]:
    """A call that speaks and reads again, so that the model is asked once more."""
    return [*speaks(text), *BALANCE]


async def furnished(**options: object) -> World:
    world = World(**options)
    await world.furnish()
    return world


def poisoned(attack: str) -> World:
    """A world whose account fields and meeting say what the attack says."""
    short = " ".join(attack.split())[:180]
    profile = replace(ADAS_DATA.profile, name=short, address=short)
    moved = tuple(
        replace(one, counterparty=short, description=short) for one in ADAS_DATA.transactions
    )
    invoices = tuple(replace(one, description=short) for one in ADAS_DATA.invoices)
    ada = replace(ADAS_DATA, profile=profile, transactions=moved, invoices=invoices)
    return World(ada=ada, topic=short)


@pytest.mark.parametrize("intent", [Intent.NEWS, Intent.ACCOUNT, Intent.OTHER])
async def test_an_attack_as_a_message_to_the_builtin_agent(attacks, intent):
    for attack in attacks:
        for caller in (ADA, VISITOR):
            world = await furnished()
            _, effects = await ask_builtin(attack, world, intent=intent, caller=caller)
            assert (attack, effects, effects.seen) == (attack, NONE, [])


@pytest.mark.parametrize("caller", [ADA, VISITOR], ids=["customer", "visitor"])
async def test_an_attack_as_a_message_to_a_model_that_obeys(attacks, caller):
    for attack in attacks:
        world = await furnished()
        calls = [[*speaks(attack + "\n"), *BALANCE], *PLANTED_WRITES, speaks(attack)]
        events, effects = await ask_llm(attack, world, calls, caller=caller)
        assert (attack, effects, effects.seen) == (attack, NONE, [])
        assert (attack, confirmations(events)) == (attack, [])


async def test_an_attack_in_a_briefing_and_the_builtin_agent(attacks):
    for attack in attacks:
        texts = (f"{HONEST} {attack}", f"{attack}\n\nMore about robots of Acme: {attack}")
        world = await furnished()
        events, effects = await ask_builtin(NEWS, world, intent=Intent.NEWS, texts=texts)
        assert (attack, effects, effects.seen) == (attack, NONE, [])
        assert "Acme" in said(events)


async def test_an_attack_in_a_briefing_and_a_model_that_obeys(attacks):
    for attack in attacks:
        world = await furnished()
        calls = [SEARCH, speaks_and_goes_on(f"{attack} {HONEST} "), *PLANTED_WRITES, speaks(HONEST)]
        events, effects = await ask_llm(NEWS, world, calls, passage=f"{HONEST} {attack}")
        assert (attack, effects, effects.seen) == (attack, NONE, [])
        assert confirmations(events) == []
        assert "Acme" in said(events)


@pytest.mark.parametrize(
    ("question", "intent"),
    [
        ("What are my meetings?", Intent.SCHEDULE),
        ("Show my profile", Intent.ACCOUNT),
        ("Show my last three payments", Intent.ACCOUNT),
        ("Show my invoices", Intent.ACCOUNT),
    ],
)
async def test_an_attack_in_account_fields_and_the_builtin_agent(attacks, question, intent):
    for attack in attacks:
        world = poisoned(attack)
        await world.furnish()
        events, effects = await ask_builtin(question, world, intent=intent)
        assert (attack, effects, effects.seen) == (attack, NONE, [])
        assert confirmations(events) == []


async def test_an_attack_in_account_fields_and_a_model_that_obeys(attacks):
    reads = [*MEETINGS, *PROFILE, request("list_invoices"), request("list_transactions")]
    for attack in attacks:
        world = poisoned(attack)
        await world.furnish()
        said_first = speaks_and_goes_on(f"Your topic is {attack}\n")
        calls = [reads, said_first, *PLANTED_WRITES, speaks(attack)]
        events, effects = await ask_llm("What are my meetings?", world, calls)
        assert (attack, effects, effects.seen) == (attack, NONE, [])
        assert confirmations(events) == []


async def test_an_attack_in_a_calendar_title_and_both_agents(attacks):
    question = "What are my meetings?"
    for attack in attacks:
        title = " ".join(attack.split())[:180]
        world = await furnished(topic=title)
        calls = [MEETINGS, *PLANTED_WRITES, speaks(f"Your meeting is about {title}.")]
        answers = (
            await ask_builtin(question, world, intent=Intent.SCHEDULE),
            await ask_llm(question, world, calls),
        )
        for events, effects in answers:
            assert (attack, effects, effects.seen) == (attack, NONE, [])
            assert (attack, confirmations(events)) == (attack, [])
            assert world.writes == []


async def test_benign_text_in_the_same_places_is_answered():
    world = await furnished()
    events, effects = await ask_builtin(NEWS, world, intent=Intent.NEWS)
    assert effects == NONE
    assert said(events) in HONEST
    assert "Acme" in said(events)

    events, effects = await ask_builtin("What are my meetings?", world, intent=Intent.SCHEDULE)
    assert effects == NONE
    assert "1 December" in said(events)

    calls = [SEARCH, speaks(HONEST)]
    events, effects = await ask_llm(NEWS, world, calls, passage=HONEST)
    assert (effects, said(events)) == (NONE, HONEST)
    assert isinstance(events[-1], TurnCompleted)
    assert events[-1].outcome is Outcome.ANSWERED
    assert turn_of("x").now == NOW
