"""Figures that contradict each other are found, and those that only differ in precision are not."""

from __future__ import annotations

import numpy as np
import pytest

from indexing.figures import differences, quantities


def found(first: str, second: str, likeness: float = 0.9) -> list[str]:
    matrix = np.array([[likeness]], dtype=np.float32)
    return [pair.unit for pair in differences([first], [second], matrix)]


def test_figures_are_read_with_their_units() -> None:
    read = [
        (item.unit, item.value, item.is_rough)
        for item in quantities(
            "About 2.3 million patients, 1,500 jobs, $1.2bn, 30 percent and forty robots in 2026."
        )
    ]

    assert read == [
        ("patient", 2_300_000, True),
        ("job", 1500, False),
        ("$", 1.2e9, False),
        ("%", 30, False),
        ("robot", 40, False),
        ("", 2026, False),
    ]


@pytest.mark.parametrize(
    ("first", "second", "units"),
    [
        ("The fire hurt 12 people.", "The fire hurt 15 people.", ["people"]),
        ("The fire hurt twelve people.", "The fire hurt 12 people.", []),
        ("It costs 1.2 billion dollars.", "It costs $1.2bn.", []),
        ("It costs 1.2 billion dollars.", "It costs $1.9bn.", ["$"]),
        ("2.3 million patients are hit.", "More than 2 million patients are hit.", []),
        ("1,487 jobs go.", "1,500 jobs go.", []),
        ("Profit rose 18 percent.", "Profit rose 12%.", ["%"]),
        ("Profit rose 18 percent.", "It hired 12 people.", []),
        ("It begins on 3 May.", "It begins on 4 May.", ["may"]),
        ("It won by 412 to 120 votes.", "It won by 412 votes to 120.", []),
    ],
)
def test_only_contradictions_are_differences(first: str, second: str, units: list[str]) -> None:
    assert found(first, second) == units


def test_sentences_about_different_things_do_not_contradict() -> None:
    assert found("The fire hurt 12 people.", "The firm has 15 people.", likeness=0.5) == []


@pytest.mark.parametrize(
    ("second", "units"),
    [
        ("The programme cost 31 million euros, the council heard.", ["€"]),
        ("The programme cost nearly 60 million euros, the council heard.", ["€"]),
        ("The council heard that repairs cost 31 million euros.", []),
        ("It cost 31 million euros, the council heard.", []),
    ],
)
def test_the_same_words_before_a_figure_make_up_for_other_words(
    second: str, units: list[str]
) -> None:
    first = "The programme cost 28 million euros, of which robots are two thirds."

    assert found(first, second, likeness=0.6) == units


@pytest.mark.parametrize(("likeness", "units"), [(0.75, []), (0.9, ["%"])])
def test_like_sentences_need_common_words_or_to_be_very_near(
    likeness: float, units: list[str]
) -> None:
    first = "49% are intermediates who set up observability."
    second = "26% are experts who have it established well."

    assert found(first, second, likeness) == units
