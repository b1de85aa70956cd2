"""Owns the words of the insights page: figures and how they changed. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode

from assistant.core.events import Outcome
from assistant.store.review_insights import Figures, Period

Tone = Literal["good", "bad", ""]
_MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True, kw_only=True)
class Tile:
    """One figure."""

    name: str
    value: str
    note: str = ""
    change: str = ""
    """Since the period before; empty where nothing can be compared."""
    tone: Tone = ""
    """Whether the change is for the better."""
    link: str = ""
    """The conversations behind it."""


def tiles_of(now: Figures, before: Figures, period: Period) -> tuple[Tile, ...]:
    """The figures at the top of the page."""
    tiles = [*_of_conversations(now, before, period), *_of_answers(now, before, period)]
    if now.tokens or before.tokens:
        cost = f"${now.cost_usd:,.2f}" if now.cost_usd is not None else "cost not known"
        change, _ = _in_percent(now.tokens, before.tokens)
        tiles.append(
            Tile(name="Tokens of the model", value=f"{now.tokens:,}", note=cost, change=change)
        )
    return tuple(tiles)


def share(part: int, whole: int) -> str:
    """A share in whole percent; a dash of nothing."""
    return f"{round(100 * part / whole)}%" if whole else "–"


def duration(seconds: float | None) -> str:
    """A span in its two largest units; a dash if there is none."""
    if seconds is None:
        return "–"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h"
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def milliseconds(value: int | None) -> str:
    """A time of an answer; a dash if there is none."""
    if value is None:
        return "–"
    return f"{value:,} ms" if value < 10_000 else f"{value / 1000:.1f} s"


def list_link(period: Period, **fields: str) -> str:
    """The list of conversations that went on in a period, with filters."""
    days = {"from": period.first.isoformat(), "to": period.last.isoformat()}
    return f"/review?{urlencode({**fields, **days})}"


def _of_conversations(now: Figures, before: Figures, period: Period) -> list[Tile]:
    visitors = now.conversations - now.with_customers
    change, _ = _in_percent(now.conversations, before.conversations)
    turns, _ = _in_percent(now.turns, before.turns)
    resolved, tone = _in_points(lambda each: (each.resolved, each.conversations), now, before)
    people, _ = _in_percent(now.handed_over, before.handed_over)
    return [
        Tile(
            name="Conversations",
            value=f"{now.conversations:,}",
            note=f"{visitors:,} of visitors, {now.with_customers:,} of customers",
            change=change,
            link=list_link(period),
        ),
        Tile(name="Questions", value=f"{now.turns:,}", note="turns", change=turns),
        Tile(
            name="Resolved without a person",
            value=share(now.resolved, now.conversations),
            note=f"{now.resolved:,} of {now.conversations:,} conversations",
            change=resolved,
            tone=tone,
        ),
        Tile(
            name="Handed to a person",
            value=f"{now.handed_over:,}",
            note=_waits(now),
            change=people,
        ),
    ]


def _waits(figures: Figures) -> str:
    if figures.median_wait_s is not None:
        return f"median wait {duration(figures.median_wait_s)}"
    return "nobody helped yet" if figures.handed_over else "nobody asked"


def _of_answers(now: Figures, before: Figures, period: Period) -> list[Tile]:
    def abstained(each: Figures) -> tuple[int, int]:
        return each.count(Outcome.ABSTAINED), each.turns

    missing, missing_tone = _in_points(abstained, now, before, is_more_better=False)
    good, good_tone = _in_points(lambda each: (each.up, each.up + each.down), now, before)
    first, first_tone = _in_percent(now.first_text.p50, before.first_text.p50)
    answer, answer_tone = _in_percent(now.answer.p50, before.answer.p50)
    return [
        Tile(
            name="Not in the briefings",
            value=share(*abstained(now)),
            note=f"{now.count(Outcome.ABSTAINED):,} of {now.turns:,} questions",
            change=missing,
            tone=missing_tone,
            link=list_link(period, outcome="abstained"),
        ),
        Tile(
            name="Judged good",
            value=share(now.up, now.up + now.down),
            note=f"{now.up:,} thumbs up, {now.down:,} down",
            change=good,
            tone=good_tone,
            link=list_link(period, feedback="down"),
        ),
        Tile(
            name="First text",
            value=milliseconds(now.first_text.p50),
            note=f"p95 {milliseconds(now.first_text.p95)}",
            change=first,
            tone=first_tone,
        ),
        Tile(
            name="Whole answer",
            value=milliseconds(now.answer.p50),
            note=f"p95 {milliseconds(now.answer.p95)}",
            change=answer,
            tone=answer_tone,
        ),
    ]


def _in_percent(now: int | None, before: int | None) -> tuple[str, Tone]:
    """How much more, and whether less of it, as of a time, is better."""
    if now is None or not before:
        return "", ""
    percent = round(100 * (now - before) / before)
    return _signed(percent, "%"), "good" if percent < 0 else "bad" if percent > 0 else ""


def _in_points(
    parts_of: Callable[[Figures], tuple[int, int]],
    now: Figures,
    before: Figures,
    *,
    is_more_better: bool = True,
) -> tuple[str, Tone]:
    """By how many points of percent a share has changed."""
    (part, whole), (earlier, earlier_whole) = parts_of(now), parts_of(before)
    if not whole or not earlier_whole:
        return "", ""
    points = round(100 * part / whole) - round(100 * earlier / earlier_whole)
    if not points:
        return _signed(0, " points"), ""
    return _signed(points, " points"), "good" if (points > 0) == is_more_better else "bad"


def _signed(number: int, unit: str) -> str:
    sign = "+" if number > 0 else _MINUS if number < 0 else "±"
    return f"{sign}{abs(number):,}{unit}"
