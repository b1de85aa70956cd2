"""Owns telling which items of several publishers report the same event.

Three steps, from certain to likely: the same address; nearly the same words, as shingles have it
(Broder, 1997, doi:10.1109/SEQUEN.1997.666900); the same subject, as vectors have it, where names
and figures agree. What contradicts (another release, another identifier) is another story, however
near. Everything is a function of the items; `python -m bench.stories` calibrates the limits.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

import numpy as np

from indexing.embedding import Vectors
from indexing.figures import NUMBER_WORDS

WINDOW = timedelta(hours=72)
"""Longest time between an item and the next one of its story."""
_LEAD_WORDS = 60
_SHINGLE = 4
_SHINGLED_WORDS = 250
_FEWEST_SHINGLES = 12
_CAPITALISED = re.compile(r"(?<![\w.])[A-Z][\w&+-]*(?:\.\d[\w.]*)?")
_INSIDE = re.compile(r"(?<=[a-z,;\d] )[A-Z][\w&+-]*(?:\.\d[\w.]*)?(?: [A-Z][\w&+-]*)*")
_NUMBER = re.compile(r"(?<![\w.,-])\d[\d.,]*\d|(?<![\w.,-])\d(?![\w])")
_VERSION = re.compile(r"(?<![\w.])v?(\d+(?:\.\d+){1,3})(?![\w%]|\.\d)")
_LINE = re.compile(r"(?<![\w.])v(\d+)(?![\w.])")
"""A line of releases, such as v20."""
_PRERELEASE = re.compile(
    r"(?<![A-Za-z])(?:(?P<stage>alpha|beta|rc|preview|release candidate|dev|milestone)[ .-]?"
    r"|(?<=\d)(?P<letter>a|b|rc))(?P<number>\d+)(?![\w%])",
    re.IGNORECASE,
)
_STAGES = {"a": "alpha", "b": "beta", "release candidate": "rc"}
_IDENTIFIER = re.compile(r"\b(?:[A-Z]{2,}-\d{4}-\d+|[A-Z][A-Za-z]*-\d+[A-Za-z]?)\b")
_NAMED_NUMBER = re.compile(r"\b([A-Z][\w+-]*[A-Za-z]) (\d{1,4})\b(?![.,]?\d|%| \w*illion)")
_COMMON = frozenset(
    "a an the in on at of for to and or but with by from as it its this that these those is are was"
    " were be has have had will would can could may new how what why when where who after before"
    " more most than up down over under into about announcing announces introducing released"
    " releases monday tuesday wednesday thursday friday saturday sunday january february march"
    " april may june july august september october november december".split()
)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """From where on two items tell one story."""

    copied: float = 0.35
    """Share of the shorter text's shingles that the other has, too."""
    near: float = 0.70
    """Cosine of the vectors, where names and figures agree."""
    agreeing: float = 0.60
    """Share of names and figures of the item that has fewer that the other has, too."""
    near_many: float = 0.60
    """Cosine where many names and figures agree: at least `many`, figures among them."""
    many: int = 3
    agreeing_many: float = 0.75
    """Share of names and figures that has to agree then."""
    nearest: float = 0.93
    """Cosine that is enough alone."""


@dataclass(frozen=True, kw_only=True)
class StoryItem:
    """What grouping looks at."""

    id: str
    source: str
    """Publisher."""
    title: str
    text: str
    """Plain prose."""
    canonical: str
    moment: datetime
    vector: Vectors
    story_id: str | None = None

    @cached_property
    def shingles(self) -> frozenset[int]:
        """Hashes of all sequences of a few words."""
        words = re.findall(r"\w+", self.text.casefold())[:_SHINGLED_WORDS]
        return frozenset(
            hash(tuple(words[start : start + _SHINGLE]))
            for start in range(len(words) - _SHINGLE + 1)
        )

    @cached_property
    def lead(self) -> str:
        """Title and beginning."""
        return f"{self.title}. {' '.join(self.text.split()[:_LEAD_WORDS])}"

    @cached_property
    def facts(self) -> frozenset[str]:
        """Names and figures of title and beginning."""
        return frozenset(names(self.title, self.lead) | figures(self.lead))

    @cached_property
    def marks(self) -> dict[str, frozenset[str]]:
        """Releases, identifiers and numbers of models and issues in the title, by their kind.

        They tell apart what else looks alike.
        """
        marks: dict[str, set[str]] = {
            "version": {
                _release(version)
                for version in (*_VERSION.findall(self.title), *_LINE.findall(self.title))
            },
            "prerelease": {
                _prerelease(hit["stage"] or hit["letter"], hit["number"])
                for hit in _PRERELEASE.finditer(self.title)
            },
            "identifier": set(_IDENTIFIER.findall(self.title)),
        }
        for name, number in _NAMED_NUMBER.findall(self.title):
            if name.casefold() not in _COMMON:
                marks.setdefault(name, set()).add(number)
        return {kind: frozenset(found) for kind, found in marks.items()}


@dataclass
class Story:
    """Items that report one event."""

    id: str
    items: list[StoryItem] = field(default_factory=list)


def gist(title: str, text: str) -> str:
    """What an item's vector is made from: title and beginning."""
    return f"{title}. {' '.join(text.split()[:_LEAD_WORDS])}"


def names(title: str, text: str) -> set[str]:
    """Names in a text, in small letters.

    What only begins sentences is none, nor is what a title writes large and the text small.
    """
    inside = {_name(word) for hit in _INSIDE.findall(text) for word in hit.split()}
    small = set(re.findall(r"(?<!\w)[a-z]\w+", text))
    in_title = {_name(hit) for hit in _CAPITALISED.findall(title)}
    begins = {_name(hit) for hit in _CAPITALISED.findall(text)}
    return (inside | (in_title & begins)) - small - _COMMON


def figures(text: str) -> set[str]:
    """Numbers of a text, written one way."""
    found = {number.replace(",", "").rstrip(".") for number in _NUMBER.findall(text)}
    words = re.findall(r"[a-z]+", text.casefold())
    return found | {f"{NUMBER_WORDS[word]:g}" for word in words if word in NUMBER_WORDS}


def _name(word: str) -> str:
    return word.casefold().removesuffix("'s").removesuffix("’s")


def tells_the_same(first: StoryItem, second: StoryItem, limits: Limits | None = None) -> bool:
    """Whether two items report the same event.

    Args:
        first: An item.
        second: Another one.
        limits: From where on they do; none: as calibrated.
    """
    if first.canonical == second.canonical:
        return True
    if abs(first.moment - second.moment) > WINDOW or contradict(first, second):
        return False
    limits = limits or Limits()
    cosine = float(first.vector @ second.vector)
    if first.source == second.source:
        # A publisher tells most stories once; only what is nearly the same is an update.
        return copied_share(first, second) >= 2 * limits.copied and cosine >= limits.near
    return (
        copied_share(first, second) >= limits.copied
        or cosine >= limits.nearest
        or (cosine >= limits.near and agreement(first, second) >= limits.agreeing)
        or (cosine >= limits.near_many and _agree_in_many(first, second, limits))
    )


def contradict(first: StoryItem, second: StoryItem) -> bool:
    """Whether titles name different releases, identifiers or issues."""
    for kind, mine in first.marks.items():
        theirs = second.marks.get(kind)
        if mine and theirs and not (mine <= theirs or theirs <= mine):
            return True
    return False


def _release(version: str) -> str:
    """2.1 and 2.1.0 are one release."""
    return re.sub(r"(\.0)+$", "", version)


def _prerelease(stage: str, number: str) -> str:
    """RC 1, rc1 and release candidate 1 are one."""
    return f"{_STAGES.get(stage.lower(), stage.lower())} {int(number)}"


def copied_share(first: StoryItem, second: StoryItem) -> float:
    """Share of the shorter text's shingles that the other has, too; 0 for very short texts."""
    fewest = min(len(first.shingles), len(second.shingles))
    if fewest < _FEWEST_SHINGLES:
        return 0.0
    return len(first.shingles & second.shingles) / fewest


def agreement(first: StoryItem, second: StoryItem) -> float:
    """Share of names and figures of the item that has fewer that the other has, too."""
    fewest = min(len(first.facts), len(second.facts))
    return len(first.facts & second.facts) / fewest if fewest else 0.0


def _agree_in_many(first: StoryItem, second: StoryItem, limits: Limits) -> bool:
    """Whether so many names and figures agree that the words matter less."""
    shared = first.facts & second.facts
    return (
        len(shared) >= limits.many
        and any(fact[0].isdigit() for fact in shared)
        and agreement(first, second) >= limits.agreeing_many
    )


def group(items: Iterable[StoryItem], limits: Limits | None = None) -> list[Story]:
    """Sort items into stories; those that have one keep it.

    An item joins the story of which most items tell the same as it does, at least half of them, so
    that stories do not grow along chains; else it begins a new one.

    Args:
        items: Those that have a story first, then by time.
        limits: From where on two items tell one story; none: as calibrated.
    """
    stories: dict[str, Story] = {}
    ordered = sorted(items, key=lambda item: (item.story_id is None, item.moment, item.id))
    for item in ordered:
        story_id = item.story_id or _best(item, stories.values(), limits) or uuid.uuid4().hex[:12]
        stories.setdefault(story_id, Story(id=story_id)).items.append(item)
    return list(stories.values())


def _best(item: StoryItem, stories: Iterable[Story], limits: Limits | None) -> str | None:
    best: tuple[float, str] | None = None
    for story in stories:
        if any(member.canonical == item.canonical for member in story.items):
            return story.id
        same = sum(tells_the_same(item, member, limits) for member in story.items)
        if same and 2 * same >= len(story.items):
            nearness = float(np.mean([item.vector @ member.vector for member in story.items]))
            best = max(best or (nearness, story.id), (nearness, story.id))
    return best[1] if best else None


def pairs(stories: Sequence[Story]) -> set[tuple[str, str]]:
    """Pairs of items that share a story, for measuring."""
    return {
        (min(a.id, b.id), max(a.id, b.id))
        for story in stories
        for number, a in enumerate(story.items)
        for b in story.items[number + 1 :]
    }
