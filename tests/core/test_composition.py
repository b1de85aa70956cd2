"""The layout of answers."""

from __future__ import annotations

import pytest

from assistant.core.composition import (
    as_markdown,
    not_in_our_briefings,
    short_title,
    title_as_question,
)


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
