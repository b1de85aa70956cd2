"""Owns what the visitor has said, as the measure of what a write may hold. Pure.

A model may read texts that others wrote and take an address, a number or a time from them for the
visitor's wish. A value that stands nowhere in the visitor's own words is nobody's wish. What a tool
knows by itself, such as the free times that it offered, is for the tool to add.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property
from itertools import accumulate
from zoneinfo import ZoneInfo

from assistant.core.dates import DayMention
from assistant.core.plain_speech import hosts_in, visible_text
from assistant.core.slots import Slots, read_slots

MOST_MESSAGES = 40
FROM_NOW_LEEWAY = timedelta(minutes=20)
"""Meetings start on a quarter hour, "in an hour" seldom does."""
SAME_WORD = 5
"""Words that begin with the same letters, so many, are forms of one word."""
SHORT_WORD = 4

_WORD = re.compile(r"\w+(?:[-.'@+]\w+)*")
_PHONE = re.compile(r"(?<![\w.])(?:\+|\(?0)[\d ()./-]{6,}\d")
_COUNTRY_CODE_DIGITS = range(1, 4)
_TOO_SHORT_FOR_A_PHONE = 6


@dataclass(frozen=True)
class VisitorWords:
    """The messages of one conversation's visitor."""

    messages: tuple[str, ...]
    """Oldest first; the last one is being answered."""
    now: datetime
    timezone: ZoneInfo
    offered: frozenset[datetime] = frozenset()
    """Free times that the calendar offered; they fill in what the visitor left open, no more."""

    @classmethod
    def of(cls, messages: Sequence[str], now: datetime, timezone: ZoneInfo) -> VisitorWords:
        """The latest of the messages, cleaned of what no reader sees."""
        kept = [_plain(message) for message in messages[-MOST_MESSAGES:]]
        return cls(messages=tuple(kept), now=now, timezone=timezone)

    def with_offers(self, offered: Collection[datetime]) -> VisitorWords:
        """The same words after the calendar has offered times."""
        return replace(self, offered=self.offered.union(offered))

    def hold(self, value: str) -> bool:
        """Whether the value stands in a message as it is, capitals and spaces aside."""
        wanted = re.escape(_plain(value).casefold())
        pattern = re.compile(rf"(?<![\w.+-]){wanted}(?![\w-]|\.\w)")
        return any(pattern.search(message.casefold()) for message in self.messages)

    def hold_phone(self, value: str) -> bool:
        """Whether the number was said, spaces and an added country code aside."""
        wanted = _digits(value)
        return any(_is_same_number(wanted, said) for said in self._numbers)

    def hold_words(self, value: str) -> bool:
        """Whether every word of the value was said, in one form or another."""
        said = {word for message in self.messages for word in _words(message)}
        return all(_is_said(word, said) for word in _words(_plain(value)))

    def hold_contacts(self, text: str) -> bool:
        """Whether every host, e-mail address and phone number of a text was said."""
        plain = _plain(text)
        own = hosts_in("\n".join(self.messages))
        phones = [match.group() for match in _PHONE.finditer(plain)]
        return hosts_in(plain) <= own and all(map(self.hold_phone, phones))

    def allow_start(self, start: datetime, *, before: datetime | None) -> bool:
        """Whether the visitor can have meant a meeting to start then.

        Args:
            start: the proposed start.
            before: where the meeting is now, if it is moved: what the visitor left open stays.
        """
        said = _Said.of(self._slots + self._slots_as_of(before))
        if said.is_from_now(start, self.now):
            return True
        is_offered = start in self.offered
        fills_day = is_offered and (not said.has_days or said.is_soonest)
        fills_clock = is_offered and (not said.has_clocks or said.is_soonest)
        if not said.has_when and not is_offered:
            return False
        return any(
            (fills_day or self._names_day(said, start - shift, before))
            and (fills_clock or self._names_clock(said, start - shift, before))
            for shift in said.shifts
        )

    def allow_bound(self, bound: str) -> bool:
        """Whether a bound of a period (ISO 8601, or nothing) was said."""
        if not bound:
            return True
        try:
            moment = datetime.fromisoformat(bound)
        except ValueError:
            return False
        local = moment if moment.tzinfo else moment.replace(tzinfo=self.timezone)
        said = _Said.of(self._slots)
        is_day = len(bound) <= len("2026-12-01")
        return said.names_day(local, self.timezone) and (
            is_day or said.names_clock(local, self.timezone)
        )

    def _names_day(self, said: _Said, start: datetime, before: datetime | None) -> bool:
        zone = self.timezone
        stays = before is not None and _local(start, zone).date() == _local(before, zone).date()
        return stays or said.names_day(start, zone)

    def _names_clock(self, said: _Said, start: datetime, before: datetime | None) -> bool:
        zone = self.timezone
        stays = before is not None and _local(start, zone).time() == _local(before, zone).time()
        return stays or said.names_clock(start, zone)

    @cached_property
    def _numbers(self) -> tuple[str, ...]:
        runs = (re.findall(r"\+?\d[\d ()./-]*", message) for message in self.messages)
        return tuple(_digits(run) for found in runs for run in found)

    def _slots_as_of(self, before: datetime | None) -> tuple[Slots, ...]:
        """Days as of a time: "Friday" may be the one after the meeting that is moved."""
        if before is None:
            return ()
        day = _local(before, self.timezone).date()
        return tuple(read_slots(message, day) for message in self.messages)

    @cached_property
    def _slots(self) -> tuple[Slots, ...]:
        """What each message says about a time; an earlier one may have been said yesterday."""
        today = self.now.astimezone(self.timezone).date()
        latest = [read_slots(message, today) for message in self.messages]
        yesterday = today - timedelta(days=1)
        return (*(read_slots(message, yesterday) for message in self.messages[:-1]), *latest)


@dataclass(frozen=True, kw_only=True)
class _Said:
    """Everything that was said about times."""

    slots: tuple[Slots, ...]
    shifts: tuple[timedelta, ...]
    """By how much the visitor may have moved what was said before; no shift at first."""

    @classmethod
    def of(cls, slots: tuple[Slots, ...]) -> _Said:
        said = [timedelta(minutes=one.shift) for one in slots if one.shift]
        sums = {timedelta(), *said, *accumulate(said)}
        return cls(slots=slots, shifts=tuple(sorted(sums, key=abs)))

    @property
    def has_days(self) -> bool:
        return any(one.days for one in self.slots)

    @property
    def has_clocks(self) -> bool:
        return any(one.clocks.times or one.clocks.parts for one in self.slots)

    @property
    def has_when(self) -> bool:
        return any(one.has_when for one in self.slots)

    @property
    def is_soonest(self) -> bool:
        return any(one.is_soonest for one in self.slots)

    def is_from_now(self, start: datetime, now: datetime) -> bool:
        lengths = [one.from_now for one in self.slots if one.from_now is not None]
        return any(
            abs(start - now - timedelta(minutes=minutes)) <= FROM_NOW_LEEWAY for minutes in lengths
        )

    def names_day(self, start: datetime, zone: ZoneInfo) -> bool:
        return any(
            first <= _in_zone(start, one, zone).date() <= last
            for one in self.slots
            for mention in one.days
            for first, last in _ranges(mention)
        )

    def names_clock(self, start: datetime, zone: ZoneInfo) -> bool:
        return any(_has_clock(one, _in_zone(start, one, zone).time()) for one in self.slots)


def _in_zone(start: datetime, slots: Slots, zone: ZoneInfo) -> datetime:
    return start.astimezone(ZoneInfo(slots.zone) if slots.zone else zone)


def _has_clock(slots: Slots, clock: time) -> bool:
    if any(clock in mention.readings() for mention in slots.clocks.times):
        return True
    return any(part.since <= clock <= part.until for part in slots.clocks.parts)


def _ranges(mention: DayMention) -> Iterator[tuple[date, date]]:
    reading = mention.reading
    if reading.kind == "period":
        yield reading.days[0], reading.days[-1]
    else:
        yield from ((day, day) for day in reading.days)
    if reading.other is not None:
        yield reading.other, reading.other


def _local(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone)


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", visible_text(text)).split())


def _words(text: str) -> set[str]:
    return {match.group().casefold() for match in _WORD.finditer(text)}


def _is_said(word: str, said: set[str]) -> bool:
    """Whether the word or a form of it was said; short ones without a digit need not be."""
    if word in said or (len(word) < SHORT_WORD and word.isalpha()):
        return True
    return word.isalpha() and any(
        len(other) >= SAME_WORD and other[:SAME_WORD] == word[:SAME_WORD] for other in said
    )


def _digits(text: str) -> str:
    return "".join(character for character in text if character in "0123456789")


def _is_same_number(wanted: str, said: str) -> bool:
    if wanted == said:
        return len(wanted) >= _TOO_SHORT_FOR_A_PHONE
    international = said.removeprefix("00")
    if wanted == international:
        return len(wanted) >= _TOO_SHORT_FOR_A_PHONE
    national = said.removeprefix("0")
    if national == said or len(national) < _TOO_SHORT_FOR_A_PHONE:
        return False
    return wanted.endswith(national) and len(wanted) - len(national) in _COUNTRY_CODE_DIGITS
