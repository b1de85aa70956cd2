"""What is measured of a sentence."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from assistant.core.features import Place, features_of, known_names, passage_terms, recency
from assistant.core.passages import Passage
from assistant.core.question_types import question_type
from assistant.core.reading import Question
from assistant.core.terms import content_terms
from tests.core.passages import passage

_PASSAGE = passage(
    "Acme was founded in 2019. It sold 300 robots in 2024. In this post we look at Umbrella.",
    title="Acme sells robots",
)


def _question(text: str) -> Question:
    return Question(
        text=text, kind=question_type(text), weights=dict.fromkeys(content_terms(text), 0.5)
    )


def _measures(text: str, position: int, found: Passage = _PASSAGE) -> dict[str, float]:
    question = _question(text)
    place = Place(
        passage=found,
        position=position,
        similarity=0.5,
        beside=0.4,
        behind=0.0,
        known_names=known_names(question, [found]),
        briefing_terms=passage_terms(found),
    )
    return features_of(question, place)


def test_the_asked_value_is_seen_where_it_stands():
    assert "near_value" in _measures("How many robots did Acme sell?", 1)
    assert _measures("How many robots did Acme sell?", 0)["no_number"] == 1.0


def test_sentences_before_tell_what_it_is_about():
    measures = _measures("How many robots did Acme sell?", 1)
    assert measures["context"] == 1.0
    assert measures["names_far"] == 0.0


def test_a_name_that_only_another_sentence_holds_is_far():
    assert _measures("How many robots did Umbrella sell?", 0)["names_far"] == 0.5


def test_openings_about_the_text_itself_are_seen():
    assert _measures("What does Umbrella do?", 2)["talk"] == 1.0
    assert _measures("What does Umbrella do?", 0)["talk"] == 0.0


_TODAY = date(2026, 5, 8)


@pytest.mark.parametrize(
    ("question", "day", "expected"),
    [
        ("Which company sued Acme?", date(2026, 5, 8), 1.0),
        ("Which company sued Acme?", date(2026, 5, 1), 0.5),
        ("Which company sued Acme in 2026?", date(2026, 5, 1), 0.5),
        ("Which company sued Acme in 2024?", date(2026, 5, 1), 0.0),
        ("What did Acme earn in the first quarter?", date(2026, 5, 1), 0.0),
        ("Who released Ferrite 1.58?", date(2026, 5, 1), 0.0),
    ],
)
def test_what_is_new_is_likelier_meant_unless_a_past_time_is_named(
    question: str, day: date, expected: float
):
    asked = replace(_question(question), today=_TODAY)
    assert recency(asked, replace(_PASSAGE, date=day)) == expected


def test_without_a_day_of_asking_nothing_is_new():
    assert recency(_question("Which company sued Acme?"), _PASSAGE) == 0.0


def test_a_name_counts_by_what_of_the_question_stands_around_it():
    found = passage(
        "The hole in Acme was reported by Ada Okafor. Umbrella is a firm that sells many other "
        "things, among them fine robots, and the hole was closed.",
        title="A hole in Acme",
    )
    near = _measures("Who reported the hole in Acme?", 0, found)["near_name"]
    far = _measures("Who reported the hole in Acme?", 1, found)["near_name"]
    assert near > far


def test_another_year_than_the_one_asked_of_is_seen():
    found = replace(passage("Acme won the race."), date=date(2025, 4, 2))
    assert _measures("Who won the race in 2026?", 0, found)["other_year"] == 1.0
    assert _measures("Who won the race in 2025?", 0, found)["other_year"] == 0.0
    assert _measures("Who won the race?", 0, found)["other_year"] == 0.0


def test_what_the_title_leaves_open_tells_sentences_apart():
    assert _measures("How many robots does Acme sell in schools?", 1)["beyond_title"] == 0.0
    found = passage("Acme sells robots. Schools test them.", title="Acme sells robots")
    assert _measures("How do schools test Acme?", 1, found)["beyond_title"] == 1.0
