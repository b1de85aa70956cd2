"""A repository of briefings in memory, and a briefing to begin with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from indexing.briefings import Briefing, Category, Section, Sentiment, Source

ROBOT = Briefing(
    id="b-robot",
    slug="a-robot-waters-the-plants",
    title="A robot waters the plants",
    category=Category.ROBOTICS,
    section=Section.NEWS,
    sentiment=Sentiment.POSITIVE,
    date=date(2026, 11, 20),
    summary="It has not drowned one yet.",
    body="The robot rolls through the **greenhouse** daily.\n\n## Why it matters\n\n- less work",
    sources=(Source(name="The Greenhouse", url="https://www.greenhouse.example/robot"),),
    tags=("plants", "robots"),
)


def numbered(number: int, **changes: object) -> Briefing:
    """A briefing of its own; the higher the number, the older it is."""
    own = {
        "id": f"b-{number}",
        "slug": f"briefing-{number}",
        "title": f"Briefing number {number}",
        "date": date.fromordinal(ROBOT.date.toordinal() - number),
    }
    return replace(ROBOT, **{**own, **changes})


@dataclass(frozen=True, kw_only=True)
class FakePage:
    """A slice of a list."""

    items: Sequence[Briefing]
    total: int


class FakeBriefings:
    """Briefings in memory, with the methods of the SQL repository."""

    def __init__(self, *briefings: Briefing) -> None:
        self.all = sorted(briefings, key=lambda each: each.date, reverse=True)
        self.counted: Counter[str] = Counter()

    async def page(
        self,
        *,
        category: Category | None = None,
        section: Section | None = None,
        sentiment: Sentiment | None = None,
        query: str | None = None,
        offset: int = 0,
        limit: int = 20,
    ) -> FakePage:
        found = [
            each
            for each in self.all
            if category in (None, each.category)
            and section in (None, each.section)
            and sentiment in (None, each.sentiment)
            and (query or "").lower() in f"{each.title} {each.summary} {each.body}".lower()
        ]
        return FakePage(items=found[offset : offset + limit], total=len(found))

    async def by_slug(self, slug: str) -> Briefing | None:
        return next((each for each in self.all if each.slug == slug), None)

    async def latest(self, limit: int) -> Sequence[Briefing]:
        return self.all[:limit]

    async def most_viewed(self, limit: int) -> Sequence[Briefing]:
        return sorted(self.all, key=lambda each: -self.counted[each.id])[:limit]

    async def record_view(self, briefing_id: str) -> None:
        self.counted[briefing_id] += 1

    async def views(self, briefing_ids: Sequence[str]) -> Mapping[str, int]:
        return {each: self.counted[each] for each in briefing_ids if self.counted[each]}

    async def counts_by_category(self) -> Mapping[str, int]:
        return Counter(each.category for each in self.all)
