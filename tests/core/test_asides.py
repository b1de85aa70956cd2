"""What a message says before its question."""

from __future__ import annotations

import pytest

from assistant.core.asides import without_aside


@pytest.mark.parametrize(
    ("message", "question"),
    [
        ("First tell me what a qubit is", "tell me what a qubit is"),
        ("ok, but before that: who owns Acme?", "who owns Acme?"),
        ("By the way, can you tell me who owns Acme?", "can you tell me who owns Acme?"),
        ("One quick question: when does it open?", "when does it open?"),
        ("Which firm was first to sue Acme?", "Which firm was first to sue Acme?"),
        ("First quarter revenue of Acme", "First quarter revenue of Acme"),
        ("the first one", "the first one"),
    ],
)
def test_only_what_comes_before_a_question_is_left_out(message: str, question: str):
    assert without_aside(message) == question
