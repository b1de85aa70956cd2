"""Owns the Passage and the contract of the Retriever."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from assistant.core.events import JsonObject, PassageRef


@dataclass(frozen=True, kw_only=True)
class RetrievalQuery:
    """What to look for."""

    text: str
    """The question, rewritten to stand alone."""
    since: date | None = None
    until: date | None = None
    """Last day, included."""
    is_period_soft: bool = False
    """The period only raises what stands in it: it may be no date of publication ("in 2030")."""
    as_of: date | None = None
    """The day of asking; None: age plays no part."""
    categories: tuple[str, ...] = ()
    sentiment: str | None = None
    source: str | None = None
    """Prefer what comes from this source (its name)."""
    briefing_ids: tuple[str, ...] = ()
    """Restrict to these briefings (follow-up questions)."""
    prefers_recent: bool = False
    """For "latest": recency outranks similarity among relevant passages."""
    limit: int = 8
    """Most passages to return."""

    @property
    def filters(self) -> JsonObject:
        """What narrows the search, as the trace shows it; without what is not set."""
        values = {
            "since": self.since.isoformat() if self.since else None,
            "until": self.until.isoformat() if self.until else None,
            "soft_period": self.is_period_soft or None,
            "categories": list(self.categories),
            "sentiment": self.sentiment,
            "source": self.source,
            "briefing_ids": list(self.briefing_ids),
            "prefers_recent": self.prefers_recent or None,
        }
        return {name: value for name, value in values.items() if value}


@dataclass(frozen=True, kw_only=True)
class Passage:
    """A chunk of a briefing, retrieved for a query."""

    chunk_id: str
    briefing_id: str
    title: str
    path: str
    date: date
    category: str
    section: str
    sentiment: str
    source_name: str
    source_url: str
    text: str
    """The chunk's own words: what may be quoted."""
    score: float
    """Fused score in [0, 1]; ranking only."""
    similarity: float
    """Cosine similarity of query and chunk in [-1, 1]; comparable between queries."""
    scores: JsonObject = field(default_factory=dict)

    def as_ref(self) -> PassageRef:
        """The passage as the log keeps it."""
        return PassageRef(
            chunk_id=self.chunk_id,
            briefing_id=self.briefing_id,
            title=self.title,
            path=self.path,
            date=self.date.isoformat(),
            score=round(self.score, 4),
            scores={"similarity": round(self.similarity, 4), **self.scores},
            text=self.text,
        )


class Retriever(Protocol):
    """Finds passages of published briefings."""

    async def search(self, query: RetrievalQuery) -> tuple[Passage, ...]:
        """Best passages first, at most `query.limit`; empty when nothing is indexed or matches."""
        ...

    async def understand(self, text: str, now: datetime) -> RetrievalQuery:
        """Read time, category and sentiment out of a question, as of `now`."""
        ...


def relevance_of(passage: Passage) -> float:
    """Relevance of a passage without regard to time; its similarity where it was not ranked."""
    return float(passage.scores.get("relevance", passage.similarity))


def ordinal_of(passage: Passage) -> int:
    """Place of a chunk in its briefing, as its id says (`<briefing>:<ordinal>:<hash>`)."""
    part = passage.chunk_id.removeprefix(f"{passage.briefing_id}:").split(":")[0]
    return int(part) if part.isdigit() else 0
