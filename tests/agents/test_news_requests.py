"""What follows from the words of a news question."""

from __future__ import annotations

import pytest

from assistant.agents.news_requests import sides_of


@pytest.mark.parametrize(
    "question",
    [
        "How does Ferrite differ from Basalt?",
        "How is Ferrite different from Basalt?",
        "What sets Ferrite apart from Basalt?",
        "Which is faster, Ferrite or Basalt?",
        "What is the difference between Ferrite and Basalt?",
        "Ferrite vs. Basalt",
    ],
)
def test_both_sides_of_a_comparison_are_read(question: str):
    sides = sides_of(question)
    assert sides is not None
    assert [side.label for side in sides] == ["Ferrite", "Basalt"]


def test_a_question_on_one_thing_has_no_sides():
    assert sides_of("Which is the fastest way from Ferrite to Basalt?") is None
