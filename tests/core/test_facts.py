"""Numbers, names and months, however they are written."""

from __future__ import annotations

from decimal import Decimal

import pytest

from assistant.core.facts import facts_of


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("1.5 billion dollars", "$1,500 million"),
        ("9 %", "9 percent"),
        ("542,000 robots", "542 thousand robots"),
        ("542 000", "542,000"),
    ],
)
def test_equal_numbers_are_equal_however_they_are_written(first: str, second: str):
    assert facts_of(first).numbers == facts_of(second).numbers != frozenset()


def test_spelled_numbers_are_kept_apart_from_written_ones():
    facts = facts_of("Twenty-five robots worked for 3 days.")
    assert (facts.numbers, facts.small) == ({Decimal(3)}, {Decimal(25)})


def test_names_are_words_that_can_be_nothing_else_and_leading_words_are_told_apart():
    facts = facts_of("Shares of OpenAI rose in May. Japan bought GPT-5.")
    assert facts.names == {"openai", "gpt-5"}
    assert facts.leading == {"shares", "japan"}
    assert facts.months == {"may"}


def test_the_verb_may_is_no_month():
    assert facts_of("It may rain.").months == frozenset()
