"""Terms that tell one thing from its neighbour."""

from __future__ import annotations

import pytest

from assistant.core.telling import (
    asks_for_newest,
    asks_for_this_moment,
    is_dated,
    lacks_phrase,
    names_another_version,
    shadowed_names,
    telling_phrases,
)


@pytest.mark.parametrize(
    ("question", "phrases"),
    [
        ("What will PostgreSQL 20 bring?", {"postgresql 20"}),
        ("What does Claude Opus 4.5 cost?", {"opus 4.5"}),
        ("When will GPT-6 be released?", {"gpt 6"}),
        ("Revenue in Q3 of FY27?", {"third quarter", "fiscal 2027"}),
        ("What happened in May 2026 on 5 May?", set()),
        ("What is new in KServe v0.18?", {"kserve 0.18"}),
        ("rust 1.64 minimum linux kernel", {"rust 1.64"}),
    ],
)
def test_versions_quarters_and_fiscal_years_tell(question: str, phrases: set[str]):
    assert telling_phrases(question) == phrases


@pytest.mark.parametrize(
    ("question", "text", "lacks"),
    [
        ("What will PostgreSQL 20 bring?", "PostgreSQL 19 came 20 months later.", True),
        ("Is .NET 9 supported?", ".NET 8 and 9 leave support.", False),
        ("Is .NET 8 supported?", ".NET 8 leaves support.", False),
        ("third quarter of fiscal 2027?", "the third quarter of its fiscal year 2027", False),
        ("third quarter of fiscal 2027?", "the first quarter of its fiscal year 2027", True),
        ("Who won?", "Nobody.", False),
        ("What is new in KServe v0.18?", "Announcing KServe 0.18", False),
        ("What is new in KServe 0.18?", "Announcing KServe v0.15", True),
        ("When was Rust 1.68 released?", "Announcing Rust 1.68.0", False),
        ("What is new in Node 22?", "Node.js 22 is now available!", False),
        ("highlights of node.js 22", "Node.js 22 is now available!", False),
        ("what came with node 20", "Node.js 18 is now available!", True),
        ("What changed in version 3.0 of the demo?", "The demo, 3.0", False),
        ("What changed in version 3.0 of the demo?", "The demo, 2.3.0", True),
    ],
)
def test_a_text_about_a_neighbour_lacks_the_phrase(question: str, text: str, lacks: bool):
    assert lacks_phrase(question, text) is lacks


def test_another_version_in_a_sentence_is_noticed():
    assert names_another_version("Until when is Windows 10 safe?", "Windows 11 ends in 2026.")
    assert names_another_version("Who won the first race?", "At the second race Honor won.")
    assert not names_another_version("Until when is Windows 10 safe?", "It ends in 2026.")


def test_what_changes_by_the_minute_is_no_news():
    assert asks_for_this_moment("What is AMD's share price right now?")
    assert not asks_for_this_moment("Why did AMD's share price fall?")


def test_a_question_says_of_when_it_asks():
    assert is_dated("Who won in 2024?")
    assert not is_dated("How much did Nvidia earn?")
    assert asks_for_newest("How much did Nvidia earn in its last quarter?")


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("latest news on Acme for Go", ("Go",)),
        ("What does the US say?", ("US",)),
        ("news of May 2026", ()),
        ("What Is New With Acme For Go", ()),
        ("I go there", ()),
    ],
)
def test_names_that_are_small_words_too_are_told_by_their_capitals(
    question: str, names: tuple[str, ...]
):
    assert shadowed_names(question) == names
