"""The built-in agent asks a person: when it is told to, when it is shouted at, when it fails."""

from __future__ import annotations

import pytest

from assistant.backends.handoff import Handoff
from assistant.core.events import Outcome
from assistant.core.router import Intent
from tests.agents.conversation import Conversation

ASKED = (
    "I've asked our support team to join this conversation; someone will answer you here shortly. "
    "You can also book a meeting with support."
)


class FakeHandoffs:
    """Somebody is always there; remembers why they were asked."""

    def __init__(self) -> None:
        self.reasons: list[str] = []

    async def ask(self, conversation_id, caller, *, reason, now) -> Handoff:
        self.reasons.append(reason)
        return Handoff(
            ticket_id="tkt_1",
            is_new=len(self.reasons) == 1,
            is_staffed=True,
            can_reply_by_mail=False,
        )


@pytest.fixture
def handoffs() -> FakeHandoffs:
    return FakeHandoffs()


async def test_a_person_is_asked_for_whoever_wants_one(handoffs):
    answer = await Conversation(handoffs=handoffs).say("I want to talk to a real person")
    assert (answer.text, answer.outcome) == (ASKED, Outcome.ANSWERED)
    assert answer.suggested == ("Book a meeting with support", "When is support free?")
    assert handoffs.reasons == ["The visitor asked for a person."]


async def test_anger_brings_a_person_once_and_then_heidi_goes_on(handoffs):
    routes = {"you are still useless": Intent.SMALLTALK}
    conversation = Conversation(routes, handoffs=handoffs)
    answer = await conversation.say("this is ridiculous")
    assert answer.text == f"I'm sorry that this is going badly. {ASKED}"
    await conversation.say("you are still useless")
    assert handoffs.reasons == ["The visitor is upset."]


async def test_asking_again_says_that_they_know(handoffs):
    conversation = Conversation(handoffs=handoffs)
    answer = await conversation.play("talk to a human", "can I please speak to somebody")
    assert answer.text.startswith("Our support team knows already")


async def test_without_anybody_to_ask_the_words_of_old_are_said():
    answer = await Conversation().say("talk to a human")
    assert answer.outcome is Outcome.DECLINED
    assert answer.text.startswith("I'm an automated assistant")


async def test_a_booking_that_is_under_way_is_not_forgotten(handoffs):
    conversation = Conversation({"book a meeting": Intent.SCHEDULE}, handoffs=handoffs)
    before = (await conversation.say("book a meeting"), conversation.state)[1]
    await conversation.say("talk to a human")
    assert conversation.state == {**before, "handed_over": True}
