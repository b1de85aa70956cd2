"""Lists gathered from several briefings."""

from __future__ import annotations

from assistant.core.gathering import gathered
from assistant.core.question_types import question_type
from assistant.core.reading import Question
from assistant.core.scoring import ScoredSentence, score_sentences
from assistant.core.terms import content_terms
from tests.core.passages import passage

_TOLD = (
    "Acme builds humanoid robots in Oslo.",
    "A humanoid robot by Beta Works costs 900 dollars.",
    "Gamma Robotics showed its humanoid robots in May.",
)


def _question(text: str) -> Question:
    weights = {term: 0.9 if term == "humanoid" else 0.5 for term in content_terms(text)}
    return Question(text=text, kind=question_type(text), weights=weights)


def _scored(question: Question, *texts: str) -> tuple[ScoredSentence, ...]:
    passages = [
        passage(text, briefing_id=f"b{n}", chunk_id=f"b{n}:0:abc") for n, text in enumerate(texts)
    ]
    return score_sentences(question, passages, lambda sentences: [0.5] * len(sentences))


def test_each_of_several_briefings_gives_one():
    question = _question("Which companies build humanoid robots?")
    found = gathered(question, _scored(question, *_TOLD))
    assert {each.sentence.text for each in found} == set(_TOLD)


def test_whoever_does_it_may_stand_alone():
    question = _question("Which companies build humanoid robots?")
    found = gathered(question, _scored(question, _TOLD[0]))
    assert [each.sentence.text for each in found] == [_TOLD[0]]


def test_two_briefings_are_no_list_of_things():
    question = _question("Which robots are humanoid robots?")
    assert not gathered(question, _scored(question, *_TOLD[:2]))


def test_what_names_nobody_or_speaks_of_something_else_is_left_out():
    question = _question("Which companies build humanoid robots?")
    others = ("Robots that are humanoid need rules.", "Delta Works sells carts.")
    found = gathered(question, _scored(question, *_TOLD[:2], *others))
    assert {each.sentence.text for each in found} == set(_TOLD[:2])


def test_only_what_has_names_is_gathered():
    question = _question("What are the risks of humanoid robots?")
    assert not gathered(question, _scored(question, *_TOLD))
