"""Owns which briefings stand where on the front page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assistant.site.presentation import without
from assistant.site.services import SiteBriefings
from indexing.briefings import Briefing, Category, Section

_LATEST = 40
_SHELVES = 6
_PER_SHELF = 4
_DEPTH = 3


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """One category's part of the front page."""

    category: Category
    total: int
    """Briefings of the category on the whole site."""
    briefings: tuple[Briefing, ...]


@dataclass(frozen=True, kw_only=True)
class FrontPage:
    """The front page, from top to bottom; only the most read may stand on it twice."""

    lead: Briefing | None
    seconds: tuple[Briefing, ...]
    latest: tuple[Briefing, ...]
    most_read: tuple[Briefing, ...]
    in_depth: tuple[Briefing, ...]
    """Analyses, explainers and how-tos."""
    shelves: tuple[Shelf, ...]


async def compose(briefings: SiteBriefings) -> FrontPage:
    """Read what the front page shows."""
    newest = tuple(await briefings.latest(_LATEST))
    most_read = tuple(await briefings.most_viewed(6))
    totals = await briefings.counts_by_category()
    lead = _lead(newest)
    rest = without(newest, [lead] if lead else [])
    seconds, latest = rest[:3], rest[3:9]
    shown = [*([lead] if lead else []), *seconds, *latest]
    in_depth = await _in_depth(briefings, shown)
    shelves = await _shelves(briefings, totals, [*shown, *in_depth])
    return FrontPage(
        lead=lead,
        seconds=seconds,
        latest=latest,
        most_read=most_read,
        in_depth=in_depth,
        shelves=shelves,
    )


def _lead(newest: tuple[Briefing, ...]) -> Briefing | None:
    """The newest day's longest briefing: what Heidi found most to say about."""
    if not newest:
        return None
    return max(
        (each for each in newest if each.date == newest[0].date), key=lambda each: each.words
    )


async def _in_depth(briefings: SiteBriefings, shown: list[Briefing]) -> tuple[Briefing, ...]:
    found: list[Briefing] = []
    for section in (Section.ANALYSIS, Section.EXPLAINER, Section.HOW_TO):
        found += (await briefings.page(section=section, limit=_DEPTH + len(shown))).items
    found.sort(key=lambda each: each.date, reverse=True)
    return without(found, shown)[:_DEPTH]


async def _shelves(
    briefings: SiteBriefings, totals: Mapping[str, int], shown: list[Briefing]
) -> tuple[Shelf, ...]:
    largest = sorted(Category, key=lambda each: totals.get(each, 0), reverse=True)
    shelves: list[Shelf] = []
    for category in largest:
        items = (await briefings.page(category=category, limit=_PER_SHELF + len(shown))).items
        fresh = without(items, shown)[:_PER_SHELF]
        if fresh and len(shelves) < _SHELVES:
            shelves.append(Shelf(category=category, total=totals.get(category, 0), briefings=fresh))
    return tuple(shelves)
