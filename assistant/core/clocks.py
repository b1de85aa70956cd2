"""Owns times of day: what a message says about the clock. Pure; English.

A time may leave its half of the day open ("at 4"); whoever knows the meeting decides between its
`readings`. Does not own days (`dates.py`), lengths (`lengths.py`) nor time zones (`moments.py`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import time

from assistant.core.counts import HOUR_WORDS
from assistant.core.lowering import lower

DAYTIME = range(7, 19)
"""Hours in which a time without am or pm is looked for first."""

END_OF_DAY = time(23, 59)


@dataclass(frozen=True, kw_only=True)
class ClockMention:
    """Words of a message that name a time of day."""

    hour: int
    """As said: 1 to 12 when `is_open`."""
    minute: int
    is_open: bool
    """Neither am nor pm nor a 24-hour clock was said: "at 4"."""
    start: int
    end: int

    @property
    def is_possible(self) -> bool:
        """Whether a clock shows this time at all."""
        return self.hour < 24 and self.minute < 60

    def readings(self, near: time | None = None) -> tuple[time, ...]:
        """The times it can mean, the likeliest first; none if no clock shows it.

        Args:
            near: the time that is being changed; it decides only outside the daytime.
        """
        if not self.is_possible:
            return ()
        said = time(self.hour, self.minute)
        if not self.is_open:
            return (said,)
        other = time((self.hour + 12) % 24, self.minute)
        if near is None or near.hour in DAYTIME:
            return (said, other) if said.hour in DAYTIME else (other, said)
        is_nearer = _distance(said, near) <= _distance(other, near)
        return (said, other) if is_nearer else (other, said)


@dataclass(frozen=True, kw_only=True)
class PartMention:
    """A part of the day: "tomorrow *morning*", "*after 3*", "*between 2 and 4*"."""

    since: time
    until: time
    start: int
    end: int


@dataclass(frozen=True, kw_only=True)
class Clocks:
    """Everything a message says about times of day, each in the order of the text."""

    times: tuple[ClockMention, ...] = ()
    parts: tuple[PartMention, ...] = ()


Span = tuple[int, int]

_WORDS = "|".join(HOUR_WORDS)
_HOUR = rf"(?P<hour>\d{{1,2}}|{_WORDS})"
_HALF = r"(?: ?(?P<half>am|pm|a\.m\.?|p\.m\.?))"
_NOT_A_TIME = (
    r"(?!\w|[:/%.,]\d|[-\u2013]\d| ?(?:%|€|\$|people|persons?|guests|of|"
    r"days?|weeks?|months?|years?|nights?|times?|other|more|meetings?|calls?|briefings?|"
    r"minutes?|mins?|hours?|hrs?)\b)"
)
_CUES = (
    r"(?:at|@|around|about|by|say|until|till|from|starting|to|for|it|how about|what about|"
    r"between|and|after|before|or|then|instead|do|try|not)"
)
_TAIL = r"(?:ish|\W|please|instead|then|works?|is|fine|good|ok|okay|for me|it is|better|thanks?)*"


def _form(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern.replace(" ", r"\s*").replace("~", r"\s+"))


_FORMS = (
    _form(rf"(?<![\d:/.,])(?P<hour>\d{{1,2}}):(?P<minute>\d\d)(?::\d\d)?(?![\d:]){_HALF}?"),
    _form(rf"(?<![\w:/.,])(?P<hour>\d{{1,2}})\.(?P<minute>[0-5]\d){_HALF}(?!\w)"),
    _form(r"(?<=\bat\s)(?P<hour>\d{1,2})\.(?P<minute>[0-5]\d)(?![\w.])"),
    _form(r"(?<![\w:/.,])(?P<hour>\d{1,2})h(?P<minute>[0-5]\d)?(?!\w)"),
    _form(r"(?<![\w:/.,])(?P<hour>[01]\d|2[0-3])(?P<minute>[0-5]\d)~?(?:hours|hrs|h)\b"),
    _form(
        r"(?<!from\s)\b(?:(?P<past>5|10|20|25|five|ten|twenty|twenty[ -]five|quarter|a quarter|"
        rf"half)"
        rf"(?:~minutes?)?~(?P<way>past|after|to|before)~|half~)(?P<spoken>\d{{1,2}}|{_WORDS})"
        rf"{_HALF}?(?!\w)"
    ),
    _form(rf"(?<![\w:/.,])(?P<hour>\d{{1,2}}|{_WORDS}){_HALF}(?!\w)"),
    _form(rf"\b{_HOUR} o'?clock{_HALF}?"),
    _form(
        rf"\b(?P<hour>{_WORDS})[ -](?P<minute_words>fifteen|thirty|forty[ -]?five){_HALF}?(?!\w)"
    ),
    _form(rf"(?<![\w:/.,]){_HOUR}~(?=(?:in~the~(?:morning|afternoon|evening)|tonight)\b)"),
    _form(r"\b(?P<name>noon|midday|midnight)\b"),
    _form(r"(?<![\w-])(?P<hour>\d{1,2}) ?[-\u2013] ?(?=\d{1,2} ?(?:am|pm)\b)"),
    _form(rf"(?<=[-\u2013]) ?{_HOUR}{_HALF}"),
    _form(rf"(?<!\w){_CUES} {_HOUR}(?:ish)?{_NOT_A_TIME}"),
    _form(
        rf"^\W*(?:(?:no|ok|okay|yes|actually|sorry|hmm|well|rather|then|or|make it)\W+)*"
        rf"{_HOUR}(?! ?[%€$£/]){_TAIL}$"
    ),
)
"""Narrow forms first: words that one form has taken are not read again."""

_PARTS = {
    "first thing": (time(7), time(10)),
    "morning": (time(7), time(12)),
    "lunchtime": (time(12), time(14)),
    "afternoon": (time(12), time(18)),
    "end of the day": (time(15), time(18)),
    "end of day": (time(15), time(18)),
    "evening": (time(17), time(22)),
    "tonight": (time(17), time(23)),
}
_PART = re.compile(
    rf"(?<!good )(?<!\w)(?:in~the~|late~|early~)?(?P<part>{'|'.join(_PARTS)})s?(?!\w)".replace(
        "~", r"\s+"
    )
)


def find_clocks(text: str, taken: Sequence[Span] = ()) -> Clocks:
    """Every time of day and part of the day in a text.

    Args:
        text: a message.
        taken: spans that were read as something else (dates, lengths).
    """
    lowered = lower(text)
    times: list[ClockMention] = []
    for pattern in _FORMS:
        for match in pattern.finditer(lowered):
            mention = _mention(match)
            spans = (*taken, *((other.start, other.end) for other in times))
            if not any(mention.start < end and start < mention.end for start, end in spans):
                times.append(mention)
    ordered = sorted(times, key=lambda mention: mention.start)
    return _settle(lowered, ordered, [_part(match) for match in _PART.finditer(lowered)])


def _part(match: re.Match[str]) -> PartMention:
    since, until = _PARTS[match.group("part")]
    return PartMention(since=since, until=until, start=match.start(), end=match.end())


def _mention(match: re.Match[str]) -> ClockMention:
    groups = match.groupdict()
    if groups.get("name"):
        hour, minute = (0 if groups["name"] == "midnight" else 12), 0
        return _clock(match, match.start(), hour, minute, is_open=False)
    if groups.get("spoken"):
        return _spoken(match)
    said = match.group("hour")
    hour, minute = HOUR_WORDS.get(said) or int(said), int(groups.get("minute") or 0)
    if groups.get("minute_words"):
        minute = {"fi": 15, "th": 30, "fo": 45}[groups["minute_words"][:2]]
    half = groups.get("half")
    has_24_hours = bool(groups.get("minute")) and (hour > 12 or said.startswith("0"))
    is_open = not half and 1 <= hour <= 12 and not has_24_hours and not _is_french(match)
    return _clock(match, match.start("hour"), _on_24(hour, half), minute, is_open=is_open)


def _is_french(match: re.Match[str]) -> bool:
    """`9h`, `15h30`: always a 24-hour clock."""
    return re.search(r"\dh\d*$", match.group()) is not None


def _spoken(match: re.Match[str]) -> ClockMention:
    """`half past three`, `quarter to 4`; `half three` is half past."""
    said = match.group("spoken")
    hour = HOUR_WORDS.get(said) or int(said)
    minute = _spoken_minutes(match.group("past") or "half")
    if (match.group("way") or "past") in ("to", "before"):
        hour, minute = (hour - 1) or 12, 60 - minute
    half = match.group("half")
    return _clock(
        match, match.start(), _on_24(hour, half), minute, is_open=not half and 1 <= hour <= 12
    )


def _spoken_minutes(words: str) -> int:
    names = {"five": 5, "ten": 10, "twenty": 20, "quarter": 15, "a quarter": 15, "half": 30}
    if words.isascii() and words.isdigit():
        return int(words)
    return names.get(" ".join(words.split()), 25)


def _on_24(hour: int, half: str | None) -> int:
    if not half:
        return hour
    if not 1 <= hour <= 12:
        # 15:00 pm says the same twice; 15:00 am and 0 pm are no times.
        return hour if hour > 12 and half[0] == "p" else 24
    return hour % 12 + (12 if half[0] == "p" else 0)


def _clock(
    match: re.Match[str], start: int, hour: int, minute: int, *, is_open: bool
) -> ClockMention:
    return ClockMention(hour=hour, minute=minute, is_open=is_open, start=start, end=match.end())


def _settle(text: str, times: list[ClockMention], parts: list[PartMention]) -> Clocks:
    """Let parts decide open times ("9 in the morning"), and bounds become parts ("after 3")."""
    closed = [_within(mention, parts) for mention in times]
    windows = _windows(text, closed)
    bounds = {id(mention) for mention, _ in windows}
    rest = tuple(mention for mention in closed if id(mention) not in bounds)
    kept = [part for part in parts if not rest] + _merged([part for _, part in windows])
    return Clocks(times=rest, parts=tuple(kept))


def _within(mention: ClockMention, parts: Sequence[PartMention]) -> ClockMention:
    if not mention.is_open:
        return mention
    for part in parts:
        for reading in mention.readings():
            if part.since <= reading <= part.until:
                return replace(mention, hour=reading.hour, is_open=False)
    return mention


_SINCE = ("after", "between", "not before", "no earlier than")
_UNTIL = ("before", "no later than", "until", "till")


def _opens_window(before: str, after: str) -> bool:
    if before.endswith("from"):
        return re.match(r"\s*(?:on|onwards?)\b", after) is not None
    return before.endswith(_SINCE)


def _windows(text: str, times: Sequence[ClockMention]) -> list[tuple[ClockMention, PartMention]]:
    found: list[tuple[ClockMention, PartMention]] = []
    for mention in times:
        before = text[: mention.start].rstrip()
        readings = mention.readings()
        if not readings:
            continue
        if _opens_window(before, text[mention.end :]):
            since, until = readings[0], END_OF_DAY
        elif before.endswith(_UNTIL) or (found and before.endswith("and")):
            since, until = time(0), readings[0]
        else:
            continue
        part = PartMention(since=since, until=until, start=mention.start, end=mention.end)
        found.append((mention, part))
    return found


def _merged(parts: list[PartMention]) -> list[PartMention]:
    if len(parts) < 2:
        return parts
    since, until = max(part.since for part in parts), min(part.until for part in parts)
    if since >= until:
        return parts[:1]
    return [PartMention(since=since, until=until, start=parts[0].start, end=parts[-1].end)]


def _distance(one: time, another: time) -> int:
    return abs((one.hour - another.hour) * 60 + one.minute - another.minute)
