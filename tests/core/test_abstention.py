"""Evidence for answering."""

from __future__ import annotations

from assistant.core.abstention import Evidence, missing_names, should_answer, weigh
from assistant.core.question_types import QuestionType
from assistant.core.scoring import Question
from tests.core.passages import passage


def _evidence(**fields: float) -> Evidence:
    values = {
        "similarity": 0.6,
        "passage_similarity": 0.6,
        "coverage": 0.7,
        "title_coverage": 0.3,
        "margin": 0.4,
        "missing_names": 0.0,
    }
    return Evidence(**{**values, **fields})


def test_near_passages_are_answered_from():
    assert should_answer(_evidence())


def test_far_passages_are_not_answered_from():
    assert not should_answer(_evidence(similarity=0.3, passage_similarity=0.3))


def test_a_missing_name_outweighs_similarity():
    assert not should_answer(_evidence(missing_names=1.0))


def test_a_title_that_says_all_that_was_asked_helps():
    weak = {"similarity": 0.5, "passage_similarity": 0.5}
    assert not should_answer(_evidence(**weak))
    assert should_answer(_evidence(**weak, title_coverage=1.0))


def test_names_and_numbers_are_looked_for_however_they_are_joined():
    passages = [passage("OpenAI released GPT 5 in 2025.")]
    assert missing_names("What is GPT-5 by OpenAI in 2025?", passages) == frozenset()
    assert missing_names("What did Tesla say about GPT-6?", passages) == {"tesla", "gpt-6"}


def test_capital_letters_everywhere_tell_no_names():
    assert missing_names("WHO WON THE CUP FINAL", [passage()]) == frozenset()


def test_no_passages_are_no_evidence():
    question = Question(text="robots", kind=QuestionType.OPEN, weights={"robot": 0.5})
    assert not should_answer(weigh(question, (), ()))
