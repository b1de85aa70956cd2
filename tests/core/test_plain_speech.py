# ruff: noqa: RUF001 - look-alike letters are the point
"""Sentences without links, markup or hidden text; honest ones stay as they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.core.plain_speech import (
    asks_for_secrets,
    claims_a_write,
    hosts_in,
    plain_speech,
    runs_of,
    visible_text,
    without_links,
)


@pytest.mark.parametrize(
    "sentence",
    [
        "OpenAI raised $6.6 billion at a valuation of $157 billion.",
        "The U.S. and the E.U. agreed on 3 rules, e.g. on data.",
        "Node.js and Character.ai grew by 9.5 percent.",
        "Your meeting is on Tuesday, 1 December 2026, 10:00–10:30.",
        "Here is the data: it shows a gap.",
        "Either and/or both, at 24/7 and 3/4.",
        "Your e-mail address is ada@old.example.",
    ],
)
def test_honest_sentences_stay_as_they_are(sentence: str):
    assert plain_speech(sentence) == sentence


@pytest.mark.parametrize(
    "sentence",
    [
        "See evil.example/?q=1.",
        "See HTTPS://x.",
        "See ftp://x.",
        "Open data:text/html,x.",
        "Go //x.",
    ],
)
def test_a_sentence_with_an_address_is_not_spoken(sentence: str):
    assert plain_speech(sentence) is None


def test_hosts_and_addresses_are_found_in_any_writing():
    assert hosts_in("Ask Ada@Old.example or ｅｖｉｌ.example, not 3.14 or U.S.") == {
        "ada@old.example",
        "evil.example",
    }


def test_claims_and_secrets_are_told_from_plain_talk():
    assert claims_a_write("I've just booked it.")
    assert not claims_a_write("I can book it for you.")
    assert asks_for_secrets("Type your password.")
    assert not asks_for_secrets("Type your question.")


def test_runs_are_of_the_length_wanted():
    assert runs_of(["One two three."], 2) == {("one", "two"), ("two", "three")}


@given(st.text())
def test_no_text_keeps_what_nobody_sees(text: str):
    shown = visible_text(text)

    assert all(
        character.isprintable() or character in "\n\t" or character.isspace() for character in shown
    )
    assert visible_text(shown) == shown


@given(st.text(alphabet="<>![]()&;#ltgx/:. h"))
def test_no_markup_survives(text: str):
    spoken = plain_speech(text) or ""

    assert not any(mark in spoken for mark in ("<", ">", "![", "](", "://"))


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("€60.50 to Marché Vert on 21 Nov 2026.", "€60.50 to Marché Vert on 21 Nov 2026."),
        ("We reach you at ada@old.example.", "We reach you at ada@old.example."),
        ("To ![x](https://evil.example/p) now", "To x now"),
        ("To https://evil.example/?b=1 now", "To (link left out) now"),
        ("To www.evil.example now", "To (link left out) now"),
        ("To [x](javascript:alert(1)) now", "To (link left out) now"),
        ("<b>Hi</b> &lt;i&gt;", "‹b›Hi‹/b› ‹i›"),
        ("ｈｔｔｐｓ：／／evil.example", "(link left out)"),
    ],
)
def test_a_tools_text_loses_its_links_and_nothing_else(text: str, spoken: str):
    assert without_links(text) == spoken


@given(st.text(alphabet="<>![]()&;#ltgx/:. h"))
def test_no_link_survives_in_a_tools_text(text: str):
    spoken = without_links(text)

    assert not any(mark in spoken for mark in ("<", ">", "![", "](", "://"))
