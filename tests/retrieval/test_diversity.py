"""What a ranking leaves out, and which version of a story wins."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.retrieval.diversity import (
    Ranked,
    Title,
    is_near_duplicate,
    select_diverse,
    shingles,
)

_LONG = "The city opened a new bridge over the river on Monday after three years of work."
_OTHER = "A court heard the appeal of two farmers against the plan for a reservoir in the north."

_SENTENCES = (
    _LONG,
    _OTHER,
    "Two ferries will run every hour until the harbour wall is repaired in the autumn.",
    "Prices rose for a third month.",
    "The museum shows letters of the painter that were thought to be lost for ninety years.",
)


def _ranked(briefing_id: str, text: str, *, title: str = "A title", day: int = 1) -> Ranked:
    return Ranked(
        briefing_id=briefing_id, title=Title.of(title), date=date(2025, 6, day), text=text
    )


def _kept(*ranked: Ranked, limit: int = 8, prefers_versions: bool = True) -> list[str]:
    kept = select_diverse(ranked, limit=limit, per_briefing=2, prefers_versions=prefers_versions)
    return [ranked[place].briefing_id for place in kept]


def test_near_duplicates_are_left_out():
    assert _kept(_ranked("a", _LONG), _ranked("b", f"{_LONG} More."), _ranked("c", _OTHER)) == [
        "a",
        "c",
    ]


@given(
    st.lists(st.lists(st.sampled_from(_SENTENCES), min_size=1, max_size=4), min_size=2, max_size=8)
)
def test_no_two_kept_texts_say_the_same_and_nothing_else_is_left_out(told: list[list[str]]):
    ranked = [_ranked(f"b{at}", " ".join(text)) for at, text in enumerate(told)]
    kept: list[Ranked] = []
    for chunk in ranked:
        marks = shingles(chunk.text)
        if not any(is_near_duplicate(marks, shingles(other.text)) for other in kept):
            kept.append(chunk)
    assert _kept(*ranked) == [chunk.briefing_id for chunk in kept]


def test_of_near_duplicates_the_later_takes_the_place_of_the_earlier():
    assert _kept(
        _ranked("a", _LONG), _ranked("c", _OTHER), _ranked("b", f"{_LONG} More.", day=9)
    ) == ["b", "c"]


def test_a_later_version_under_the_same_title_stands_before_the_earlier():
    first = _ranked("a", _LONG, title="New river bridge opens to traffic")
    update = _ranked("b", _OTHER, title="Update: New river bridge opens to traffic", day=9)
    unrelated = _ranked("c", "Something else happened elsewhere.", title="Elsewhere")
    assert _kept(first, unrelated, update) == ["b", "a", "c"]


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("Release notes of the compiler 1.91", "Release notes of the compiler 1.92"),
        ("Weekly roundup", "Weekly roundup"),
        ("New river bridge opens to traffic", "Old river bridge closed to lorries"),
    ],
)
def test_other_stories_keep_their_places(earlier: str, later: str):
    first = _ranked("a", _LONG, title=earlier)
    second = _ranked("b", _OTHER, title=later, day=9)
    assert _kept(first, second) == ["a", "b"]


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("Announcing Acme 1.8.0", "Announcing Acme 1.9.0"),
        ("Programme update, May 2025", "Programme update, June 2025"),
        ("Results of the 2024 election", "Results of the 2025 election"),
    ],
)
def test_releases_in_the_same_words_are_no_duplicates(earlier: str, later: str):
    first = _ranked("a", _LONG, title=earlier)
    second = _ranked("b", f"{_LONG} More.", title=later, day=9)
    assert _kept(first, second) == ["a", "b"]


def test_in_a_question_about_a_period_versions_keep_their_places():
    first = _ranked("a", _LONG)
    copy = _ranked("b", f"{_LONG} More.", day=9)
    assert _kept(first, copy, prefers_versions=False) == ["a"]


def test_one_briefing_fills_only_its_share():
    texts = ["Anna spoke of her garden", "Boris sold all his boats", "Chen builds two bridges"]
    assert _kept(*(_ranked("a", text) for text in texts), _ranked("b", _LONG)) == ["a", "a", "b"]


def test_no_more_is_kept_than_asked_for():
    assert _kept(_ranked("a", _LONG), _ranked("b", _OTHER), limit=1) == ["a"]
