"""When a person should take over, and when not."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from assistant.core.handoff import SupportHours, is_upset, needs_person, summarise
from assistant.core.turns import PastTurn


def past(message: str, outcome: str = "answered", answer: str = "…") -> PastTurn:
    return PastTurn(message=message, answer=answer, outcome=outcome)


@pytest.mark.parametrize(
    "message",
    [
        "you are useless",
        "You're so incredibly stupid",
        "this is ridiculous!",
        "This is completely unacceptable",
        "your customer support is a joke",
        "stupid bot",
        "I'm really fed up with this",
        "I am furious",
        "wtf",
        "what the hell",
        "stop wasting my time",
        "WHERE IS MY MONEY!!",
    ],
)
def test_anger_at_us_is_heard(message):
    assert is_upset(message)
    assert needs_person((), message) == "upset"


@pytest.mark.parametrize(
    "message",
    [
        "Why are investors angry about OpenAI?",
        "Is it true that the model made stupid mistakes?",
        "What are the worst AI failures of 2026?",
        "Tell me about the terrible quarter of Intel",
        "WHAT IS MY BALANCE",
        "I'd like to book a meeting!!",
        "Why do critics call the law useless?",
        "Which robot is the best?",
        "OK",
        "IBM, AMD, NVIDIA!!",
        "",
    ],
)
def test_harsh_words_about_the_news_are_not_anger_at_us(message):
    assert not is_upset(message)
    assert needs_person((), message) is None


def test_asking_for_a_person_is_enough():
    assert needs_person((), "Can I talk to a human please?") == "asked"


@pytest.mark.parametrize(
    ("outcomes", "message", "reason"),
    [
        (["abstained", "abstained"], "What did Acme Robotics announce?", "failing"),
        (["abstained", "failed"], "what did acme robotics announce today", "failing"),
        (["abstained", "abstained"], "What's my balance?", None),
        (["answered", "abstained"], "What did Acme Robotics announce?", None),
        (["abstained", "answered"], "What did Acme Robotics announce?", None),
        (["answered", "abstained"], "That's not what I asked", "failing"),
        (["failed"], "it still doesn't work", "failing"),
        (["answered"], "that's not what I asked", None),
        (["declined", "declined"], "What did Acme Robotics announce?", None),
        ([], "that's not what I asked", None),
    ],
)
def test_failing_again_at_the_same_thing_is_a_reason(outcomes, message, reason):
    history = tuple(past("What did Acme Robotics announce?", outcome) for outcome in outcomes)
    assert needs_person(history, message) == reason


def test_a_summary_is_the_last_turns_in_short_lines():
    history = tuple(past(f"Question {number}", answer=f"Answer {number}") for number in range(9))
    lines = summarise((*history, past("x" * 1000, answer="")), "Help\nme").splitlines()
    assert lines[0] == "Visitor: Question 4"
    assert lines[-2].startswith("Visitor: xxx")
    assert len(lines[-2]) == len("Visitor: ") + 300
    assert lines[-1] == "Visitor: Help me"
    assert len(lines) == 5 * 2 + 1 + 1


HOURS = SupportHours.parse("mon-fri 08:00-18:00 Europe/Zurich")


def test_support_hours_are_read():
    assert HOURS == SupportHours(
        weekdays=frozenset(range(5)),
        opens=time(8),
        closes=time(18),
        zone=ZoneInfo("Europe/Zurich"),
    )
    assert SupportHours.parse("Sat 10:00-12:00 UTC").weekdays == {5}


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        (datetime(2026, 11, 24, 7, tzinfo=UTC), True),
        (datetime(2026, 11, 24, 6, 59, tzinfo=UTC), False),
        (datetime(2026, 11, 24, 16, 59, tzinfo=UTC), True),
        (datetime(2026, 11, 24, 17, tzinfo=UTC), False),
        (datetime(2026, 7, 24, 6, tzinfo=UTC), True),
        (datetime(2026, 11, 22, 10, tzinfo=UTC), False),
    ],
)
def test_somebody_is_there_by_the_clock_on_their_wall(moment, is_open):
    assert HOURS.is_open(moment) is is_open


@pytest.mark.parametrize(
    "text",
    [
        "",
        "always",
        "mon-fri 8-18 UTC",
        "xyz 08:00-18:00 UTC",
        "mon 25:00-26:00 UTC",
        "mon 08:00-18:00 Mars/Base",
    ],
)
def test_hours_that_make_no_sense_are_refused(text):
    with pytest.raises(ValueError, match="support hours"):
        SupportHours.parse(text)
