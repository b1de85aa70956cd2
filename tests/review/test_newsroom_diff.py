"""Two versions of a text: what is shown adds up to both of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from assistant.review.newsroom_diff import Part, compare, compare_texts, grouped
from indexing.briefings import Category, Source
from tests.indexing.briefings import ROBOTS

WORDS = st.lists(st.sampled_from("a robot folds 40 towels, in Berlin. Now".split()), max_size=8)
TEXTS = st.lists(WORDS.map(" ".join), max_size=6).map("\n\n".join)


def text_of(paragraphs: list, unwanted: Part) -> str:
    """What remains of a comparison without what is new, or without what is gone."""
    kept = ("".join(p.text for p in each.pieces if p.part is not unwanted) for each in paragraphs)
    return "\n\n".join(text for text in kept if text)


def plain(text: str) -> str:
    return "\n\n".join(part for part in text.split("\n\n") if part)


@given(TEXTS, TEXTS)
def test_both_versions_can_be_read_from_a_comparison(before: str, after: str) -> None:
    paragraphs = list(compare_texts(before, after))

    assert text_of(paragraphs, Part.NEW) == plain(before)
    assert text_of(paragraphs, Part.GONE) == plain(after)
    assert [each for group in grouped(paragraphs) for each in group.paragraphs] == paragraphs


def test_words_are_compared_within_paragraphs_that_are_alike() -> None:
    (paragraph,) = compare_texts(
        "Forty robots sort mail in Berlin.", "Forty robots sort parcels in Berlin."
    )

    assert [(str(piece.part), piece.text) for piece in paragraph.pieces] == [
        ("same", "Forty robots sort "),
        ("gone", "mail"),
        ("new", "parcels"),
        ("same", " in Berlin."),
    ]


def test_changes_that_a_space_parts_read_as_one() -> None:
    (paragraph,) = compare_texts(
        "It costs ten old coins at noon here.", "It costs five new coins at noon here."
    )

    assert [(str(piece.part), piece.text) for piece in paragraph.pieces[1:3]] == [
        ("gone", "ten old"),
        ("new", "five new"),
    ]


def test_what_did_not_change_is_folded_except_beside_a_change() -> None:
    same = [f"Paragraph {name} stays." for name in ("one", "two", "three", "four")]
    groups = list(grouped(list(compare_texts("\n\n".join(same), "\n\n".join([*same, "New."])))))

    assert [(len(group.paragraphs), group.is_long) for group in groups] == [
        (3, True),
        (1, False),
        (1, False),
    ]


def test_fields_are_compared_too() -> None:
    after = replace(
        ROBOTS,
        title="Robots fold towels",
        category=Category.SCIENCE,
        date=date(2026, 3, 15),
        tags=("robots",),
        sources=(*ROBOTS.sources, Source(name="B", url="https://b.example")),
    )

    compared = compare(ROBOTS, after)

    assert [change.name for change in compared.fields] == [
        "title",
        "category",
        "date",
        "tags",
        "sources",
    ]
    assert compare(ROBOTS, ROBOTS).is_empty
