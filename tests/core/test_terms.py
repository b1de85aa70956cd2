"""Words become terms that search, evidence and grounding compare."""

from __future__ import annotations

import pytest

from assistant.core.telling import lacks_phrase, telling_phrases
from assistant.core.terms import content_terms, plain_version, stem, terms


@pytest.mark.parametrize("written", ["1.58", "1.58.0", "v1.58", "v1.58.0"])
def test_a_release_is_one_term_however_its_number_is_written(written: str):
    assert terms(f"Ferrite {written}") == ["ferrit", "1.58"]
    assert content_terms(f"Ferrite {written}") == ["ferrit", "1.58"]


@pytest.mark.parametrize("word", ["2.0", "0.102.1", "127.0.0.1", "18", "v18", "node.js"])
def test_other_numbers_and_words_stay_as_they_are(word: str):
    assert plain_version(word) == word


def test_a_patch_loses_its_v_alone():
    assert plain_version("v0.102.1") == "0.102.1"


def test_the_first_release_of_a_version_is_that_version():
    assert telling_phrases("What is new in Ferrite 1.58.0?") == {"ferrite 1.58"}
    assert not lacks_phrase("What is new in Ferrite 1.58.0?", "Ferrite 1.58 is out")
    assert not lacks_phrase("What is new in Ferrite 1.58?", "Announcing Ferrite 1.58.0")
    assert lacks_phrase("What is new in Ferrite 1.58?", "Announcing Ferrite 1.58.1")


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("sold", "sells"),
        ("won", "winning"),
        ("written", "writes"),
        ("rose", "rises"),
        ("led", "lead"),
    ],
)
def test_irregular_forms_of_a_verb_are_one_term(said: str, asked: str):
    assert stem(said) == stem(asked)


def test_who_founded_something_is_not_told_by_what_was_found():
    assert stem("founded") == stem("founding")
    assert stem("found") == stem("finds") != stem("founded")


@pytest.mark.parametrize(("several", "one"), [("cves", "cve"), ("llms", "llm"), ("gpus", "gpu")])
def test_several_of_what_is_called_by_its_letters_are_one_term(several: str, one: str):
    assert stem(several) == stem(one) == one


@pytest.mark.parametrize("word", ["this", "bus", "dns", "news", "yes"])
def test_an_s_that_belongs_to_a_word_stays(word: str):
    assert stem(word) == word
