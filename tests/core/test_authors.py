"""Who wrote a briefing."""

from __future__ import annotations

import pytest

from assistant.core.authors import AskedAuthor, author_asked, byline, is_titled
from tests.core.passages import passage


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("Who wrote the post on robots?", AskedAuthor(topic="robots", is_text=True)),
        (
            "who is the author of the article about robots",
            AskedAuthor(topic="robots", is_text=True),
        ),
        ("Who wrote the robot survey post?", AskedAuthor(topic="robot survey", is_text=True)),
        ("Who wrote “Why Robots”?", AskedAuthor(topic="Why Robots", is_text=False)),
        ("Who wrote Hamlet?", AskedAuthor(topic="Hamlet", is_text=False)),
        ("Who built the robots?", None),
    ],
)
def test_what_an_author_is_asked_of(question: str, asked: AskedAuthor | None):
    assert author_asked(question) == asked


@pytest.mark.parametrize(
    ("topic", "title", "expected"),
    [
        ("Why Robots", "Why Robots?", True),
        ("don't wrap robots", "Don't Wrap Robots — You May Hurt Them", True),
        ("The robot report", "The Robot Report: Carts", True),
        ("The robot report", "The Robot Report Survey", False),
        ("Robots fall (but get up", "Robots Fall (But Get Up!)", True),
        ("Robots", "Robots", False),
    ],
)
def test_a_title_is_told_by_its_beginning(topic: str, title: str, expected: bool):
    assert is_titled(topic, title) is expected


def test_the_line_that_names_the_author_is_found():
    told = byline([passage("Robots walk.\nWritten by Ada Ample.\nThey run.")])
    assert told is not None
    assert told.text == "Written by Ada Ample."
    assert byline([passage("A book by Ada Ample tells of robots. It was written by hand.")]) is None
