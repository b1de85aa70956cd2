"""Owns the shape of the chart of days: bars of three parts, placed in a drawing. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from assistant.store.review_insights import DayFigures

WIDTH, HEIGHT = 720, 220
"""Of the drawing."""
_LEFT, _RIGHT, _TOP, _BOTTOM = 38, 20, 10, 24
_MOST_LABELS = 8


@dataclass(frozen=True, kw_only=True)
class Part:
    """A piece of a bar."""

    kind: str
    """`answered`, `abstained` or `other`."""
    y: float
    height: float


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One day."""

    figures: DayFigures
    x: float
    parts: tuple[Part, ...]
    label: str
    """Under it; empty for most when there are many."""


@dataclass(frozen=True, kw_only=True)
class DayChart:
    """A drawing of `WIDTH` by `HEIGHT`."""

    bars: tuple[Bar, ...]
    bar_width: float
    step: float
    """From one bar to the next: where the pointer shows a day's figures."""
    lines: tuple[tuple[float, int], ...]
    """Height in the drawing, and the number it stands for."""

    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    top: int = _TOP
    floor: int = HEIGHT - _BOTTOM


def day_chart(days: Sequence[DayFigures]) -> DayChart:
    """The chart of some days; at least one."""
    highest = _round_up(max(day.turns for day in days))
    step = (WIDTH - _LEFT - _RIGHT) / len(days)
    bar_width = min(28.0, step * 0.72)
    scale = (HEIGHT - _TOP - _BOTTOM) / highest
    every = -(-len(days) // _MOST_LABELS)
    bars = tuple(
        Bar(
            figures=day,
            x=_LEFT + step * number + (step - bar_width) / 2,
            parts=_parts(day, scale),
            label=_label(day.day) if (len(days) - 1 - number) % every == 0 else "",
        )
        for number, day in enumerate(days)
    )
    values = [round(highest * share / 2) for share in range(3)] if highest > 1 else [0, 1]
    lines = tuple((HEIGHT - _BOTTOM - value * scale, value) for value in values)
    return DayChart(bars=bars, bar_width=bar_width, step=step, lines=lines)


def _parts(day: DayFigures, scale: float) -> tuple[Part, ...]:
    parts, floor = [], float(HEIGHT - _BOTTOM)
    for kind in ("answered", "abstained", "other"):
        height = getattr(day, kind) * scale
        floor -= height
        if height:
            parts.append(Part(kind=kind, y=floor, height=height))
    return tuple(parts)


def _round_up(value: int) -> int:
    """The next of 1, 2, 4, 6, 8, 10, 20, 40 and so on, whose half is a whole number as well."""
    unit = 1
    while True:
        for step in (1, 2, 4, 6, 8):
            if value <= step * unit:
                return step * unit
        unit *= 10


def _label(day: date) -> str:
    return day.strftime("%-d %b")
