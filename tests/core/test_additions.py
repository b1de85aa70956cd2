"""What may follow the sentence that answers."""

from __future__ import annotations

from dataclasses import replace

from assistant.core.additions import adds
from assistant.core.grounding import read_passage
from assistant.core.question_types import question_type
from assistant.core.reading import Question
from assistant.core.scoring import ScoredSentence
from assistant.core.terms import content_terms
from tests.core.passages import passage

_TEXT = (
    "Acme sold 300 robots in 2024. It sold 90 of these robots to schools. Acme sold 300 robots. "
    "We are happy to announce more. Robots need oil."
)


def _found(position: int, *, has_answer_type: bool = True, own: float = 1.0) -> ScoredSentence:
    found = passage(_TEXT)
    return ScoredSentence(
        passage=found,
        position=position,
        sentence=read_passage(found)[position],
        score=1.0,
        similarity=0.5,
        coverage=1.0,
        has_answer_type=has_answer_type,
        own=own,
    )


def _question(text: str) -> Question:
    return Question(
        text=text, kind=question_type(text), weights=dict.fromkeys(content_terms(text), 0.5)
    )


def test_a_further_figure_adds_and_the_same_figure_does_not():
    question = _question("How many robots did Acme sell?")
    assert adds(question, _found(1), _found(0))
    assert not adds(question, _found(2), _found(0))


def test_what_has_no_figure_adds_nothing_to_one():
    question = _question("How many robots did Acme sell?")
    assert not adds(question, _found(4, has_answer_type=False), _found(0))


def test_an_opening_adds_nothing():
    assert not adds(_question("What does Acme sell?"), _found(3), _found(0))


def test_a_sentence_that_says_little_of_the_question_adds_nothing():
    question = _question("Why did Acme sell robots?")
    assert adds(question, _found(1), _found(0))
    assert not adds(question, _found(1, has_answer_type=False), _found(0))
    open_question = _question("Does Acme sell robots?")
    assert not adds(open_question, _found(4, has_answer_type=False, own=0.2), _found(0))


def test_a_sentence_of_another_briefing_has_to_say_as_much():
    question = _question("Does Acme sell robots?")
    other = replace(_found(4, own=0.7), passage=passage(_TEXT, briefing_id="other"))
    assert not adds(question, other, _found(0))
    assert adds(question, replace(other, own=0.9), _found(0))


def test_lists_gather_whatever_is_near():
    assert adds(_question("Which companies sell robots?"), _found(4, own=0.1), _found(0))


def test_a_figure_of_another_year_adds_nothing():
    question = _question("How many robots did Acme sell in 2023?")
    assert not adds(question, _found(0), _found(1))
