"""What the visitor said is the measure of what a write may hold."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from assistant.core.provenance import VisitorWords

ZURICH = ZoneInfo("Europe/Zurich")
NOW = datetime(2026, 11, 24, 10, 7, tzinfo=UTC)
"""A Tuesday, 11:07 in Zurich."""


def said(*messages: str) -> VisitorWords:
    return VisitorWords.of(messages, NOW, ZURICH)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZURICH)


@pytest.mark.parametrize(
    ("message", "value", "is_said"),
    [
        ("Use ada@new.example, please", "ada@new.example", True),
        ("Use Ada@New.Example.", "ada@new.example", True),
        ("Use \uff41da@new.example", "ada@new.example", True),
        ("Use ada@new.example.org", "ada@new.example", False),
        ("Use bada@new.example", "ada@new.example", False),
        ("Use not.ada@new.example", "ada@new.example", False),
        ("Change my e-mail", "ada@new.example", False),
    ],
)
def test_an_address_was_said_as_it_is_or_not_at_all(message, value, is_said):
    assert said(message).hold(value) is is_said


@pytest.mark.parametrize(
    ("message", "value", "is_said"),
    [
        ("044 123 45 67", "+41 44 123 45 67", True),
        ("it's 044-123-45-67 now", "044 123 45 67", True),
        ("+41 (44) 123 45 67", "+41441234567", True),
        ("0041 44 123 45 67", "+41 44 123 45 67", True),
        ("044 123 45 67", "+900 900 44 123 45 67", False),
        ("123 45 67", "+41 44 123 45 67", False),
        ("my flat is 12", "12", False),
        ("044 123 45 67", "+41 44 123 45 68", False),
    ],
)
def test_a_number_was_said_whatever_its_spaces_and_country_code(message, value, is_said):
    assert said(message).hold_phone(value) is is_said


@pytest.mark.parametrize(
    ("message", "value", "is_said"),
    [
        ("I live at 5 Lake Road, 8001 Zurich", "5 Lake Road, 8001 Zurich", True),
        ("I live at 5 Lake Road, 8001 Zurich", "7 Lake Road, 8001 Zurich", False),
        ("about my invoices", "Invoice", True),
        ("about my invoices", "Invoice of the refund", False),
        ("call me", "Call +41 79 555 66 77", False),
    ],
)
def test_a_text_holds_the_visitors_words(message, value, is_said):
    assert said(message).hold_words(value) is is_said


@pytest.mark.parametrize(
    ("messages", "start", "is_meant"),
    [
        (["Book sales on 3 December at 10"], "2026-12-03T10:00", True),
        (["Book sales on 3 December at 10"], "2026-12-03T22:00", True),
        (["Book sales on 3 December at 10"], "2026-12-03T11:00", False),
        (["Book sales on 3 December at 10"], "2026-12-04T10:00", False),
        (["Book sales next week", "Thursday", "at 4pm"], "2026-12-03T16:00", True),
        (["Book sales tomorrow afternoon"], "2026-11-25T14:30", True),
        (["Book sales tomorrow afternoon"], "2026-11-25T09:00", False),
        (["Book sales tomorrow at 3pm", "an hour later"], "2026-11-25T16:00", True),
        (["Book sales tomorrow at 3pm", "an hour later"], "2026-11-25T18:00", False),
        (["Book sales tomorrow at 9am New York time"], "2026-11-25T15:00", True),
        (["Book sales in two hours"], "2026-11-24T13:15", True),
        (["Book sales tomorrow"], "2026-11-25T10:00", False),
        (["Book sales at 10"], "2026-11-25T10:00", False),
        (["What are my meetings?"], "2026-12-03T10:00", False),
        ([], "2026-12-03T10:00", False),
    ],
)
def test_a_start_is_what_the_visitor_named(messages, start, is_meant):
    assert said(*messages).allow_start(at(start), before=None) is is_meant


@pytest.mark.parametrize(
    ("message", "start", "is_meant"),
    [
        ("Move it to Friday", "2026-12-04T09:00", True),
        ("Move it to 4pm", "2026-12-01T16:00", True),
        ("Move it an hour later", "2026-12-01T10:00", True),
        ("Move it to Friday", "2026-12-04T14:15", False),
        ("Move it to 4pm", "2026-12-04T16:00", False),
        ("Move it", "2026-12-04T14:15", False),
    ],
)
def test_a_move_keeps_what_the_visitor_left_open(message, start, is_meant):
    assert said(message).allow_start(at(start), before=at("2026-12-01T09:00")) is is_meant


@pytest.mark.parametrize(
    ("message", "start", "is_meant"),
    [
        ("tomorrow same time", "2026-11-25T09:00", True),
        ("tomorrow same time", "2026-11-25T14:15", False),
        ("a day later", "2026-12-02T09:00", True),
        ("a day later", "2026-12-03T09:00", False),
        ("Bring it forward by a day", "2026-11-30T09:00", True),
        ("Push it back a week", "2026-12-08T09:00", True),
        ("the same day the week after", "2026-12-08T09:00", True),
        ("the same day the week after", "2026-12-08T14:15", False),
        ("same day at 4pm", "2026-12-01T16:00", True),
        ("eine Stunde später", "2026-12-01T10:00", True),
        ("am Donnerstag um 10 Uhr", "2026-11-26T10:00", True),
        ("am Donnerstag um 10 Uhr", "2026-11-26T14:15", False),
        ("What a day! Any news?", "2026-12-02T09:00", False),
    ],
)
def test_a_time_may_be_said_by_the_meeting_that_is_moved(message, start, is_meant):
    assert said(message).allow_start(at(start), before=at("2026-12-01T09:00")) is is_meant


@pytest.mark.parametrize(
    ("message", "start", "is_meant"),
    [
        ("Another one right after my call", "2026-12-01T09:30", True),
        ("Another one right after my call", "2026-12-01T14:15", False),
        ("One right before my call", "2026-12-01T08:30", True),
        ("Another one the same day at 3pm", "2026-12-01T15:00", True),
        ("Another one at the same time on 3 December", "2026-12-03T09:00", True),
        ("Another one at the same time on 3 December", "2026-12-03T14:15", False),
        ("Another one an hour later", "2026-12-01T10:00", True),
        ("Another one", "2026-12-01T10:00", False),
    ],
)
def test_a_time_may_be_said_by_the_visitor_s_own_meetings(message, start, is_meant):
    own = [(at("2026-12-01T09:00"), at("2026-12-01T09:30"))]

    assert said(message).with_meetings(own).allow_start(at(start), before=None) is is_meant


@pytest.mark.parametrize(
    ("message", "is_meant"),
    [
        ("Book a meeting with sales", True),
        ("Book sales on 3 December", True),
        ("Book sales as soon as possible", True),
        ("Book sales on 4 December", False),
        ("Book sales at 4pm", False),
    ],
)
def test_an_offered_time_fills_in_what_was_left_open(message, is_meant):
    start = at("2026-12-03T10:00")

    assert said(message).with_offers([start]).allow_start(start, before=None) is is_meant


@pytest.mark.parametrize(
    ("bound", "is_meant"),
    [
        ("", True),
        ("2026-11-30", True),
        ("2026-12-06", True),
        ("2026-12-07", False),
        ("2026-11-30T14:15", False),
        ("next week", False),
    ],
)
def test_a_period_is_the_visitors(bound, is_meant):
    assert said("When is sales free next week?").allow_bound(bound) is is_meant
