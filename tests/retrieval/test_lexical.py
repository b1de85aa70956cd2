"""The lexical index and the terms it is made of."""

from __future__ import annotations

import pytest

from assistant.core.terms import content_terms, terms
from assistant.retrieval.lexical import LexicalDocument, LexicalIndex

_INDEX = LexicalIndex(
    [
        LexicalDocument(title="Robots", text="Factories buy more machines."),
        LexicalDocument(title="Chips", text="Some robots need chips."),
        LexicalDocument(title="Rain", text="It rains."),
    ]
)


def test_a_word_of_the_title_weighs_more_than_one_of_the_text():
    scores = _INDEX.scores(terms("robots"))
    assert scores[0] > scores[1] > scores[2] == 0


def test_rare_terms_weigh_more_and_unknown_ones_most():
    assert _INDEX.weight("robot") < _INDEX.weight("rain") < _INDEX.weight("zebra") == 1.0


def test_unknown_terms_score_nothing():
    assert _INDEX.scores(["zebra"]).tolist() == [0.0, 0.0, 0.0]


def test_an_empty_index_scores_nothing():
    assert LexicalIndex([]).scores(["robot"]).tolist() == []


@pytest.mark.parametrize("text", ["GPT-5", "GPT 5"])
def test_compounds_are_found_however_they_are_written(text: str):
    assert set(terms(text)) & set(terms("the GPT-5 model")) >= {"gpt", "5"}


def test_words_that_only_ask_are_no_content():
    assert content_terms("Please tell me the latest news about robots") == ["robot"]
