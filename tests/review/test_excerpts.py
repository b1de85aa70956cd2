"""A search shows where its words were said."""

from __future__ import annotations

from assistant.core.events import StaffMessage, TextDelta, TurnStarted
from assistant.review.excerpts import AROUND, Excerpt, excerpt_of
from tests.events import log_of
from tests.review.conftest import Console
from tests.review.said import have

LOG = log_of(
    TurnStarted(message="Do robots\nwalk?", client_turn_id="c", agent="built-in"),
    TextDelta(text="They w"),
    TextDelta(text="alk in Zürich."),
    StaffMessage(staff_name="Mira", text="Good day"),
)


def test_the_longest_word_is_shown_where_it_was_said_first():
    assert excerpt_of(LOG, ("walk", "ZÜRICH".lower())) == Excerpt(
        speaker="Heidi", before="They walk in ", found="Zürich", after="."
    )


def test_a_phrase_over_a_line_end_is_found():
    assert excerpt_of(LOG, ("robots walk",)) == Excerpt(
        speaker="Visitor", before="Do ", found="robots walk", after="?"
    )


def test_staff_are_named():
    found = excerpt_of(LOG, ("good",))

    assert found is not None
    assert (found.speaker, found.found) == ("Mira", "Good")


def test_what_was_not_said_has_no_excerpt():
    assert excerpt_of(LOG, ("cust-ada",)) is None
    assert excerpt_of(LOG, ()) is None


def test_a_long_text_is_cut_on_both_sides():
    text = "a" * 500 + "needle" + "b" * 500
    log = log_of(TurnStarted(message=text, client_turn_id="c", agent="x"))

    found = excerpt_of(log, ("needle",))

    assert found == Excerpt(
        speaker="Visitor",
        before="…" + "a" * AROUND,
        found="needle",
        after="b" * 2 * AROUND + "…",
    )


async def test_the_list_shows_it_as_text(signed_in: Console):
    await have(signed_in, "c-1", ("Hello", "Robots <b>walk</b>."))

    page = await signed_in.page("/review?q=walk")

    excerpt = page.select_one("ul.list .excerpt")
    assert " ".join(excerpt.get_text().split()) == "Heidi: Robots <b>walk</b>."
    assert excerpt.select_one("mark").get_text() == "walk"
