"""Times of day and lengths in words."""

from __future__ import annotations

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.core.clocks import find_clocks
from assistant.core.lengths import find_lengths


def read(text: str) -> list[list[str]]:
    return [[f"{each:%H:%M}" for each in m.readings()] for m in find_clocks(text).times]


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("3pm", "15:00"),
        ("3 p.m.", "15:00"),
        ("12am", "00:00"),
        ("12 pm", "12:00"),
        ("4.30pm", "16:30"),
        ("8:30am", "08:30"),
        ("14:30", "14:30"),
        ("09:05", "09:05"),
        ("at 14.30", "14:30"),
        ("2026-12-01T15:00", "15:00"),
        ("15h", "15:00"),
        ("15h30", "15:30"),
        ("9h", "09:00"),
        ("1500 hours", "15:00"),
        ("at 16", "16:00"),
        ("16", "16:00"),
        ("noon", "12:00"),
        ("at midnight", "00:00"),
        ("quarter to 4 pm", "15:45"),
        ("9 in the morning", "09:00"),
        ("tomorrow morning at 9", "09:00"),
        ("in the evening at 8", "20:00"),
        ("13pm", "13:00"),
    ],
)
def test_times_that_are_settled(text, clock):
    assert read(text) == [[clock]]


@pytest.mark.parametrize(
    ("text", "likelier", "other"),
    [
        ("at 4", "16:00", "04:00"),
        ("Move it to 4", "16:00", "04:00"),
        ("no, 4", "16:00", "04:00"),
        ("4 please", "16:00", "04:00"),
        ("at four", "16:00", "04:00"),
        ("four", "16:00", "04:00"),
        ("at 9", "09:00", "21:00"),
        ("how about 11?", "11:00", "23:00"),
        ("at 12", "12:00", "00:00"),
        ("11:30", "11:30", "23:30"),
        ("at half past three", "15:30", "03:30"),
        ("half three", "15:30", "03:30"),
        ("ten to 9", "08:50", "20:50"),
        ("quarter to one", "12:45", "00:45"),
        ("20 past 3", "15:20", "03:20"),
        ("at twelve thirty", "12:30", "00:30"),
        ("3 o'clock", "15:00", "03:00"),
        ("4ish", "16:00", "04:00"),
    ],
)
def test_times_that_leave_the_half_of_the_day_open(text, likelier, other):
    assert read(text) == [[likelier, other]]


@pytest.mark.parametrize(
    "text",
    ["", "meeting for 3 people", "talk to one of you", "in 3 days", "14.30", "10%", "it costs 4.50",
     "3/4", "good morning", "the 2nd", "version 3"],
)  # fmt: skip
def test_words_that_name_no_time(text):
    assert read(text) == []


@pytest.mark.parametrize("text", ["at 25", "24:00", "3:75", "13am"])
def test_times_that_no_clock_shows(text):
    (mention,) = find_clocks(text).times

    assert (mention.is_possible, mention.readings()) == (False, ())


def test_outside_the_daytime_the_nearer_half_is_meant():
    (mention,) = find_clocks("move it to 5").times

    assert mention.readings(near=time(4, 0)) == (time(5, 0), time(17, 0))
    assert mention.readings(near=time(15, 0)) == (time(17, 0), time(5, 0))


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("tomorrow morning", time(7), time(12)),
        ("in the afternoon", time(12), time(18)),
        ("after 3", time(15), time(23, 59)),
        ("from 3 on", time(15), time(23, 59)),
        ("before noon", time(0), time(12)),
        ("between 2 and 4", time(14), time(16)),
    ],
)
def test_parts_of_the_day(text, since, until):
    clocks = find_clocks(text)

    assert clocks.times == ()
    assert [(part.since, part.until) for part in clocks.parts] == [(since, until)]


@pytest.mark.parametrize(
    ("text", "minutes", "use"),
    [
        ("30 minutes", 30, "lasting"),
        ("for 45 min", 45, "lasting"),
        ("a 90-minute call", 90, "lasting"),
        ("half an hour", 30, "lasting"),
        ("an hour", 60, "lasting"),
        ("an hour and a half", 90, "lasting"),
        ("1.5 hours", 90, "lasting"),
        ("2 hours 15 min", 135, "lasting"),
        ("1h30", 90, "lasting"),
        ("hour long", 60, "lasting"),
        ("quarter of an hour", 15, "lasting"),
        ("in half an hour", 30, "from_now"),
        ("30 minutes from now", 30, "from_now"),
        ("an hour later", 60, "later"),
        ("push it back 30 minutes", 30, "later"),
        ("move it by an hour", 60, "later"),
        ("30 minutes earlier", 30, "earlier"),
        ("bring it forward by 30 minutes", 30, "earlier"),
    ],
)
def test_lengths(text, minutes, use):
    assert [(each.minutes, each.use.value) for each in find_lengths(text)] == [(minutes, use)]


@pytest.mark.parametrize("text", ["", "at 2h", "15h", "30 people", "3 months"])
def test_words_that_name_no_length(text):
    assert find_lengths(text) == ()


@given(st.text(max_size=60))
def test_any_text_is_read_without_failing(text):
    for mention in find_clocks(text).times:
        assert mention.is_possible == bool(mention.readings())
    assert all(each.minutes >= 0 for each in find_lengths(text))
