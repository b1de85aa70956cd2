"""Owns times said in relation to another: "same time", "a day later", "right after my call". Pure.

Which time they relate to comes from outside: the meeting that is moved, the visitor's own meetings,
or what they said before. Does not own lengths below a day (`lengths.py`) or days that the clock
settles (`dates.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from dateutil.relativedelta import relativedelta

from assistant.core.counts import COUNT, read_count

NEAR = timedelta(hours=1)
"""How soon "right after" a meeting another begins, and how soon before one it has begun."""
LONGEST_BEFORE = timedelta(minutes=90)
"""The longest meeting that fits "right before"."""

Span = tuple[datetime, datetime]
"""Start and end of a meeting, aware."""


@dataclass(frozen=True, kw_only=True)
class Relation:
    """What a message says about a time by another one."""

    has_same_time: bool = False
    has_same_day: bool = False
    shifts: tuple[relativedelta, ...] = ()
    """By how many days, weeks or months."""
    is_after: bool = False
    is_before: bool = False

    @property
    def is_any(self) -> bool:
        """Whether anything of the kind was said."""
        return self != Relation()

    def allows_day(self, day: datetime, anchor: Span) -> bool:
        """Whether a local moment is on the day that this means, of the anchor's."""
        start = anchor[0].astimezone(day.tzinfo)
        if self.has_same_day and day.date() == start.date():
            return True
        return any(day.date() == start.date() + shift for shift in self.shifts)

    def allows_clock(self, moment: datetime, anchor: Span) -> bool:
        """Whether a local moment has the anchor's time of day, and that was meant."""
        start = anchor[0].astimezone(moment.tzinfo)
        return (self.has_same_time or bool(self.shifts)) and moment.time() == start.time()

    def allows_neighbour(self, start: datetime, anchor: Span) -> bool:
        """Whether a start is just after the anchor, or just before it, as was said."""
        begins, ends = anchor
        is_after = self.is_after and ends <= start <= ends + NEAR
        is_before = self.is_before and begins - LONGEST_BEFORE <= start < begins
        return is_after or is_before


def read_relation(text: str) -> Relation:
    """What a message in lower case says about times by other times."""
    return Relation(
        has_same_time=_SAME_TIME.search(text) is not None,
        has_same_day=_SAME_DAY.search(text) is not None,
        shifts=tuple(shift for match in _SHIFT.finditer(text) for shift in _shifts(match)),
        is_after=_AFTER.search(text) is not None,
        is_before=_BEFORE.search(text) is not None,
    )


def _shifts(match: re.Match[str]) -> Iterator[relativedelta]:
    near, unit = match.group("near"), match.group("unit_near") or match.group("unit_after")
    if near or unit:
        is_back = (
            near in _EARLIER
            or "previous" == match.group("which")
            or match.group("side") == "before"
        )
        yield _delta(-1 if is_back else 1, unit or "day")
        return
    said = f"{match.group('verb') or ''} {match.group('way') or ''}"
    if not said.strip():
        return
    count = read_count(match.group("count"))
    if _FORWARD.search(said):
        yield from (_delta(-count, match.group("unit")), _delta(count, match.group("unit")))
    else:
        yield _delta(-count if _BACKWARDS.search(said) else count, match.group("unit"))


def _delta(count: int, unit: str) -> relativedelta:
    if unit == "month":
        return relativedelta(months=count)
    return relativedelta(days=count * {"day": 1, "week": 7, "fortnight": 14}[unit])


_EARLIER = ("day before", "previous day")
_BACKWARDS = re.compile(r"\b(?:earlier|sooner|before|bring|up)\b")
_FORWARD = re.compile(r"\bforwards?\b")
"""Earlier for some, later for others."""
_SAME_TIME = re.compile(
    r"\b(?:same|usual) (?:time|hour|slot)\b|\bat (?:the|that) time (?:of|as)\b|\bsame again\b"
)
_SAME_DAY = re.compile(
    r"\bsame (?:day|date|morning|afternoon|evening|week ?day)\b|\bthat (?:same )?day\b"
)
_UNIT = r"(?:day|week|fortnight|month)"
_SHIFT = re.compile(
    rf"\b(?P<near>(?:next|following|previous) day|day (?:after|before))\b(?! (?:tomm?orr?ow|"
    rf"yesterday))"
    rf"|\b(?P<which>following|previous) (?P<unit_near>{_UNIT})\b"
    rf"|\b(?P<unit_after>{_UNIT}) (?P<side>after|before)\b(?! tomm?orr?ow| yesterday| next)"
    rf"|(?P<verb>\b(?:push|move|bring|put|shift|delay|postpone|pull)\b[^.!?]{{0,40}}?)?"
    rf"\b(?:by )?{COUNT} (?P<unit>{_UNIT})s?"
    rf"(?P<way> (?:later|earlier|sooner|after|before|back|forwards?|further))?(?!\w| (?:ago|from"
    rf" now))"
)
_AFTER = re.compile(
    r"\b(?:right |straight |directly |just |immediately )?after (?:my|our|the|that|it)\b"
    r"|\b(?:right|straight|directly|immediately|just) after(?:wards?)?\b|\bback[ -]to[ -]back\b"
)
_BEFORE = re.compile(
    r"\b(?:right |straight |directly |just |immediately )?before (?:my|our|the|that|it)\b"
    r"|\b(?:right|directly|immediately|just) before\b"
)
