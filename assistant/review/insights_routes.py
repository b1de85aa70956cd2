"""Owns the page of insights: how Heidi does in a period, and what the briefings lack."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from assistant.core.caller import StaffMember
from assistant.review.charts import day_chart
from assistant.review.insight_tiles import duration, list_link, milliseconds, share, tiles_of
from assistant.review.insights import KEPT_FOR
from assistant.review.list_address import day_of
from assistant.review.services import Pages
from assistant.store.review_insights import Period

SPANS = (7, 30, 90)
"""Days that a click chooses."""
USUAL = 30
MOST_DAYS = 366
OLDEST = date(2000, 1, 1)


def add_insights(router: APIRouter, pages: Pages) -> None:
    """Add `/review/insights`."""
    services = pages.services
    Member = Annotated[StaffMember, Depends(pages.member)]

    @router.get("/insights")
    async def insights_page(request: Request, staff: Member) -> HTMLResponse:
        """Figures of the period that the address names."""
        today = services.clock().date()
        period, mistake = period_of(request.query_params, today)
        report = await services.insights.of(period)
        return pages.render(
            request,
            "insights.html",
            staff=staff,
            period=period,
            spans=SPANS,
            span=period.length if period.last == today else 0,
            mistake=mistake,
            report=report,
            kept_for=KEPT_FOR,
            tiles=tiles_of(report.figures, report.before, period),
            chart=day_chart(report.figures.days),
            share=share,
            duration=duration,
            milliseconds=milliseconds,
            list_link=list_link,
        )


def period_of(query: Mapping[str, str], today: date) -> tuple[Period, str]:
    """The period that an address names, and what is wrong with the address.

    Args:
        query: `days`, or `from` and `to`; what is left out is today, or the usual span before it.
        today: the day of UTC.
    """
    days = query.get("days", "")
    span = int(days) if days.isascii() and days.isdigit() and len(days) < 4 else USUAL
    span = min(max(span, 1), MOST_DAYS)
    named = {name: query.get(name, "").strip() for name in ("from", "to")}
    read = {name: day_of(text) for name, text in named.items() if text}
    usual = Period(first=today - timedelta(days=span - 1), last=today)
    for name, day in read.items():
        if day is None or day < OLDEST:
            return usual, f"“{named[name][:40]}” is no date; write it as 2026-11-24."
    if not read:
        return usual, ""
    last = min(read.get("to") or today, today)
    first = read.get("from") or last - timedelta(days=USUAL - 1)
    if not OLDEST <= first <= last:
        return usual, "These days end before they begin, or are not there yet; choose others."
    if (last - first).days >= MOST_DAYS:
        shown = Period(first=last - timedelta(days=MOST_DAYS - 1), last=last)
        return shown, f"A period has at most {MOST_DAYS} days; these are its last ones."
    return Period(first=first, last=last), ""
