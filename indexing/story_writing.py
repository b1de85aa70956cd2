"""Owns writing one briefing from all that several publishers say about one event.

The most trusted publisher leads; the others add what it does not say, under their own names. Where
figures differ, both sentences are shown. Every sentence still stands in its source.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from indexing.briefings import Briefing, BriefingStatus, Category, Source
from indexing.cleaning import clean_text
from indexing.differing import DIFFERING
from indexing.embedding import Embedder, Vectors
from indexing.feed_list import Feed, Trust
from indexing.feed_store import KeptItem
from indexing.figures import Difference, differences
from indexing.posts import Post
from indexing.prose import BlockKind, escape_markdown
from indexing.sentences import split_sentences
from indexing.writing import DEFAULT_WORDS, PostUnusable, stands_alone, write_briefings

_FEWEST_WORDS = 12
"""Words of text below which there is nothing to write from."""
_LEADING_WORDS = 400
"""A longer text is no reason to lead."""
_READ_SENTENCES = 300
_COMPARED_SENTENCES = 40
"""Of one publisher, by their vectors."""
_SAME_WORDS = 0.85
"""Share of a sentence's words that stand in another one, if it says nothing else."""
_ADDED_WORDS = 60
"""Words that each further publisher may add."""
_TOLD = 0.62
"""Cosine from which on a sentence repeats another one."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """An item, and the terms of its feed."""

    item: KeptItem
    feed: Feed | None
    """None: the feed is no longer listed."""

    @property
    def trust(self) -> Trust:
        """How far its publisher is believed."""
        return self.feed.trust if self.feed else Trust.LOW


@dataclass(frozen=True, kw_only=True)
class StoryUnusable:
    """A story that no briefing can be written from."""

    story_id: str
    title: str
    reason: str


def write_stories(
    stories: Sequence[tuple[str, Sequence[Report]]],
    embedder: Embedder,
    *,
    words: int = DEFAULT_WORDS,
) -> Iterator[tuple[str, Briefing | StoryUnusable]]:
    """Write a briefing from each story, in their order.

    Args:
        stories: Identifier and reports of each; no story is without one.
        embedder: Tells categories, and what is a repetition.
        words: Most words of a body that one publisher leads.
    """
    ranked = [(story_id, sorted(reports, key=_rank)) for story_id, reports in stories]
    posts = [_post(reports[0]) for _, reports in ranked]
    written = write_briefings(posts, embedder, words=words)
    for (story_id, reports), draft in zip(ranked, written, strict=True):
        reason = _why_unusable(reports[0], draft)
        if reason or isinstance(draft, PostUnusable):
            title = reports[0].item.title
            yield story_id, StoryUnusable(story_id=story_id, title=title, reason=reason)
        else:
            yield story_id, _told(story_id, draft, reports, embedder)


def may_publish(reports: Sequence[Report]) -> bool:
    """Whether all publishers of a story may publish without a curator."""
    return all(report.feed is not None and report.feed.publish for report in reports)


def _rank(report: Report) -> tuple[int, int, float, str]:
    length = min(len(report.item.text.split()), _LEADING_WORDS)
    return -report.trust.rank, -length, report.item.moment.timestamp(), report.item.id


def _post(report: Report) -> Post:
    item = report.item
    return Post(
        id=item.id,
        title=item.title,
        date=item.moment.date(),
        url=item.url,
        source=item.source,
        license=item.license,
        text=item.text,
        summary=item.summary if item.summary != item.text else "",
    )


def _why_unusable(report: Report, draft: Briefing | PostUnusable) -> str:
    if isinstance(draft, PostUnusable):
        return draft.reason
    count = len(f"{report.item.text} {draft.body}".split()) // 2
    return f"text: has {count} words, too few to write from" if count < _FEWEST_WORDS else ""


def _told(
    story_id: str, draft: Briefing, reports: Sequence[Report], embedder: Embedder
) -> Briefing:
    added = _what_others_add(draft, reports, embedder)
    feed = reports[0].feed
    category: Category | None = feed.category if feed else None
    return replace(
        draft,
        id=f"story-{story_id}",
        category=category or draft.category,
        date=min(report.item.moment for report in reports).date(),
        body="\n\n".join((draft.body, *added)),
        sources=_sources(reports),
        status=BriefingStatus.PUBLISHED if may_publish(reports) else BriefingStatus.DRAFT,
    )


def _sources(reports: Sequence[Report]) -> tuple[Source, ...]:
    """Every article once, the leading one first."""
    by_address = {
        report.item.canonical: Source(name=report.item.source, url=report.item.url)
        for report in reversed(reports)
    }
    return tuple(reversed(by_address.values()))


def _what_others_add(
    draft: Briefing, reports: Sequence[Report], embedder: Embedder
) -> Iterator[str]:
    """Sections of Markdown: what each further publisher adds, and where they differ."""
    leading = reports[0].item
    read = _Read(_prose(leading.text or leading.summary, leading.title))
    told = _Told.by(
        leading.source,
        _prose(f"{draft.summary}\n\n{draft.body}", draft.title)[:_COMPARED_SENTENCES],
        embedder,
    )
    contradictions: list[str] = []
    for report in reports[1:]:
        item = report.item
        theirs_all = _prose(item.text or item.summary, item.title)
        sentences = [line for line in theirs_all if not read.has(line)][:_COMPARED_SENTENCES]
        if not sentences or item.canonical == leading.canonical:
            continue
        others = _Told.by(item.source, sentences, embedder)
        theirs_read = _Read(theirs_all)
        quoted: set[str] = set()
        for teller, pair in told.differences(others):
            if theirs_read.has(pair.first):
                continue
            quoted.add(pair.second)
            mine = f"{escape_markdown(teller)}: “{_quoted(pair.first)}”"
            theirs = f"{escape_markdown(item.source)}: “{_quoted(pair.second)}”"
            contradictions.append(f"- {mine} {theirs}")
        if new := told.take_news(others, apart_from=quoted):
            text = " ".join(escape_markdown(sentence) for sentence in new)
            yield f"## What {escape_markdown(item.source)} adds\n\n{text}"
        read.add(theirs_all)
    if contradictions:
        yield DIFFERING + "\n\n" + "\n".join(contradictions)


class _Read:
    """Sentences that a publisher, or several, wrote; knows them again when hardly changed.

    More is read than told: what the leading article says and its briefing leaves out is no news.
    """

    def __init__(self, sentences: Iterable[str]) -> None:
        self._sentences: list[frozenset[str]] = []
        self.add(sentences)

    def add(self, sentences: Iterable[str]) -> None:
        """Read more."""
        self._sentences += map(_words, sentences)

    def has(self, sentence: str) -> bool:
        """Whether nearly all of its words, and all of its figures, stand in one sentence."""
        words = _words(sentence)
        numbers = {word for word in words if word[0].isdigit()}
        return any(
            numbers <= read and len(words & read) >= _SAME_WORDS * len(words)
            for read in self._sentences
        )


def _words(sentence: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+(?:[.,]\d+)*", sentence.casefold()))


@dataclass
class _Told:
    """Sentences with their publishers and vectors."""

    sentences: list[str]
    tellers: list[str]
    vectors: Vectors

    @classmethod
    def by(cls, teller: str, sentences: list[str], embedder: Embedder) -> _Told:
        """What one publisher says."""
        return cls(
            sentences=sentences,
            tellers=[teller] * len(sentences),
            vectors=embedder.embed_passages(sentences),
        )

    def differences(self, other: _Told) -> Iterator[tuple[str, Difference]]:
        """Contradicting figures, with the publisher that is contradicted."""
        likeness = self.vectors @ other.vectors.T
        for pair in differences(self.sentences, other.sentences, likeness):
            teller = self.tellers[self.sentences.index(pair.first)]
            if teller not in other.tellers:
                yield teller, pair

    def take_news(self, other: _Told, *, apart_from: set[str]) -> list[str]:
        """Take over what another publisher adds, in its order; returns it."""
        taken: list[str] = []
        room = _ADDED_WORDS
        for sentence, vector in zip(other.sentences, other.vectors, strict=True):
            length = len(sentence.split())
            if sentence in apart_from or length > room or not _is_plain(sentence):
                continue
            if float((self.vectors @ vector).max()) >= _TOLD:
                continue
            taken.append(sentence)
            room -= length
            self.sentences.append(sentence)
            self.tellers += other.tellers[:1]
            self.vectors = np.vstack([self.vectors, vector])
        return taken


def _is_plain(sentence: str) -> bool:
    return stands_alone(sentence) and not re.search(r"https?:|\]\(|!\[", sentence)


def _quoted(sentence: str) -> str:
    return escape_markdown(sentence.replace("“", "‘").replace("”", "’"))


def _prose(markdown: str, title: str) -> list[str]:
    """Sentences of a text without its headings."""
    return [
        sentence
        for block in clean_text(markdown, title=title)
        if block.kind is not BlockKind.HEADING
        for sentence in split_sentences(block.text)
    ][:_READ_SENTENCES]
