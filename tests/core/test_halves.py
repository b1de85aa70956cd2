"""Two questions in one."""

from __future__ import annotations

import pytest

from assistant.core.halves import halves, second_half


@pytest.mark.parametrize(
    ("question", "second"),
    [
        ("How much does Acme pay, and where does it begin?", "where does it begin: Acme pay"),
        ("Who leads all of Acme and when was Umbrella sold?", "when was Umbrella sold?"),
        ("How do Acme and Umbrella work?", None),
        ("Acme and when it began", None),
    ],
)
def test_two_questions_in_one_are_told_apart(question: str, second: str | None):
    found = halves(question)
    assert (second_half(found) if found else None) == second
