"""Items that report one event are found, and what only looks alike is told apart."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from bench.stories import read_labelled, score
from indexing.stories import Limits, StoryItem, contradict, group, tells_the_same

DAY = datetime(2026, 3, 14, tzinfo=UTC)
TEXT = (
    "Forty humanoid robots made by Pace Robotics have begun to sort parcels at a warehouse of "
    "Nordpost in Berlin, where the trial lasts for six months."
)


def story_item(
    key: str = "a", *, title: str = "Robots in Berlin", like: float = 1.0, **changes: object
) -> StoryItem:
    """An item whose vector has a given cosine with those that are exactly alike."""
    vector = np.array([like, (1 - like**2) ** 0.5], dtype=np.float32)
    made = StoryItem(
        id=key,
        source=key,
        title=title,
        text=TEXT,
        canonical=key,
        moment=DAY,
        vector=vector,
    )
    return replace(made, **changes)


OTHER = "Pace Robotics lets forty machines work for Nordpost, a parcel company of Berlin."


@pytest.mark.parametrize(
    ("second", "same"),
    [
        (story_item("b"), True),
        (story_item("b", like=0.75, text=OTHER), True),
        (story_item("b", like=0.5, text=OTHER), False),
        (story_item("b", like=0.62, text=f"{OTHER} The trial has 40 of them."), True),
        (story_item("b", like=0.62, text="Pace Robotics and Nordpost quarrel in Berlin."), False),
        (story_item("b", like=0.5, canonical="a", text="Else."), True),
        (story_item("b", moment=DAY + timedelta(hours=73)), False),
        (story_item("b", moment=DAY + timedelta(hours=73), canonical="a"), True),
        (
            story_item("b", like=0.8, text="Miyama lets robots work in Tokyo for Hotel Sakura."),
            False,
        ),
        (story_item("b", source="a"), True),
        (story_item("b", source="a", like=0.9, text=OTHER), False),
    ],
)
def test_address_words_or_subject_with_names_make_one_story(second: StoryItem, same: bool) -> None:
    assert tells_the_same(story_item(), second) is same


@pytest.mark.parametrize(
    ("first", "second", "apart"),
    [
        ("Announcing Lumen 2.1.0", "Lumen 2.1 is out", False),
        ("Announcing Lumen 2.1.0", "Announcing Lumen 2.1.1", True),
        ("Lumen 3.0 alpha 1", "Lumen 3.0 alpha 2", True),
        ("Lumen 3.0.0b3", "Lumen 3.0.0rc1", True),
        ("Lumen 3.0 Release Candidate 1 is out", "Testers wanted for Lumen 3.0.0-rc.1", False),
        ("Lumen 3.0.0-rc.1", "Lumen 3.0.0-rc.2", True),
        ("Lumen 3 beta 2 is out", "Lumen 3 nears its release", False),
        ("Patch for CVE-2026-1234", "Patch for CVE-2026-1301", True),
        ("Sunbeam-40B is open", "Sunbeam-7B is open", True),
        ("This week in Lumen 312", "This week in Lumen 313", True),
        ("Apex 9 launched", "Apex 9 has 192 cores", False),
        ("Pace raises 300 million", "Pace raises 400 million", False),
        ("In March 14 robots", "In March 15 robots", False),
    ],
)
def test_releases_and_identifiers_tell_apart(first: str, second: str, apart: bool) -> None:
    assert contradict(story_item(title=first), story_item("b", title=second)) is apart


def test_stories_do_not_grow_along_chains() -> None:
    items = [
        story_item(
            key, like=1.0, vector=np.array([np.cos(angle), np.sin(angle)]), text=key, title=key
        )
        for key, angle in (("a", 0.0), ("b", 0.3), ("c", 0.6), ("d", 0.9), ("e", 1.2))
    ]

    grouped = [[member.id for member in story.items] for story in group(items, Limits(nearest=0.9))]

    assert grouped == [["a", "b", "c"], ["d", "e"]]


def test_items_keep_their_story_and_new_ones_join_it() -> None:
    old = story_item("a", story_id="s1")
    alone = story_item("x", story_id="s2", like=-1.0, text="Something else.")
    new = story_item("b", moment=DAY + timedelta(hours=5))

    stories = {
        story.id: [member.id for member in story.items] for story in group([new, alone, old])
    }

    assert stories == {"s1": ["a", "b"], "s2": ["x"]}


@pytest.mark.slow
def test_labelled_items_are_told_apart() -> None:
    parts = read_labelled(Path(__file__).parent / "stories.jsonl")

    scores = {part: score(items, stories, Limits()) for part, (items, stories) in parts.items()}

    assert all(part.found == part.right for part in scores.values())
    assert scores["tune"].right >= 0.9 * scores["tune"].wanted
    assert scores["check"].right >= 0.7 * scores["check"].wanted
    assert scores["fresh"].right >= 0.8 * scores["fresh"].wanted
