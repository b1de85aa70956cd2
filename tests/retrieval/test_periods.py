"""Periods as of a given day."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.retrieval.periods import find_period

_TODAY = date(2025, 11, 24)  # a Monday


@pytest.mark.parametrize(
    ("question", "since", "until"),
    [
        ("today's headlines", "2025-11-24", "2025-11-24"),
        ("news from yesterday", "2025-11-23", "2025-11-23"),
        ("what happened this week", "2025-11-18", "2025-11-24"),
        ("last week's news", "2025-11-17", "2025-11-23"),
        ("anything from last month?", "2025-10-01", "2025-10-31"),
        ("this year", "2025-01-01", "2025-11-24"),
        ("past 10 days", "2025-11-14", "2025-11-24"),
        ("in the past few weeks", "2025-11-03", "2025-11-24"),
        ("since March", "2025-03-01", None),
        ("since December", "2024-12-01", None),
        ("after June 2025", "2025-07-01", None),
        ("before June", None, "2025-05-31"),
        ("in Q1", "2025-01-01", "2025-03-31"),
        ("in the first quarter of 2025", "2025-01-01", "2025-03-31"),
        ("in the last seven days", "2025-11-17", "2025-11-24"),
        ("in the past week", "2025-11-17", "2025-11-24"),
        ("Q3 2025 robotics", "2025-07-01", "2025-09-30"),
        ("in 2025", "2025-01-01", "2025-12-31"),
        ("in May", "2025-05-01", "2025-05-31"),
        ("on 12 March 2025", "2025-03-12", "2025-03-12"),
        ("on March 3rd", "2025-03-03", "2025-03-03"),
        ("on 2025-03-12", "2025-03-12", "2025-03-12"),
        ("on Monday", "2025-11-17", "2025-11-17"),
        ("between March and June 2025", "2025-03-01", "2025-06-30"),
        ("from 1 March to 15 April", "2025-03-01", "2025-04-15"),
        ("three weeks ago", "2025-10-31", "2025-11-06"),
        ("in early 2025", "2025-01-01", "2025-04-30"),
        ("this summer", "2025-06-01", "2025-08-31"),
    ],
)
def test_a_period_is_read_against_the_clock(question: str, since: str | None, until: str | None):
    period = find_period(question, _TODAY)
    assert period is not None
    assert (
        period.since and period.since.isoformat(),
        period.until and period.until.isoformat(),
    ) == (since, until)


@pytest.mark.parametrize(
    "question",
    ["how may I help", "in 2030", "the march of robots", "since never"],
)
def test_words_that_only_look_like_a_period_name_none(question: str):
    assert find_period(question, _TODAY) is None


@given(st.text(max_size=200), st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_any_text_is_read_without_error_and_spans_lie_inside(question: str, today: date):
    period = find_period(question, today)
    if period is not None:
        assert 0 <= period.start < period.end <= len(question.lower())
        assert period.since is None or period.until is None or period.since <= period.until
