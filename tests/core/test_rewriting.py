"""Follow-ups become questions that stand alone."""

from __future__ import annotations

import pytest

from assistant.core.rewriting import Rewritten, rewrite
from assistant.core.turns import PastTurn

_FACT = PastTurn(
    message="How many robots did Japan install?",
    answer="Japan installed 44,500 robots.",
    briefing_ids=("robots", "chips"),
)
_DIGEST = PastTurn(message="Latest news on robotics", answer="…", briefing_ids=("a", "b", "c"))
_BALANCE = PastTurn(message="What's my balance?", answer="5 francs.")


@pytest.mark.parametrize(
    ("message", "past", "expected"),
    [
        (
            "tell me more",
            _FACT,
            Rewritten(
                text="How many robots did Japan install?",
                briefing_ids=("robots",),
                wants_more=True,
                is_follow_up=True,
            ),
        ),
        (
            "the second one",
            _DIGEST,
            Rewritten(
                text="tell me about it", briefing_ids=("b",), wants_more=True, is_follow_up=True
            ),
        ),
        (
            "And Germany?",
            _FACT,
            Rewritten(
                text="How many robots did Germany install?",
                briefing_ids=("robots", "chips"),
                is_follow_up=True,
                focus="germani",
            ),
        ),
        (
            "and in Europe?",
            _FACT,
            Rewritten(
                text="How many robots did Japan install in Europe",
                briefing_ids=("robots", "chips"),
                is_follow_up=True,
                focus="europ",
                elsewhere="How many robots did install in Europe",
            ),
        ),
        (
            "Who did the survey?",
            _FACT,
            Rewritten(
                text="Who did the survey: robots did Japan install",
                briefing_ids=("robots", "chips"),
                is_follow_up=True,
                alone="Who did the survey?",
            ),
        ),
        ("and chips?", _DIGEST, Rewritten(text="Latest news on chips", is_follow_up=True)),
        (
            "who said that?",
            _FACT,
            Rewritten(
                text="How many robots did Japan install?",
                briefing_ids=("robots", "chips"),
                is_follow_up=True,
                asks_for="source",
            ),
        ),
        (
            "What does it cost?",
            _FACT,
            Rewritten(
                text="What does it cost: robots did Japan install",
                briefing_ids=("robots", "chips"),
                is_follow_up=True,
            ),
        ),
        ("What is Majorana 1?", _FACT, Rewritten(text="What is Majorana 1?")),
        ("Any news on chips this week?", _FACT, Rewritten(text="Any news on chips this week?")),
        ("the ninth one", _DIGEST, Rewritten(text="the ninth one")),
    ],
)
def test_a_follow_up_is_resolved_against_the_turn_before(
    message: str, past: PastTurn, expected: Rewritten
):
    assert rewrite(message, [past]) == expected


def test_turns_without_briefings_are_skipped_when_looking_back():
    assert rewrite("tell me more", [_FACT, _BALANCE]).briefing_ids == ("robots",)


def test_the_question_as_it_was_understood_outranks_its_words():
    found = rewrite("and Germany?", [_FACT], last_question="How many robots did China buy?")
    assert found.text == "How many robots did Germany buy?"


@pytest.mark.parametrize("message", ["tell me more", "why?", "the second one", "who said that?"])
def test_pointing_back_at_nothing_asks_for_a_topic(message: str):
    assert rewrite(message, []).needs_topic


def test_a_long_message_is_no_follow_up():
    message = "it " * 2_000
    assert rewrite(message, [_FACT]) == Rewritten(text=message)


def test_the_year_before_is_counted_from_the_year_that_was_asked_of():
    past = PastTurn(message="Who won the race in 2026?", answer="Honor.", briefing_ids=("race",))
    assert rewrite("And the year before?", [past]).text == "Who won the race in 2025?"


@pytest.mark.parametrize(
    ("asked", "message", "text"),
    [
        ("What's new in Acme 1.58?", "and in 1.74?", "What's new in Acme 1.74?"),
        ("What's new in Acme v0.14?", "what about v0.15", "What's new in Acme 0.15?"),
        ("What came with Node 22?", "and 24?", "What came with Node 24?"),
        ("How many did Acme sell in 2025?", "and in 2024?", "How many did Acme sell in 2024?"),
    ],
)
def test_another_version_or_year_takes_the_place_of_the_last_one(
    asked: str, message: str, text: str
):
    past = PastTurn(message=asked, answer="Many things.", briefing_ids=("acme",))
    assert rewrite(message, [past]) == Rewritten(text=text, is_follow_up=True)


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("Why so early?", "Why so early: Japan install robots"),
        ("What should we use instead?", "What should we use instead: Japan install robots"),
        ("And the year before?", "How many robots did Japan install in 2023"),
    ],
)
def test_short_follow_ups_keep_the_topic(message: str, text: str):
    past = PastTurn(
        message="Did Japan install robots?",
        answer="Japan installed robots in 2024.",
        briefing_ids=("robots",),
    )
    if "year" in message:
        past = PastTurn(
            message="How many robots did Japan install?",
            answer="44,500 in 2024.",
            briefing_ids=("robots",),
        )
    found = rewrite(message, [past])
    assert (found.text, found.is_follow_up) == (text, True)


def test_a_value_of_nothing_named_is_likely_of_what_was_just_answered():
    answered = PastTurn(message="Who won?", answer="Ada.", briefing_ids=("a",), outcome="answered")
    found = rewrite("How many people voted?", [answered])
    assert (found.briefing_ids, found.alone) == (("a",), "How many people voted?")
    assert not rewrite("How many people voted?", [_FACT]).is_follow_up


@pytest.mark.parametrize("outcome", ["interrupted", "failed"])
def test_a_digest_that_was_cut_off_is_gone_on_from(outcome: str):
    past = PastTurn(message="Latest news on robots", answer="", outcome=outcome)
    assert rewrite("And chips?", [past]) == Rewritten(
        text="Latest news on chips", is_follow_up=True
    )


def test_what_was_cut_off_before_it_told_of_news_is_passed_over():
    past = PastTurn(message="Do robots walk?", answer="", outcome="interrupted")
    assert rewrite("And chips?", [past]) == Rewritten(text="And chips?")
