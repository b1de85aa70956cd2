"""Sentences of chunks."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.core.sentences import (
    condense,
    needs_antecedent,
    plain_text,
    points_elsewhere,
    split_sentences,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "The U.S. share rose to 3.5 percent. It fell later.",
            ["The U.S. share rose to 3.5 percent.", "It fell later."],
        ),
        (
            "Dr. Smith of Acme Inc. spoke. Who heard?",
            ["Dr. Smith of Acme Inc. spoke.", "Who heard?"],
        ),
        ("“It works.” She smiled.", ["“It works.”", "She smiled."]),
        ("# Heading\n- First item\n- Second one.", ["First item", "Second one."]),
        ("Use J. Doe's 2.0 release now.", ["Use J. Doe's 2.0 release now."]),
        ("🤖 🤖", []),
    ],
)
def test_text_is_cut_into_whole_sentences(text: str, expected: list[str]):
    assert [sentence.text for sentence in split_sentences(text)] == expected


@given(st.text(max_size=300))
def test_spans_are_in_order_and_inside_the_text(text: str):
    position = 0
    for sentence in split_sentences(text):
        assert position <= sentence.start < sentence.end <= len(text)
        position = sentence.end


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**Bold** and `code` in [a link](https://example.org).", "Bold and code in a link."),
        ("<b>Loud</b> &amp; <script>alert(1)</script>clear", "Loud & alert(1) clear"),
        ("&lt;script&gt;", "‹script›"),
        ("snake_case_name and 2*3*4", "snake_case_name and 2*3*4"),
    ],
)
def test_markup_is_stripped_from_quotes(text: str, expected: str):
    assert plain_text(text) == expected


def test_hostile_markup_takes_no_more_than_linear_time():
    started = time.perf_counter()
    for unit in ("[", "![", "<", "**a", "`", "](", "_a ", "<!--"):
        plain_text(unit * 20_000)
        split_sentences(unit * 20_000)
    assert time.perf_counter() - started < 20  # quadratic behaviour takes minutes


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("However, prices fell.", "Prices fell."),
        ("But Japan grew.", "Japan grew."),
        ("So far, prices rose.", "So far, prices rose."),
        ("And iPhones sold.", "iPhones sold."),
        ("Prices fell, however.", "Prices fell, however."),
    ],
)
def test_a_leading_connective_is_dropped(sentence: str, expected: str):
    assert condense(sentence) == expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("It fell by half.", True),
        ("But they disagreed.", True),
        ("The company denied it.", True),
        ("There are three rules.", False),
        ("Nvidia fell by half.", False),
    ],
)
def test_a_sentence_that_points_back_needs_its_antecedent(sentence: str, expected: bool):
    assert needs_antecedent(sentence) is expected


@pytest.mark.parametrize(
    ("sentence", "points"),
    [
        ("Read more on our blog.", True),
        ("For more information, see the docs.", True),
        ("The full list is here (link left out).", True),
        ("See robots.example/list for all.", True),
        ("This is a cross-post of the advisory.", True),
        ("Readers found more robots than before.", False),
        ("For more than ten years it sold robots.", False),
    ],
)
def test_sentences_that_only_send_the_reader_on_are_known(sentence: str, points: bool):
    assert points_elsewhere(sentence) is points


def test_openings_that_point_back_in_the_text_are_left_out():
    assert condense("As previously mentioned, robots sell.") == "Robots sell."
    assert condense("As announced earlier, robots sell.") == "Robots sell."


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("However, robots sell.", "Robots sell."),
        ("However, dstack sells.", "dstack sells."),
        ("evm-units was deleted.", "evm-units was deleted."),
        ("For that reason, the list is short.", "The list is short."),
    ],
)
def test_words_begin_with_a_capital_and_names_as_they_are_written(sentence: str, said: str):
    assert condense(sentence) == said


def test_who_is_thanked_for_a_finding_is_worth_quoting():
    assert not points_elsewhere("Thanks to Ada Okafor for responsibly disclosing the flaw.")
    assert not points_elsewhere("We'd like to thank Ada Okafor of Umbrella for reporting it.")
    assert points_elsewhere("Thanks to everyone who came!")
    assert points_elsewhere("We'd like to thank our sponsors for their support.")
