"""The line of a briefing in a digest."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.core.composition import Entry, digest
from assistant.core.digest_lines import telling_lead
from assistant.core.leads import lead_sentences
from tests.core.passages import passage


def _line(title: str, text: str) -> str | None:
    line = telling_lead(title, lead_sentences([passage(text)], count=8, most_words=240))
    return line.text if line else None


def test_the_line_says_what_the_title_promises():
    text = "We met on Monday for lunch. Acme opens a factory for 300 robots in Bern in May."
    assert _line("Acme opens a robot factory", text) == (
        "Acme opens a factory for 300 robots in Bern in May."
    )


@pytest.mark.parametrize(
    "text",
    [
        "Acme is happy to announce Ferrite 2.4, a new version of Ferrite.",
        "Discover how Ferrite 2.4 makes the work of your whole team easier.",
        "In this post we look at Ferrite 2.4 and at what it changes.",
        "Updates to Ferrite 2.4 are available for the following systems.",
        "Ferrite 2.4 is announced.",
        "A cook once wanted to make things easier for his guests.",
    ],
)
def test_a_sentence_that_could_stand_above_any_story_is_no_line(text: str):
    assert _line("Announcing Ferrite 2.4", text) is None


def test_behind_an_opening_the_fact_is_found():
    text = (
        "Acme is happy to announce Ferrite 2.4, a new version of Ferrite. "
        "Ferrite 2.4 compiles large projects in half the time and drops support for old kernels."
    )
    assert _line("Announcing Ferrite 2.4", text) == (
        "Ferrite 2.4 compiles large projects in half the time and drops support for old kernels."
    )


def test_without_sentences_there_is_no_line():
    assert telling_lead("Nothing", ()) is None


def test_a_headline_alone_is_cited_too():
    lead = lead_sentences([passage("Acme is happy to announce Ferrite 2.4 to its users.")], count=1)
    entry = Entry(
        title="Announcing Ferrite 2.4", day=date(2026, 5, 8), sentence=lead[0], is_said=False
    )
    pieces = digest([entry], intro="The latest:")
    assert pieces[-1].text == "**Announcing Ferrite 2.4** (8 May 2026)"
    assert pieces[-1].support == lead[0].support
