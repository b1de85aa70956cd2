"""Briefings for tests of indexing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from indexing.briefings import Briefing, Category, Section, Sentiment, Source

ROBOTS = Briefing(
    id="robots",
    slug="robots-fold-laundry",
    title="Robots fold laundry",
    category=Category.ROBOTICS,
    section=Section.NEWS,
    sentiment=Sentiment.POSITIVE,
    date=date(2026, 3, 14),
    summary="A robot folds a towel in 40 seconds. It costs 5,900 dollars.",
    body=(
        "The robot was shown in Berlin. It works without a cable.\n\n"
        "## What comes next\n\n- A cheaper arm\n- Softer fingers\n\nSales begin in May."
    ),
    sources=(Source(name="Robot Weekly", url="https://robots.example/laundry"),),
    tags=("robots", "home"),
)


def briefing(briefing_id: str, **changes: Any) -> Briefing:
    """A briefing that differs from `ROBOTS` in its id, its slug and what is given."""
    return replace(ROBOTS, **{"id": briefing_id, "slug": briefing_id, **changes})
