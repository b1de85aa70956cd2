"""Owns the reading of a message for what a meeting needs: whom, when, how long, about what. Pure.

Reads only what the message says; what it means for a form is `forms.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from assistant.core.clocks import ClockMention, Clocks, PartMention, find_clocks
from assistant.core.dates import DayMention, find_days
from assistant.core.lengths import LengthMention, LengthUse, find_lengths
from assistant.core.lowering import lower
from assistant.core.moments import find_zone
from assistant.core.phrasing import plain_text

MOST_CHARACTERS = 1_000
"""Read of a message; what a meeting needs is said in its beginning."""
TOPIC_LENGTH = 200

TEAMS = ("sales", "support", "editorial")

Span = tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class Slots:
    """What a message says about a meeting."""

    team: str = ""
    host: str = ""
    meeting_id: str = ""
    topic: str = ""
    days: tuple[DayMention, ...] = ()
    clocks: Clocks = field(default_factory=Clocks)
    lengths: tuple[LengthMention, ...] = ()
    zone: str = ""
    """IANA name, if the message names a zone."""
    is_soonest: bool = False
    rest: tuple[str, ...] = ()
    """Content words that none of this took."""

    @property
    def has_when(self) -> bool:
        """Whether anything about the time was said."""
        return bool(
            self.days or self.clocks.times or self.clocks.parts or self.is_soonest or self.shift
        )

    @property
    def has_any(self) -> bool:
        """Whether anything a meeting needs was said."""
        return bool(self.has_when or self.team or self.host or self.meeting_id or self.lengths)

    @property
    def minutes(self) -> int | None:
        """The wanted length of the meeting."""
        for length in self.lengths:
            if length.use is LengthUse.LASTING:
                return length.minutes
        return self._range_minutes

    @property
    def shift(self) -> int | None:
        """By how many minutes to move; negative is earlier."""
        for length in self.lengths:
            if length.use is LengthUse.LATER:
                return length.minutes
            if length.use is LengthUse.EARLIER:
                return -length.minutes
        return None

    @property
    def from_now(self) -> int | None:
        """Minutes from now: "in an hour"."""
        for length in self.lengths:
            if length.use is LengthUse.FROM_NOW:
                return length.minutes
        return None

    @property
    def clock(self) -> ClockMention | None:
        """The time that was said: the first where a start and an end are."""
        return self.clocks.times[0] if self.clocks.times else None

    @property
    def _range_minutes(self) -> int | None:
        """`from 2 to 3pm` lasts an hour."""
        if len(self.clocks.times) != 2:
            return None
        ends = [mention.readings()[:1] for mention in self.clocks.times]
        if not all(ends):
            return None
        (first,), (last,) = ends
        minutes = (last.hour - first.hour) * 60 + last.minute - first.minute
        return minutes if 0 < minutes <= 240 else None


_TEAM = re.compile(
    r"(?<!\w)(?:(?P<sales>sales(?:people|person| rep\w*)?|(?:product )?demo)|"
    r"(?P<support>(?:tech(?:nical)?|customer)?\s*support|help\s?desk|customer (?:service|care))|"
    r"(?P<editorial>editorial|editors?|newsroom|journalists?|press office))(?: team| department)?"
    r"(?!\w)"
)
_MEETING_ID = re.compile(r"(?<!\w)m-[a-z0-9]{4,12}(?!\w)")
_HOST = re.compile(
    r"\b(?:with|see|meet|(?:talk|speak) to)\s+"
    r"(?P<host>(?:[A-Z][\w'\u2019-]+|[a-z][\w'-]+)(?:\s+[A-Z][\w'\u2019-]+)?)"
)
_NO_HOST = frozenset(
    "a an the you your yours me my us our ours it its them they him her his someone somebody "
    "anyone anybody one this that these those all any no regards respect in on at about to "
    "for and or if when is are people person staff team teams meeting meetings heidi everyone "
    "who whoever next sales support editorial customer technical tech next what how with".split()
)
_SOONEST = re.compile(
    r"\b(?:as soon as (?:possible|you can)|a\.?s\.?a\.?p\.?|(?:the )?(?:earliest|soonest|"
    r"next available|first available|next free|first free)(?: (?:possible|available|free))?"
    r"(?: (?:slot|time|date|appointment|meeting))?)(?!\w)"
)
_TOPIC = re.compile(
    r"\b(?:about|regarding|concerning|to (?:discuss|talk about|go over|speak about)|re:|"
    r"(?:the )?topic(?: is| should be|:)?)\s+(?P<topic>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
_WORD = re.compile(r"[a-z][a-z'\u2019-]*|\d[\d.,:]*")
_FILLERS = frozenset(
    "talk speak see a an the i i'd i'm i'll me my we us our you your it it's its that that's "
    "this these those one ones to for at on in of by with from and or but if is are was be "
    "been am do does did can could would will shall should may might let let's lets please "
    "pls thanks thank no not nope yes yeah yep ok okay sure fine good great perfect well hmm "
    "oh ah um actually sorry instead rather then so just maybe perhaps make made move moved "
    "change changed set put book booked schedule reschedule arrange meeting meet meetings "
    "appointment call slot time day date work works suits suit better prefer how what about "
    "think want wanted need like say said try go take mean meant have get there now new still "
    "also too team earlier later sooner back forward push bring first second last long "
    "minutes minute duration length hi hello hey heidi around local end which when where any "
    "each am pm".split()
)


def read_slots(message: str, today: date) -> Slots:
    """What a message says about a meeting, as of the visitor's today."""
    text = message[:MOST_CHARACTERS]
    lowered = lower(text)
    zone = find_zone(lowered)
    days = find_days(text, today)
    lengths = find_lengths(lowered)
    taken = [*_spans(days), *_spans(lengths), *([zone[1:]] if zone else [])]
    clocks = find_clocks(lowered, taken)
    taken += [*_spans(clocks.times), *_spans(clocks.parts)]
    team, host = _TEAM.search(lowered), _host(text)
    meeting_id, soonest = _MEETING_ID.search(lowered), _SOONEST.search(lowered)
    topic, topic_span = _topic(text, taken)
    named = [match.span() for match in (team, meeting_id, soonest) if match]
    return Slots(
        team=team.lastgroup or "" if team else "",
        host=host[0],
        meeting_id=meeting_id.group().upper() if meeting_id else "",
        topic=topic,
        days=days,
        clocks=clocks,
        lengths=lengths,
        zone=zone[0].key if zone else "",
        is_soonest=soonest is not None,
        rest=_rest(lowered, [*taken, *named, *host[1], *topic_span]),
    )


def split_change(message: str, today: date) -> tuple[Slots, Slots]:
    """Which meeting a message means, and what shall become of it.

    "Move my Friday call to Monday at 10" has one side before and one after the "to"; without such
    a word everything is new, unless it stands with the meeting ("reschedule my Friday call").
    """
    text = message[:MOST_CHARACTERS]
    whole = read_slots(text, today)
    spans = [
        *_spans(whole.days), *_spans(whole.lengths),
        *_spans(whole.clocks.times), *_spans(whole.clocks.parts),
    ]  # fmt: skip
    cut = _cut(lower(text), spans)
    if cut is not None:
        return read_slots(text[:cut], today), read_slots(text[cut:], today)
    if whole.shift is None and whole.minutes is None and _OF_MEETING.search(lower(text)):
        return whole, Slots()
    return Slots(team=whole.team, host=whole.host, meeting_id=whole.meeting_id), whole


_CONNECTOR = re.compile(r"\b(?:to|until|till|make it|instead|into|for|by)\b")
_OF_MEETING = re.compile(
    r"\b(?:my|the|our|that|this)\b.*\b(?:meeting|call|appointment|booking|slot|demo|one)\b"
    r"|\bmy (?:\d|mon|tue|wed|thu|fri|sat|sun|next|noon)"
)


def _cut(text: str, spans: list[Span]) -> int | None:
    cut = None
    for match in _CONNECTOR.finditer(text):
        is_outside = not any(start <= match.start() < end for start, end in spans)
        if is_outside and any(start >= match.start() for start, _ in spans):
            cut = match.start()
    for start, end in spans:
        if re.match(r"(?:by|for|to|until|till)\b", text[start:end]):
            cut = start if cut is None else max(cut, start)
    return cut


def _spans(
    mentions: Iterable[DayMention | ClockMention | LengthMention | PartMention],
) -> list[Span]:
    return [(mention.start, mention.end) for mention in mentions]


def _host(text: str) -> tuple[str, list[Span]]:
    """`with Mara Lindt`; in lower case only in a message without any capital."""
    for match in _HOST.finditer(text):
        name = match.group("host")
        words = name.split()
        if words[0].lower() in _NO_HOST or _TEAM.match(name.lower()):
            continue
        if name[0].isupper() or text.islower():
            return name, [match.span("host")]
    return "", []


def _topic(text: str, taken: list[Span]) -> tuple[str, list[Span]]:
    for match in _TOPIC.finditer(text):
        start = match.start("topic")
        if any(begin <= start < end for begin, end in taken):
            continue
        end = min((begin for begin, _ in taken if begin > start), default=len(text))
        topic = re.sub(r"[\s,]+(?:on|at|for|from|in|the|this|next)?\s*$", "", text[start:end])
        topic = plain_text(topic, TOPIC_LENGTH).strip(" .,;:!?\"'")
        if topic:
            return topic, [(match.start(), end)]
    return "", []


def _rest(text: str, taken: list[Span]) -> tuple[str, ...]:
    return tuple(
        match.group()
        for match in _WORD.finditer(text)
        if match.group().strip("'-") not in _FILLERS
        and not any(start <= match.start() < end for start, end in taken)
    )
