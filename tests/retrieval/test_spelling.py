"""Slips of the pen in questions."""

from __future__ import annotations

import pytest

from assistant.retrieval.slips import slip_cost
from assistant.retrieval.spelling import Spelling

_OFTEN = (
    "The community received a survey of people on malware. Nvidia and Mistral built chips. "
    "The office released prompt injection highlights, called a policy when asked. "
    "Kubernetes is open-source. "
)
_SPELLING = Spelling([_OFTEN] * 70 + ["We recieved the Zorgon and the blatform."])


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("wat is promt injection??", "what is prompt injection??"),
        ("prompt injcetion", "prompt injection"),
        ("promptt injektion", "prompt injection"),
        ("Nvidai results", "Nvidia results"),
        ("who bilt it", "who built it"),
        ("poeple and a suvery", "people and a survey"),
        ("comunity malwear", "community malware"),
        ("highlits", "highlights"),
        ("the Ofice", "the Office"),
        ("wehn was it caled so?", "when was it called so?"),
        ("kuberntes", "kubernetes"),
    ],
)
def test_a_slip_is_mended_towards_a_word_that_briefings_use(written: str, meant: str):
    assert _SPELLING.corrected(written) == meant


@pytest.mark.parametrize(
    "written",
    [
        "prompts injected",
        "Proms in London",
        "what the police said",
        "Minstrel raised money",
        "nvidia.dev and mis-tral",
        "the zorgon and the Blatform",
        "",
    ],
)
def test_words_of_english_of_the_briefings_and_unknown_names_stay(written: str):

    assert _SPELLING.corrected(written) == written


def test_a_rare_slip_of_the_briefings_is_no_reason_to_keep_it():
    assert _SPELLING.corrected("who recieved it") == "who received it"


def test_a_long_text_stays_as_it_is():
    text = "promt " * 100
    assert _SPELLING.corrected(text) == text


def test_words_come_and_go_with_their_texts():
    later = _SPELLING.after(added=["The blizzarb of blizzarb."] * 5, removed=[_OFTEN] * 70)
    assert later.corrected("blizarb and promt") == "blizzarb and promt"


@pytest.mark.parametrize(
    ("written", "meant", "cost"),
    [
        ("same", "same", 0.0),
        ("tofee", "toffee", 0.4),
        ("teh", "the", 0.5),
        ("leeked", "leaked", 0.6),
        ("suvery", "survey", 0.7),
        ("wprd", "word", 0.8),
        ("bilt", "built", 0.65),
        ("cohere", "cohort", None),
    ],
)
def test_what_a_slip_costs_is_how_seldom_it_happens(written: str, meant: str, cost: float | None):
    assert slip_cost(written, meant, 1.0) == cost
