"""The layout of answers."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.core.composition import (
    as_markdown,
    not_in_our_briefings,
    otherwise,
    paragraph,
    said_on,
    said_plainly,
    short_title,
    speaks_of_itself,
    title_as_question,
)
from assistant.core.leads import lead_sentences
from tests.core.passages import passage


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain, 5,900 dollars", "plain, 5,900 dollars"),
        ("a *star* and [x](y)", r"a \*star\* and \[x\](y)"),
        ("snake_case but _emphasis_", r"snake_case but \_emphasis\_"),
        ("1. not a list", r"1\. not a list"),
        ("# not a heading", r"\# not a heading"),
        ("<b>", r"\<b>"),
    ],
)
def test_words_of_briefings_are_shown_as_they_stand(text: str, expected: str):
    assert as_markdown(text) == expected


def test_abstaining_names_the_nearest_and_a_way_to_a_person():
    assert not_in_our_briefings(["A", "B", "C"]) == (
        "That isn't in our briefings. The nearest briefings are “A” and “B”. "
        "To ask a person instead, say “talk to a person”."
    )


@pytest.mark.parametrize(
    ("title", "question"),
    [
        ("AI skills gap", "What is “AI skills gap” about?"),
        ("Arm or humanoid?", "Arm or humanoid?"),
    ],
)
def test_a_title_becomes_a_question(title: str, question: str):
    assert title_as_question(title) == question


def test_a_long_title_is_cut_at_a_clause_only():
    assert short_title("Europe's weather centre puts a model to use, and others follow soon") == (
        "Europe's weather centre puts a model to use"
    )


def test_what_an_older_briefing_said_is_told_with_its_day():
    passage_of_old = passage("Acme has 300 robots.", date=date(2025, 3, 9))
    said = lead_sentences([passage_of_old], count=1)
    assert [piece.text for piece in otherwise(said)] == [
        " Before that, our briefing of 9 March 2025 said: ",
        "Acme has 300 robots.",
    ]


def test_today_is_told_by_its_day():
    said = lead_sentences([passage("Acme opened its doors today.", date=date(2025, 3, 9))], count=1)
    assert said_on(said[0]).text == " That is from 9 March 2025."


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (
            "Feature: Login; Acme 2: by mail; Acme 3: by key.",
            "Login: by mail (Acme 2), by key (Acme 3).",
        ),
        ("Limit: 200 lines; Effect: old notes vanish.", "200 lines: old notes vanish."),
        ("Step: Plan; Fault: It is vague.; Cure: Ask.", "Plan: It is vague (Fault), Ask (Cure)."),
        ("Step: Plan; Fault: It is. Very; Cure: A", "Step: Plan; Fault: It is. Very; Cure: A"),
        ("Note: it rains; they stay.", "Note: it rains; they stay."),
        ("Robots sell well.", "Robots sell well."),
    ],
)
def test_the_row_of_a_table_is_said_without_the_name_of_its_first_column(row: str, said: str):
    assert said_plainly(row) == said


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We are happy to share it.", True),
        ("A policy that I wrote.", True),
        ("She said “we are happy”.", False),
        ("The US won.", False),
    ],
)
def test_the_words_of_an_author_are_known(text: str, expected: bool):
    assert speaks_of_itself(text) is expected


def test_who_speaks_of_we_is_named_once():
    said = lead_sentences([passage("We sell robots now. We are proud of our robots.")], count=2)
    source = said[0].support.passage.source_name
    assert [piece.text for piece in paragraph(said)] == [
        f"{source} writes: ",
        "We sell robots now.",
        " We are proud of our robots.",
    ]
    assert paragraph(said, as_of=date(2025, 3, 9))[0].text == f"{source} wrote on 9 March 2025: "


def test_without_a_source_nobody_is_named():
    said = lead_sentences([passage("We sell robots now.", source_name="")], count=1)
    assert [piece.text for piece in paragraph(said)] == ["We sell robots now."]


def test_a_title_is_quoted_without_its_marks():
    assert not_in_our_briefings(["The `wasm32` target"]).startswith(
        "That isn't in our briefings. The nearest briefing is “The wasm32 target”."
    )


def test_thanks_are_the_sources_own():
    assert speaks_of_itself("Thanks to Ada Okafor for reporting the flaw.")
