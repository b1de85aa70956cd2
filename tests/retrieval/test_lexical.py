"""The lexical index and the terms it is made of."""

from __future__ import annotations

import bm25s
import numpy as np
import pytest

from assistant.core.terms import content_terms, terms
from assistant.retrieval.lexical import LexicalDocument, LexicalIndex, Vocabulary

_DOCUMENTS = (
    LexicalDocument(title="Robots", text="Factories buy more machines."),
    LexicalDocument(title="Chips", text="Some robots need chips."),
    LexicalDocument(title="Rain", text="It rains."),
)
_INDEX = LexicalIndex.of(_DOCUMENTS)
_ALL = np.arange(3)


def test_a_word_of_the_title_weighs_more_than_one_of_the_text():
    scores = _INDEX.matches(terms("robots")).scores(_ALL)
    assert scores[0] > scores[1] > scores[2] == 0


def test_scores_are_those_of_bm25s_in_lucenes_form():
    library = bm25s.BM25(method="lucene", k1=1.5, b=0.75)
    tokens = [terms(" ".join([d.title] * 2 + [d.text])) for d in _DOCUMENTS]
    library.index(tokens, show_progress=False)
    question = terms("robots robots need machines")
    expected = library.get_scores(question)
    assert _INDEX.matches(question).scores(_ALL) == pytest.approx(expected, rel=1e-5)


def test_the_best_are_found_without_looking_at_the_rest():
    assert set(_INDEX.matches(terms("robots")).best(5).tolist()) == {0, 1}
    assert _INDEX.matches(terms("robots")).best(1).tolist() == [0]


def test_only_what_is_allowed_is_found():
    allowed = np.array([False, True, True])
    assert _INDEX.matches(terms("robots rain")).best(5, allowed).tolist() == [1, 2]


def test_a_term_numbered_for_a_later_index_is_unknown_to_an_earlier_one():
    vocabulary = Vocabulary()
    early = LexicalIndex([vocabulary.numbered(_DOCUMENTS[0])], vocabulary)
    vocabulary.numbered(_DOCUMENTS[2])
    assert not early.knows("rain")
    assert early.matches(["rain"]).scores(np.arange(1)).tolist() == [0.0]


def test_rare_terms_weigh_more_and_unknown_ones_most():
    assert _INDEX.weight("robot") < _INDEX.weight("rain") < _INDEX.weight("zebra") == 1.0


def test_unknown_terms_find_and_score_nothing():
    assert _INDEX.matches(["zebra"]).best(5).tolist() == []
    assert _INDEX.matches(["zebra"]).scores(_ALL).tolist() == [0.0, 0.0, 0.0]


def test_an_empty_index_finds_nothing():
    assert LexicalIndex.of([]).matches(["robot"]).best(5).tolist() == []


@pytest.mark.parametrize("text", ["GPT-5", "GPT 5"])
def test_compounds_are_found_however_they_are_written(text: str):
    assert set(terms(text)) & set(terms("the GPT-5 model")) >= {"gpt", "5"}


def test_words_that_only_ask_are_no_content():
    assert content_terms("Please tell me the latest news about robots") == ["robot"]
