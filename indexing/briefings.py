"""Owns the Briefing: the unit of content that Heidi publishes, cites and answers from.

Does not own where briefings are kept (`repository.py`) or how they are made (`writing.py`).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

READING_WORDS_PER_MINUTE = 238
"""Silent reading speed of English non-fiction (Brysbaert, 2019, doi:10.1016/j.jml.2019.104047)."""


class Category(StrEnum):
    """What a briefing is about."""

    AI = "AI"
    ROBOTICS = "Robotics"
    CHIPS = "Chips"
    CLOUD = "Cloud"
    SECURITY = "Security"
    SOFTWARE = "Software"
    POLICY = "Policy"
    BUSINESS = "Business"
    SCIENCE = "Science"
    WORK = "Work"


class Section(StrEnum):
    """Which shelf of the site a briefing stands on."""

    NEWS = "News"
    ANALYSIS = "Analysis"
    EXPLAINER = "Explainer"
    HOW_TO = "How-to"


class Sentiment(StrEnum):
    """The tone of the news for its readers."""

    POSITIVE = "positive"
    NEUTRAL = "neutral"
    NEGATIVE = "negative"


class BriefingStatus(StrEnum):
    """Where a briefing stands in curation; only published ones are shown and answered from."""

    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where the facts of a briefing come from."""

    name: str
    """Publisher, as a reader would call it."""
    url: str
    """Absolute http(s) address."""


@dataclass(frozen=True, kw_only=True)
class Briefing:
    """One short news briefing."""

    id: str
    """Stable identifier, never reused; citations and chunks refer to it."""
    slug: str
    """Unique part of the page's address."""
    title: str
    category: Category
    section: Section
    sentiment: Sentiment
    date: date
    """Day of the news, in UTC."""
    summary: str
    """One to three plain sentences."""
    body: str
    """Markdown without raw HTML."""
    sources: tuple[Source, ...]
    author: str = "Heidi"
    status: BriefingStatus = BriefingStatus.PUBLISHED
    tags: tuple[str, ...] = field(default=())

    @property
    def words(self) -> int:
        """Number of words a reader reads: summary and body."""
        return len(self.summary.split()) + len(self.body.split())

    @property
    def minutes_to_read(self) -> int:
        """Whole minutes to read, at least one."""
        return max(1, round(self.words / READING_WORDS_PER_MINUTE))

    @property
    def path(self) -> str:
        """Address of the briefing's page on the site."""
        return f"/briefings/{self.slug}"

    @property
    def content_hash(self) -> str:
        """SHA-256 (hex) of everything that is embedded or shown with an answer."""
        content = [
            self.slug,
            self.title,
            self.category,
            self.section,
            self.sentiment,
            self.date.isoformat(),
            self.summary,
            self.body,
            [[source.name, source.url] for source in self.sources],
            self.status,
            list(self.tags),
        ]
        return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()
