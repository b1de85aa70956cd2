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


@pytest.mark.parametrize(
    ("question", "labels"),
    [
        ("Compare Ferrite 19 and 18", ["Ferrite 19", "Ferrite 18"]),
        ("What are the differences between Ferrite 1.2 and 1.3?", ["Ferrite 1.2", "Ferrite 1.3"]),
        ("Ferrite v0.20 vs v0.17", ["Ferrite v0.20", "Ferrite v0.17"]),
        ("Compare Ferrite versions 1.2 and 1.3", ["Ferrite 1.2", "Ferrite 1.3"]),
        ("What changed between versions 1.2 and 1.3 of Ferrite?", ["Ferrite 1.2", "Ferrite 1.3"]),
        ("How does FE-5 compare to 4?", ["FE-5", "FE-4"]),
        ("Difference between the Ferro 17 Pro and 16 Pro", ["Ferro 17 Pro", "Ferro 16 Pro"]),
        ("Compare Ferrite 2 with Basalt 4", ["Ferrite 2", "Basalt 4"]),
        ("Compare 5G and 4G", ["5G", "4G"]),
    ],
)
def test_the_name_that_is_said_once_is_of_both_sides(question: str, labels: list[str]):
    sides = sides_of(question)
    assert sides is not None
    assert [side.label for side in sides] == labels
