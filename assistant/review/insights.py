"""Owns the report of the insights page: figures, those of the period before, and knowledge gaps.

A report is kept for a short time, and made once for everybody who asks for it meanwhile.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from assistant.review.knowledge_gaps import Gap, KnowledgeGaps, Meaning
from assistant.store.review_gaps import ReviewGaps
from assistant.store.review_index import MOST_AT_ONCE, ReviewIndex
from assistant.store.review_insights import Figures, Period, ReviewInsights

KEPT_FOR = timedelta(minutes=2)
_KEPT = 16


@dataclass(frozen=True, kw_only=True)
class Report:
    """What the page shows of a period."""

    as_of: datetime
    figures: Figures
    before: Figures
    """Of the period before."""
    gaps: tuple[Gap, ...] | None
    """None: the search is still loading."""
    is_behind: bool
    """Whether older conversations have not been read yet."""


class Insights:
    """Makes reports.

    Args:
        index: brought up to date first.
        figures: counts.
        gaps: reads the questions that were not answered well.
        meaning: what groups them; gives None while the search is loading.
        clock: the time.
    """

    def __init__(
        self,
        index: ReviewIndex,
        figures: ReviewInsights,
        gaps: ReviewGaps,
        meaning: Callable[[], Meaning | None],
        clock: Callable[[], datetime],
    ) -> None:
        self._index = index
        self._figures = figures
        self._questions = gaps
        self._groups = KnowledgeGaps()
        self._meaning = meaning
        self._clock = clock
        self._lock = asyncio.Lock()
        self._kept: OrderedDict[Period, Report] = OrderedDict()

    async def of(self, period: Period) -> Report:
        """The report of a period, at most `KEPT_FOR` old."""
        async with self._lock:
            kept = self._kept.pop(period, None)
            if kept is None or self._clock() - kept.as_of >= KEPT_FOR or kept.gaps is None:
                kept = await self._made(period)
            self._kept[period] = kept
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
            return kept

    async def _made(self, period: Period) -> Report:
        as_of, read = self._clock(), await self._index.catch_up()
        meaning = self._meaning()
        gaps = None
        if meaning is not None:
            gaps = await self._groups.of(await self._questions.of(period), meaning)
        return Report(
            as_of=as_of,
            figures=await self._figures.of(period),
            before=await self._figures.of(period.before),
            gaps=gaps,
            is_behind=read >= MOST_AT_ONCE,
        )
