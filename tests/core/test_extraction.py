"""Sentences that answer, by kind of question."""

from __future__ import annotations

from assistant.core.extraction import (
    choose_sentences,
    said_sentences,
)
from assistant.core.leads import lead_sentences
from assistant.core.lists import choose_list
from assistant.core.question_types import QuestionType, question_type
from assistant.core.reading import Question
from assistant.core.scoring import score_sentences
from assistant.core.terms import content_terms
from tests.core.passages import passage


def _question(text: str) -> Question:
    return Question(
        text=text, kind=question_type(text), weights=dict.fromkeys(content_terms(text), 0.5)
    )


def _alike(sentences):
    return [0.5] * len(sentences)


def _answer(text: str, *passages, **options) -> list[str]:
    question = _question(text)
    scored = score_sentences(question, passages or (passage(),), _alike)
    return [found.text for found in choose_sentences(question, scored, **options)]


def test_a_number_is_answered_by_the_sentence_that_gives_it():
    assert _answer("How many robots did Japan install?")[0] == (
        "Japan installed 44,500 robots, 4 percent fewer."
    )


def test_the_sentence_with_the_name_that_was_asked_for_comes_first():
    assert "Germany bought 27,000" in _answer("How many robots did Germany install?")[0]


def test_a_sentence_that_points_back_brings_its_antecedent():
    assert _answer("What share of the world market is China's?")[:2] == [
        "China stands alone.",
        "It accounts for 54 percent of the world market.",
    ]


def test_what_was_said_is_not_said_again():
    said = said_sentences("Japan installed 44,500 robots, 4 percent fewer.")
    assert not any(
        "44,500" in text for text in _answer("How many robots did Japan install?", said=said)
    )


def test_near_duplicates_of_other_briefings_are_not_repeated():
    twin = passage(
        "Some 542,000 industrial robots were installed in factories in 2024.",
        briefing_id="twin",
        chunk_id="twin:0:abc",
    )
    answer = _answer("How many industrial robots were installed in 2024?", passage(), twin)
    assert sum("542,000" in text for text in answer) == 1


def test_every_answer_sentence_is_a_span_of_its_passage():
    question = _question("How many robots did Japan install?")
    for found in choose_sentences(question, score_sentences(question, [passage()], _alike)):
        support = found.support
        assert support.passage.text[support.start : support.end] == support.quote


def test_a_list_question_gets_the_list_with_what_announces_it():
    question = _question("Which countries are down?")
    items = ["Japan fell by 4 percent.", "Germany fell by 5 percent.", "Italy fell, too, by 9."]
    text = "\n".join(["The curve of these countries points down:", *items])
    scored = score_sentences(question, [passage(text, title="Countries")], _alike)
    found = choose_list(question, scored)
    assert question.kind is QuestionType.LIST
    assert found is not None
    assert [item.text for item in found.items] == items


def test_the_lead_is_the_first_sentences_that_can_stand_alone():
    text = "Why? But robots sell very well. They sell best in China. Nobody knows why yet."
    lead = lead_sentences([passage(text)], count=2)
    assert [sentence.text for sentence in lead] == [
        "Robots sell very well.",
        "They sell best in China.",
    ]


def test_questions_and_fragments_are_never_quoted():
    assert _answer("robots", passage("Robots? Are robots useful to people today? Yes!")) == []
