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

from assistant.core.clocks import Clocks
from assistant.core.counts import COUNT, read_count
from assistant.core.dates import DayMention
from assistant.core.foreign_times import in_english
from assistant.core.plain_speech import hosts_in, visible_text
from assistant.core.relative import Relation, Span, read_relation
from assistant.core.slots import Slots, read_slots
from assistant.core.wishes import Dialogue, Said, Wish

MOST_MESSAGES = 40
FROM_NOW_LEEWAY = timedelta(minutes=20)
"""Meetings start on a quarter hour, "in an hour" seldom does."""
SAME_WORD = 5
"""Words that begin with the same letters, so many, are forms of one word."""
SHORT_WORD = 4

_WORD = re.compile(r"\w+(?:[-.'@+]\w+)*")
_NUMBER = re.compile(r"\d(?:[\d.,'\u2019]*\d)?")
_COUNT_WORD = re.compile(rf"(?<!\w){COUNT}(?!\w)")
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
    own_meetings: tuple[Span, ...] = ()
    """When the visitor's own meetings are: "same time" and "after my call" relate to them."""
    dialogue: Dialogue | None = None
    """The same messages with what was asked between them; None: nothing was."""

    @classmethod
    def of(cls, messages: Sequence[str], now: datetime, timezone: ZoneInfo) -> VisitorWords:
        """The latest of the messages, cleaned of what no reader sees."""
        kept = [_plain(message) for message in messages[-MOST_MESSAGES:]]
        return cls(messages=tuple(kept), now=now, timezone=timezone)

    def asks_for(self, wish: Wish) -> bool:
        """Whether the visitor asks for what a tool does, now or in what is still open."""
        dialogue = self.dialogue or Dialogue(turns=tuple(map(self.said_in, self.messages)))
        return dialogue.asks_for(wish)

    def said_in(self, message: str, answer: str = "", *, is_settled: bool = False) -> Said:
        """A message of this visitor as a turn of the dialogue."""
        slots = _read(message, self._today)
        return Said(
            message=message,
            answer=answer,
            is_settled=is_settled,
            names_time=slots.has_when or slots.from_now is not None or _relates(message),
        )

    def with_meetings(self, meetings: Collection[Span]) -> VisitorWords:
        """The same words after the visitor's own meetings have been looked up."""
        return replace(self, own_meetings=(*self.own_meetings, *meetings))

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

    def hold_number(self, value: float) -> bool:
        """Whether a number was said, in digits or as a word."""
        said = {
            _number(match.group()) for text in self.messages for match in _NUMBER.finditer(text)
        }
        words = {
            float(read_count(match.group("count")))
            for text in self.messages
            for match in _COUNT_WORD.finditer(text.casefold())
        }
        return float(value) in said | words

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
        if said.is_from_now(start, self.now) or self._is_beside_a_meeting(start):
            return True
        is_offered = start in self.offered
        fills_day = is_offered and (not said.has_days or said.is_soonest)
        fills_clock = is_offered and (not said.has_clocks or said.is_soonest)
        if not (said.has_when or is_offered or self._relation.is_any):
            return False
        return any(
            (fills_day or self._names_day(said, start - shift, before))
            and (fills_clock or self._names_clock(said, start - shift, before))
            for shift in said.shifts
        ) or self._is_shifted_from_a_meeting(said, start)

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
        return self._names_day(said, local, None) and (
            is_day or self._names_clock(said, local, None)
        )

    def _names_day(self, said: _Said, start: datetime, before: datetime | None) -> bool:
        local = _local(start, self.timezone)
        stays = before is not None and local.date() == _local(before, self.timezone).date()
        relates = any(self._relation.allows_day(local, span) for span in self._anchors(before))
        return stays or relates or said.names_day(start, self.timezone)

    def _names_clock(self, said: _Said, start: datetime, before: datetime | None) -> bool:
        local = _local(start, self.timezone)
        stays = before is not None and local.time() == _local(before, self.timezone).time()
        relates = any(self._relation.allows_clock(local, span) for span in self._anchors(before))
        return stays or relates or said.names_clock(start, self.timezone)

    def _is_beside_a_meeting(self, start: datetime) -> bool:
        """Right after or before a meeting of the visitor's own, as they said."""
        return any(self._relation.allows_neighbour(start, span) for span in self.own_meetings)

    def _is_shifted_from_a_meeting(self, said: _Said, start: datetime) -> bool:
        """An hour later than a meeting of the visitor's own, where no other time was said."""
        if said.has_when_of_its_own:
            return False
        return any(
            start - shift == span[0] for shift in said.shifts if shift for span in self._spans
        )

    def _anchors(self, before: datetime | None) -> tuple[Span, ...]:
        """What a relative time may relate to: the meeting that is moved, else any of their own."""
        if before is None or self._relation.has_same_time or self._relation.has_same_day:
            return (*self._spans, *(((before, before),) if before else ()))
        return ((before, before),)

    @property
    def _spans(self) -> tuple[Span, ...]:
        return self.own_meetings

    @property
    def _today(self) -> date:
        return self.now.astimezone(self.timezone).date()

    @cached_property
    def _relation(self) -> Relation:
        """What the latest message says by another time."""
        return read_relation(in_english(self.messages[-1])) if self.messages else Relation()

    @cached_property
    def _numbers(self) -> tuple[str, ...]:
        runs = (re.findall(r"\+?\d[\d ()./-]*", message) for message in self.messages)
        return tuple(_digits(run) for found in runs for run in found)

    def _slots_as_of(self, before: datetime | None) -> tuple[Slots, ...]:
        """Days as of a time: "Friday" may be the one after the meeting that is moved."""
        if before is None:
            return ()
        day = _local(before, self.timezone).date()
        return tuple(_read(message, day) for message in self.messages)

    @cached_property
    def _slots(self) -> tuple[Slots, ...]:
        """What each message says about a time; an earlier one may have been said yesterday."""
        latest = [_read(message, self._today) for message in self.messages]
        yesterday = self._today - timedelta(days=1)
        earlier = [_read(message, yesterday) for message in self.messages[:-1]]
        # Who says yes to "Shall I book ten o'clock?" names ten o'clock.
        agreed = self.dialogue.agreed if self.dialogue else ""
        return (*earlier, *([_read(agreed, self._today)] if agreed else ()), *latest)


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
    def has_when_of_its_own(self) -> bool:
        return self.has_days or self.has_clocks

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


def _read(message: str, day: date) -> Slots:
    """What a message says about a time, in English or in a language whose days are known."""
    slots = read_slots(message, day)
    translated = in_english(message)
    if translated == message.lower():
        return slots
    others = read_slots(translated, day)
    return slots if others == slots else _merged(slots, others)


def _merged(slots: Slots, others: Slots) -> Slots:
    """What both readings of a message found."""
    clocks = Clocks(
        times=(*slots.clocks.times, *others.clocks.times),
        parts=(*slots.clocks.parts, *others.clocks.parts),
    )
    return replace(
        slots,
        days=(*slots.days, *others.days),
        clocks=clocks,
        lengths=slots.lengths or others.lengths,
        is_soonest=slots.is_soonest or others.is_soonest,
    )


def _relates(message: str) -> bool:
    return read_relation(in_english(message)).is_any


def _number(text: str) -> float:
    """A number as people write it: `2,480.15`, `2.480,15`, `1'000`."""
    plain = text.replace("'", "").replace("\u2019", "")
    decimal = re.search(r"[.,](\d{1,2})$", plain)
    digits = re.sub(r"[.,]", "", plain[: decimal.start()] if decimal else plain)
    return float(f"{digits}.{decimal.group(1)}" if decimal else digits)


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
