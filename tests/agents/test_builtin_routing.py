"""What the agent does with a route: small talk, news, several requests, declining, bad input."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.agents.smalltalk import read_smalltalk
from assistant.core.events import Outcome, Status
from assistant.core.router import Intent
from tests.agents.conversation import NOBODY, Conversation, route_to

WHAT = (
    "I can answer from our news briefings, show your balance, payments, invoices and plan, and "
    "book, move or cancel meetings with our sales, support and editorial teams."
)


async def test_the_trace_holds_the_probabilities():
    answer = await Conversation({"hi": Intent.SMALLTALK}).say("hi")

    assert answer.events[0] == Status(
        text="Thinking",
        detail={
            "requests": [
                {
                    "text": "hi",
                    "intent": "smalltalk",
                    "is_rejected": False,
                    "probabilities": {
                        "balance": 0.02,
                        "account": 0.02,
                        "schedule": 0.02,
                        "news": 0.02,
                        "smalltalk": 0.9,
                        "other": 0.02,
                    },
                }
            ]
        },
    )


async def test_news_is_passed_on_as_it_comes():
    talk = Conversation({"latest on robotics": Intent.NEWS})

    answer = await talk.say("latest on robotics")

    assert answer.text == "News: latest on robotics."
    assert answer.suggested == ("Tell me more",)
    assert talk.state == {"news": {"question": "latest on robotics"}}


async def test_several_requests_of_one_message_are_all_answered():
    message = "what's my balance and any news on Nvidia?"
    parts = [("what's my balance", Intent.BALANCE), ("any news on Nvidia?", Intent.NEWS)]
    talk = Conversation({message: parts})

    answer = await talk.say(message)

    first = (
        "Your Everyday account holds €2,480.15 and your Savings account holds €12,350.00. Across "
        "all accounts: €14,830.15.\n\n"
    )
    assert answer.text == f"{first}News: any news on Nvidia?."
    assert talk.news.asked == [("any news on Nvidia?", len(first), 1)]
    assert answer.outcome is Outcome.ANSWERED


async def test_signing_in_names_a_turn_in_which_only_one_part_needs_it():
    message = "my balance and any news on Nvidia?"
    parts = [("any news on Nvidia?", Intent.NEWS), ("my balance", Intent.BALANCE)]

    answer = await Conversation({message: parts}, caller=NOBODY).say(message)

    assert answer.outcome is Outcome.SIGN_IN_REQUIRED


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("hi", "greeting"),
        ("good morning", "greeting"),
        ("thanks a lot", "thanks"),
        ("bye", "bye"),
        ("are you a robot or a human?", "robot"),
        ("am I talking to a real person?", "robot"),
        ("who are you?", "identity"),
        ("what can you do?", "abilities"),
        ("tell me a joke", "joke"),
        ("how are you?", "mood"),
        ("you're great", "praise"),
        ("that was not very helpful", "complaint"),
        ("do you have a family", "personal"),
        ("never mind", "dissent"),
        ("mhm", "other"),
    ],
)
def test_small_talk_is_told_apart(message, kind):
    assert read_smalltalk(message) == kind


async def test_the_same_small_talk_gets_other_words_the_next_time():
    talk = Conversation({"tell me a joke": Intent.SMALLTALK})

    jokes = [(await talk.say("tell me a joke")).text for _ in range(4)]

    assert len(set(jokes)) == 4


async def test_a_customer_is_greeted_by_name_and_a_visitor_is_not():
    routes = {"hello": Intent.SMALLTALK}

    assert ", Ada" in (await Conversation(routes).say("hello")).text
    assert ", Ada" not in (await Conversation(routes, caller=NOBODY).say("hello")).text


async def test_heidi_is_honest_about_being_no_person():
    routes = {"are you human?": Intent.SMALLTALK}

    answer = await Conversation(routes).say("are you human?")

    assert answer.text == (
        f"I'm an automated assistant, not a person. {WHAT} If you'd rather talk to a person, just "
        "say so."
    )


async def test_a_person_is_in_reach():
    answer = await Conversation().say("I want to talk to a real person")

    assert answer.outcome is Outcome.DECLINED
    assert answer.text.startswith("I'm an automated assistant, but our support staff read this")


async def test_other_requests_are_declined_with_what_heidi_can_do():
    routes = {"Book a table for two tonight": Intent.OTHER}

    answer = await Conversation(routes).say("Book a table for two tonight")

    assert answer.text == f"I'm afraid I can't help with that. {WHAT}"
    assert (answer.outcome, len(answer.suggested)) == (Outcome.DECLINED, 3)


@pytest.mark.parametrize(
    "message", ["Who won the 1998 World Cup?", "What is the capital of Australia?"]
)
async def test_questions_of_knowledge_are_left_to_the_news_to_abstain_on(message):
    talk = Conversation({message: Intent.OTHER})

    await talk.say(message)

    assert talk.news.asked == [(message, 0, 1)]


async def test_an_unsure_follow_up_of_news_is_news():
    talk = Conversation({"latest on robotics": Intent.NEWS})

    await talk.play("latest on robotics", "tell me more about the second one")

    assert [question for question, _, _ in talk.news.asked] == [
        "latest on robotics",
        "tell me more about the second one",
    ]


async def test_a_short_follow_up_of_news_is_news_even_if_it_sounds_like_an_account():
    routes = {
        "latest on robotics": Intent.NEWS,
        "And for companies?": Intent.ACCOUNT,
        "And my balance?": Intent.BALANCE,
    }
    talk = Conversation(routes)

    await talk.play("latest on robotics", "And for companies?", "And my balance?")

    assert [question for question, _, _ in talk.news.asked] == [
        "latest on robotics",
        "And for companies?",
    ]


async def test_a_wish_for_more_is_news_even_if_it_sounds_like_small_talk():
    routes = {"latest on robotics": Intent.NEWS, "tell me more": Intent.SMALLTALK}
    talk = Conversation(routes)

    await talk.play("tell me more", "latest on robotics", "tell me more")

    assert [question for question, _, _ in talk.news.asked] == [
        "latest on robotics",
        "tell me more",
    ]


@pytest.mark.parametrize(
    ("message", "is_searched"),
    [
        ("How do I choose a model that runs on my laptop?", True),
        ("gpt-5 api price", True),
        ("First tell me what a humanoid is", True),
        ("<b>x</b> what is the lethal trifecta?", True),
        ("How many vacation days do I have left?", False),
        ("what's my shoe size", False),
        ("play some jazz", False),
        ("🤖", False),
    ],
)
async def test_what_is_nothing_else_is_searched_if_it_is_about_the_world(message, is_searched):
    talk = Conversation()

    answer = await talk.say(message)

    assert bool(talk.news.asked) is is_searched
    assert (answer.outcome is Outcome.DECLINED) is not is_searched


async def test_another_language_is_said_and_tried():
    message = "was gibt es über die Roboter und wie ist das"
    talk = Conversation({message: route_to(Intent.NEWS)})

    answer = await talk.say(message)

    assert answer.text == f"I answer in English only, but let me try.\n\nNews: {message}."


async def test_another_script_is_declined_politely():
    answer = await Conversation().say("人工智能技能差距是什么")

    assert answer.text == f"I'm sorry, I only understand English. {WHAT}"
    assert answer.outcome is Outcome.DECLINED


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.one_of(
            st.text(max_size=120),
            st.from_regex(r"(book|move|cancel|no|at|on|next|\d{1,2}[:/.]\d{1,3}|mon|ʼİ| ){1,9}"),
        ),
        min_size=1,
        max_size=3,
    ),
    st.sampled_from([*Intent]),
    st.booleans(),
)
async def test_any_text_is_answered_and_completed_exactly_once(messages, intent, is_open):
    talk = Conversation(dict.fromkeys(messages, intent))
    if is_open:
        await talk.say("Book a meeting with sales next Tuesday")

    for message in messages:
        answer = await talk.say(message)

        assert answer.outcome is not None
        assert answer.text.strip()
