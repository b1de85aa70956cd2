"""Decisions, giving up, and asking for a person."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.core.dialogue import gives_up, read_decision, wants_person


@pytest.mark.parametrize(
    "message",
    [
        "yes", "Yes please!", "yep", "confirm", "ok", "OK, book it", "do it", "Yes, do it.",
        "sure, go ahead", "please do", "sounds good", "👍 yes", "that's right", "I confirm",
        "ok yes", "book it please",
    ],
)  # fmt: skip
def test_a_plain_yes_confirms(message):
    assert read_decision(message) == "confirm"


@pytest.mark.parametrize(
    "message",
    [
        "no", "No thanks", "nope", "don't", "don\u2019t", "no, don't", "please don't",
        "never mind", "cancel", "cancel it", "no, cancel that", "forget it", "no, never mind",
        "not now", "don't book it", "stop",
    ],
)  # fmt: skip
def test_a_plain_no_declines(message):
    expected = None if message == "no, cancel that" else "decline"
    assert read_decision(message) == expected


@pytest.mark.parametrize(
    "message",
    [
        "", "yes but at 4", "no, Wednesday", "yes?no", "make it 4", "ok what else", "why",
        "not sure", "is it ok", "yes, and what's my balance", "yesterday", "nothing", "good",
        "please", "no no yes", "👍", "y" * 100,
    ],
)  # fmt: skip
def test_anything_more_is_no_decision(message):
    assert read_decision(message) is None


@pytest.mark.parametrize(
    ("message", "tool", "decision"),
    [
        ("cancel it", "cancel_meeting", "confirm"),
        ("cancel", "cancel_meeting", None),
        ("cancel it", "book_meeting", "decline"),
        ("book it", "book_meeting", "confirm"),
        ("book it", "cancel_meeting", None),
        ("move it", "move_meeting", "confirm"),
        ("yes", "cancel_meeting", "confirm"),
        ("no", "cancel_meeting", "decline"),
    ],
)
def test_the_verb_must_fit_the_write(message, tool, decision):
    assert read_decision(message, tool=tool) == decision


@pytest.mark.parametrize(
    ("message", "is_end"),
    [
        ("cancel", True),
        ("never mind", True),
        ("ok forget about it", True),
        ("no, cancel that", True),
        ("cancel my meeting on Friday", False),
        ("no, Wednesday", False),
        ("stop talking about chips", False),
        ("", False),
    ],
)
def test_giving_up_is_all_that_is_said(message, is_end):
    assert gives_up(message) is is_end


@pytest.mark.parametrize(
    ("message", "is_asked"),
    [
        ("talk to a person", True),
        ("I want to speak with a real human", True),
        ("connect me to an agent please", True),
        ("agent", True),
        ("can I talk to Jonas Feld", False),
        ("who is the person of the year", False),
        ("news about AI agents", False),
        ("book a meeting with support", False),
    ],
)
def test_a_wish_for_a_person_is_heard(message, is_asked):
    assert wants_person(message) is is_asked


@given(st.text(max_size=120))
def test_any_text_is_read_without_failing(message):
    assert not (read_decision(message) == "confirm" and gives_up(message))
    wants_person(message)
