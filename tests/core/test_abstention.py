"""Evidence for answering."""

from __future__ import annotations

from assistant.core.abstention import (
    WEIGHTS,
    Evidence,
    lacks_subject,
    missing_names,
    should_answer,
    weigh,
)
from assistant.core.question_types import QuestionType
from assistant.core.reading import Question
from tests.core.passages import passage


def _evidence(**fields: float) -> Evidence:
    values = {
        "similarity": 0.6,
        "passage_similarity": 0.6,
        "gap": 0.2,
        "terms": 4,
        "context": 0.7,
        "title_coverage": 0.3,
        "missing_names": 0.0,
    }
    values["nearest"] = fields.get("similarity", values["similarity"])
    return Evidence(**{**values, **fields})


def test_near_passages_are_answered_from():
    assert should_answer(_evidence())


def test_far_passages_are_not_answered_from():
    assert not should_answer(_evidence(similarity=0.3, passage_similarity=0.3))


def test_whom_a_briefing_calls_by_the_last_name_alone_is_held():
    question = "What did President-elect Joe Biden say?"
    assert missing_names(question, [passage("Biden picked a general.")]) == frozenset()
    assert "joe" in missing_names(question, [passage("First Lady Jill Biden spoke.")])


def test_a_missing_name_outweighs_similarity():
    assert not should_answer(_evidence(missing_names=0.4))


def test_one_sentence_that_stands_out_is_surer_than_one_among_equals():
    alone, among_equals = _evidence(chance=0.9), _evidence(chance=0.1)
    assert alone.confidence > _evidence().confidence > among_equals.confidence


def test_a_new_briefing_is_surer_than_an_old_one():
    assert _evidence(recent=0.9).confidence > _evidence(recent=0.1).confidence


def test_every_weight_has_its_measure():
    assert WEIGHTS.keys() == _evidence().measures.keys()


def test_names_may_stand_in_different_passages_of_a_briefing():
    passages = [passage("OpenAI hired many."), passage("It did so in 2025.")]
    assert missing_names("Whom did OpenAI hire in 2025?", passages) == frozenset()


def test_names_missing_from_a_long_question_weigh_less():
    assert should_answer(_evidence(terms=12, missing_names=0.4))


def test_a_briefing_that_lacks_what_a_short_question_names_is_of_another_subject():
    weights = {"robot": 0.4, "weld": 0.6, "japan": 0.8}
    question = Question(
        text="How many robots weld in Japan?", kind=QuestionType.HOW_MUCH, weights=weights
    )
    assert lacks_subject(question, [passage("Robots weld in Germany.")])
    assert not lacks_subject(question, [passage("Robots weld in Japan.")])


def test_what_stands_around_the_sentence_helps_beyond_what_the_title_says():
    weak = {"similarity": 0.5, "passage_similarity": 0.5}
    assert not should_answer(_evidence(**weak, context=0.3, title_coverage=0.3))
    assert should_answer(_evidence(**weak, context=1.0, title_coverage=0.3, terms=8))


def test_names_and_numbers_are_looked_for_however_they_are_joined():
    passages = [passage("OpenAI released GPT 5 in 2025.")]
    assert missing_names("What is GPT-5 by OpenAI in 2025?", passages) == frozenset()
    assert missing_names("What did Tesla say about GPT-6?", passages) == {"tesla", "gpt-6"}


def test_capital_letters_everywhere_tell_no_names():
    assert missing_names("WHO WON THE CUP FINAL", [passage()]) == frozenset()


def test_no_passages_are_no_evidence():
    question = Question(text="robots", kind=QuestionType.OPEN, weights={"robot": 0.5})
    assert not should_answer(weigh(question, (), ()))
