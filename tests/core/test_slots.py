"""What a message says about a meeting, and which part of it is to change."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.core.scheduling import ScheduleKind, is_surely_scheduling, read_kind
from assistant.core.slots import Slots, read_slots, split_change

TODAY = date(2026, 11, 24)


def said(slots: Slots) -> dict[str, object]:
    clock = slots.clock
    values = {
        "team": slots.team,
        "host": slots.host,
        "id": slots.meeting_id,
        "topic": slots.topic,
        "days": [mention.words for mention in slots.days],
        "clock": f"{clock.readings()[0]:%H:%M}" if clock and clock.readings() else "",
        "minutes": slots.minutes,
        "shift": slots.shift,
        "zone": slots.zone,
        "rest": list(slots.rest),
    }
    return {name: value for name, value in values.items() if value}


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (
            "Book a meeting with sales next Tuesday at 3pm",
            {"team": "sales", "days": ["next Tuesday"], "clock": "15:00"},
        ),
        (
            "Book a 30 minute meeting with sales on 1 December 2026 at 15:00",
            {"team": "sales", "days": ["1 December 2026"], "clock": "15:00", "minutes": 30},
        ),
        (
            "45 min with the editorial team about a correction in an article on Monday at 11",
            {
                "team": "editorial",
                "topic": "a correction in an article",
                "days": ["Monday"],
                "clock": "11:00",
                "minutes": 45,
            },
        ),
        (
            "Can I talk to Jonas Feld on Thursday at 2pm?",
            {"host": "Jonas Feld", "days": ["Thursday"], "clock": "14:00"},
        ),
        ("tech support tomorrow", {"team": "support", "days": ["tomorrow"]}),
        ("from 2 to 3pm", {"clock": "14:00", "minutes": 60}),
        ("3pm London time", {"clock": "15:00", "zone": "Europe/London"}),
        ("cancel m-7k3qf9", {"id": "M-7K3QF9", "rest": ["cancel"]}),
        ("push it back half an hour", {"shift": 30}),
        ("no, Wednesday", {"days": ["Wednesday"]}),
        ("make it 30 minutes", {"minutes": 30}),
        ("meeting with your team", {}),
        ("", {}),
    ],
)
def test_what_a_message_says(message, expected):
    assert said(read_slots(message, TODAY)) == expected


@pytest.mark.parametrize(
    ("message", "meeting", "change"),
    [
        ("Move it to 4", {}, {"clock": "16:00"}),
        (
            "Move my Friday call to Monday at 10",
            {"days": ["Friday"]},
            {"days": ["Monday"], "clock": "10:00"},
        ),
        ("reschedule my Friday call", {"days": ["Friday"]}, {}),
        ("reschedule for Thursday", {}, {"days": ["Thursday"]}),
        ("move the sales call to 3pm", {"team": "sales"}, {"clock": "15:00"}),
        ("push it back an hour", {}, {"shift": 60}),
        ("make it 30 minutes", {}, {"minutes": 30}),
        (
            "Move meeting M-7K3QF9 to 1 December 2026 at 15:00",
            {"id": "M-7K3QF9"},
            {"days": ["1 December 2026"], "clock": "15:00"},
        ),
        ("move it from Tuesday to Wednesday", {"days": ["Tuesday"]}, {"days": ["Wednesday"]}),
    ],
)
def test_the_meeting_and_its_change_are_told_apart(message, meeting, change):
    reference, wanted = split_change(message, TODAY)

    keys = ("team", "id", "days", "clock", "minutes", "shift")
    assert {k: v for k, v in said(reference).items() if k in keys} == meeting
    assert {k: v for k, v in said(wanted).items() if k in keys and k not in ("team",)} == change


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("Book a meeting with sales next Tuesday at 3pm", ScheduleKind.BOOK),
        ("I'd like to schedule a call", ScheduleKind.BOOK),
        ("can you book a slot for a product tour", ScheduleKind.BOOK),
        ("Move it to 4", ScheduleKind.MOVE),
        ("postpone my call", ScheduleKind.MOVE),
        ("I can't make it on Tuesday, can we do Wednesday", ScheduleKind.MOVE),
        ("cancel my meeting on Friday", ScheduleKind.CANCEL),
        ("I won't be able to come tomorrow", ScheduleKind.CANCEL),
        ("my meetings", ScheduleKind.LIST),
        ("What time is my meeting?", ScheduleKind.LIST),
        ("what do I have tomorrow", ScheduleKind.LIST),
        ("who am I meeting at 4", ScheduleKind.LIST),
        ("when are you free", ScheduleKind.FREE),
        ("any free slots tomorrow", ScheduleKind.FREE),
        ("When is editorial free this week?", ScheduleKind.FREE),
        ("remind me to buy milk", ScheduleKind.PERSONAL),
        ("lunch with Mike", ScheduleKind.PERSONAL),
        ("put the launch in my calendar", ScheduleKind.PERSONAL),
        ("cancel my dentist appointment", ScheduleKind.PERSONAL),
    ],
)
def test_what_is_wanted_of_the_calendar(message, kind):
    assert read_kind(message, read_slots(message, TODAY)) is kind


@pytest.mark.parametrize(
    ("message", "is_sure"),
    [
        ("Book sales on Friday", True),
        ("my meetings", True),
        ("When is support free?", True),
        ("move M-7K3QF9", True),
        ("what did Nvidia announce on Tuesday?", False),
        ("book a table for two tonight", False),
        ("sales of AI chips this week", False),
    ],
)
def test_only_our_meetings_are_surely_scheduling(message, is_sure):
    assert is_surely_scheduling(message, read_slots(message, TODAY)) is is_sure


@given(st.text(max_size=200), st.dates(date(1900, 1, 1), date(2300, 1, 1)))
def test_any_text_is_read_without_failing(message, today):
    slots = read_slots(message, today)
    read_kind(message, slots)
    split_change(message, today)
