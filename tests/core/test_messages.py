"""What a visitor's message may be."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.core.errors import InvalidInput, LimitExceeded
from assistant.core.messages import MAX_MESSAGE_CHARACTERS, clean_message


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("Hello", "Hello"),
        ("  Hello \n", "Hello"),
        ("a\r\nb\rc\nd", "a\nb\nc\nd"),
        ("a\tb", "a\tb"),
        ("Grüezi 👋🏽", "Grüezi 👋🏽"),
        ("👩\u200d💻", "👩\u200d💻"),
        ("مرحبا", "مرحبا"),
        ("?", "?"),
        ("x" * MAX_MESSAGE_CHARACTERS, "x" * MAX_MESSAGE_CHARACTERS),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    ],
)
def test_a_message_keeps_its_words(text, cleaned):
    assert clean_message(text) == cleaned


@pytest.mark.parametrize("text", ["", " ", "\n\t\r", "\u200b", "\u2060\ufeff", "\u00a0", "\u202e"])
def test_what_shows_nothing_is_empty(text):
    with pytest.raises(InvalidInput) as caught:
        clean_message(text)

    assert (caught.value.field, caught.value.detail) == ("message", "The message is empty.")
    assert caught.value.remedy


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x1b", "\x7f", "\x85", "\ud800"])
def test_control_characters_and_broken_unicode_are_refused(character):
    with pytest.raises(InvalidInput, match="control characters"):
        clean_message(f"a{character}b")


def test_a_message_that_is_too_long_says_by_how_much():
    with pytest.raises(LimitExceeded, match="4,001 characters; Heidi reads up to 4,000"):
        clean_message("x" * 4001)


@given(st.text(alphabet=st.characters()))
def test_whatever_comes_is_clean_or_refused(text):
    try:
        cleaned = clean_message(text)
    except InvalidInput:
        return
    assert cleaned == cleaned.strip() != ""
    assert clean_message(cleaned) == cleaned
    assert {unicodedata.category(c) for c in cleaned if c not in "\n\t"}.isdisjoint({"Cc", "Cs"})
    cleaned.encode()
