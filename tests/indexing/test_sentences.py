"""Splitting prose into sentences."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexing.sentences import split_sentences


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        (
            "Version v1.2.0 costs 3.5 dollars. Buy it.",
            ["Version v1.2.0 costs 3.5 dollars.", "Buy it."],
        ),
        (
            "Dr. Smith, e.g. of the U.S. office, agreed.",
            ["Dr. Smith, e.g. of the U.S. office, agreed."],
        ),
        ("It needs (10 MB!) of memory.", ["It needs (10 MB!) of memory."]),
        ("A heading\nA sentence.", ["A heading", "A sentence."]),
        (
            "Put it in `.env` and call `panic!` there.",
            ["Put it in `.env` and call `panic!` there."],
        ),
        ("", []),
        (" \n ", []),
    ],
)
def test_text_is_split_at_sentence_ends_only(text: str, sentences: list[str]) -> None:
    assert split_sentences(text) == sentences


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=200))
def test_no_word_is_lost_or_invented(text: str) -> None:
    assert " ".join(split_sentences(text)).split() == text.split()
