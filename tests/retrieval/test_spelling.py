"""Slips of the pen in questions."""

from __future__ import annotations

import pytest

from assistant.retrieval.spelling import Spelling

_SPELLING = Spelling(
    ["Prompt injection hits agents. Nvidia sells chips.", "Prompt injection. Nvidia."]
)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("wat is promt injection??", "what is prompt injection??"),
        ("prompt injcetion", "prompt injection"),
        ("promptt injektion", "prompt injection"),
        ("Nvidai results", "nvidia results"),
        ("prompts injected", "prompts injected"),
        ("Proms in London", "Proms in London"),
        ("", ""),
    ],
)
def test_a_slip_of_one_letter_is_mended_towards_a_known_word(written: str, meant: str):
    assert _SPELLING.corrected(written) == meant


def test_a_long_text_stays_as_it_is():
    text = "promt " * 100
    assert _SPELLING.corrected(text) == text
