"""Questions as queries."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.core.passages import RetrievalQuery
from assistant.retrieval.understanding import understand

_TODAY = date(2025, 11, 24)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (
            "Latest news on robotics",
            RetrievalQuery(text="robotics", categories=("Robotics",), prefers_recent=True),
        ),
        (
            "anything positive about robotics?",
            RetrievalQuery(
                text="robotics",
                categories=("Robotics",),
                sentiment="positive",
                prefers_recent=True,
            ),
        ),
        (
            "bad news on security since March",
            RetrievalQuery(
                text="security",
                since=date(2025, 3, 1),
                categories=("Security",),
                sentiment="negative",
                prefers_recent=True,
            ),
        ),
        (
            "What happened this week?",
            RetrievalQuery(text="", since=date(2025, 11, 18), until=_TODAY, prefers_recent=True),
        ),
        (
            "How many robots were installed in 2024?",
            RetrievalQuery(
                text="How many robots were installed in 2024?",
                since=date(2024, 1, 1),
                until=date(2024, 12, 31),
                is_period_soft=True,
            ),
        ),
        (
            "What does the World Economic Forum say about skills?",
            RetrievalQuery(
                text="What does the World Economic Forum say about skills?",
                source="World Economic Forum",
            ),
        ),
        (
            "What is the negative impact of AI on jobs?",
            RetrievalQuery(text="What is the negative impact of AI on jobs?"),
        ),
        (
            "latest on humanoid robots",
            RetrievalQuery(text="humanoid robots", prefers_recent=True),
        ),
    ],
)
def test_time_category_tone_and_source_become_filters(question: str, expected: RetrievalQuery):
    found = understand(question, _TODAY, source_names=["World Economic Forum", "Fortune"])
    assert found.query == RetrievalQuery(**{**vars(expected), "as_of": _TODAY})


def test_a_day_in_a_quoted_title_is_no_filter():
    found = understand("What is “Report flaws from today” about?", _TODAY)
    assert (found.query.since, found.query.until) == (None, None)


def test_a_number_of_headlines_is_the_limit_and_no_topic():
    query = understand("give me 3 headlines about security", _TODAY).query
    assert (query.text, query.categories, query.limit) == ("security", ("Security",), 3)


def test_a_preposition_is_no_part_of_the_topic():
    assert understand("What's new in quantum computing?", _TODAY).words == "quantum computing"


def test_a_number_may_be_a_word_and_stand_on_either_side():
    first = understand("Give me the three latest briefings about security", _TODAY)
    second = understand("the latest three stories on security", _TODAY)
    assert (first.query.limit, first.query.categories, first.words) == (
        3,
        ("Security",),
        "security",
    )
    assert (second.query.limit, second.query.categories) == (3, ("Security",))


def test_a_period_of_days_is_no_number_of_briefings():
    found = understand("What have you published in the last seven days?", _TODAY)
    assert (found.query.since, found.query.limit, found.topic) == (date(2025, 11, 17), 8, "")


def test_small_words_around_a_topic_are_left_out():
    assert understand("OK, then what is new in PostgreSQL 19?", _TODAY).words == "PostgreSQL 19"
