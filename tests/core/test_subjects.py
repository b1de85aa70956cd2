"""Values of the asked kind that are told of something else."""

from __future__ import annotations

import pytest

from assistant.core.features import terms_of
from assistant.core.grounding import read_passage
from assistant.core.question_types import question_type
from assistant.core.reading import Question
from assistant.core.scoring import ScoredSentence
from assistant.core.subjects import has_another_subject, is_role_at_another
from assistant.core.terms import content_terms
from tests.core.passages import passage


def _question(text: str) -> Question:
    return Question(
        text=text, kind=question_type(text), weights=dict.fromkeys(content_terms(text), 0.5)
    )


def _found(text: str, title: str = "Robots") -> ScoredSentence:
    found = passage(text, title=title)
    return ScoredSentence(
        passage=found,
        position=0,
        sentence=read_passage(found)[0],
        score=1.0,
        similarity=0.5,
        coverage=1.0,
        has_answer_type=True,
    )


@pytest.mark.parametrize(
    ("text", "is_at_another"),
    [
        ("Ann Smith, CEO of Acme, praised robots.", False),
        ("Acme's chief executive Ann Smith praised robots.", False),
        ("Ann Smith, CEO of Beta, praised Acme.", True),
        ("Beta's founder Ann Smith praised Acme.", True),
        ("Chief executive Ann Smith praised robots.", True),
    ],
)
def test_a_role_is_one_at_what_is_asked_of(text: str, is_at_another: bool):
    assert is_role_at_another(_question("Who is the CEO of Acme?"), _found(text)) is is_at_another


def test_a_role_at_nothing_named_is_one_at_what_the_briefing_is_about():
    found = _found("Chief executive Ann Smith praised robots.", title="Acme grows")
    assert not is_role_at_another(_question("Who is the CEO of Acme?"), found)


@pytest.mark.parametrize(
    ("text", "is_of_another"),
    [
        ("Acme was founded in 2014.", False),
        ("It was founded in 2014.", False),
        ("The Beta Institute was founded in 2014.", True),
        ("Over the past year, Acme has sold robots.", True),
    ],
)
def test_when_something_was_founded_is_not_told_by_when_another_was(text: str, is_of_another: bool):
    question = _question("When was Acme founded?")
    assert has_another_subject(question, text, terms_of(text)) is is_of_another


def test_of_more_than_a_name_and_a_deed_anything_may_be_told():
    question = _question("When did the robots of Acme reach Paris?")
    assert not has_another_subject(question, "The Beta Institute was founded in 2014.", frozenset())
