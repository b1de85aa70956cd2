"""Owns the form: what is known of a meeting that is being arranged, over several turns. Pure.

A form lives in the dialogue's state as JSON; a form of an older version, or a broken one, is
forgotten. Does not own what is asked or called next (`assistant/agents/schedule.py`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from assistant.core.dates import DayKind, DayMention
from assistant.core.errors import InvalidInput
from assistant.core.events import JsonObject
from assistant.core.moments import Moment, resolve
from assistant.core.slots import Slots
from assistant.core.timezones import zone as read_zone

KINDS = ("book", "move", "cancel")


@dataclass(frozen=True, kw_only=True)
class Form:
    """A meeting being booked, moved or cancelled; empty fields are not known yet."""

    kind: str
    team: str = ""
    host: str = ""
    """Only if the visitor named one."""
    meeting_id: str = ""
    was: str = ""
    """When the meeting that is moved starts now, ISO 8601."""
    day: str = ""
    until: str = ""
    """Last day, where a period was said instead of a day; `day` is its first."""
    clock: str = ""
    """Time of day, `HH:MM`."""
    clock_else: str = ""
    """The other half of the day, where it was not said."""
    after: str = ""
    before: str = ""
    """The part of the day that would suit."""
    minutes: int = 0
    topic: str = ""
    zone: str = ""
    """The zone the visitor named, if it is not their own."""
    asked: str = ""
    """What the last question was about: `team`, `day`, `clock`, `date`, `length`, `meeting`."""
    options: tuple[str, ...] = ()
    """Days to choose between, after an ambiguous date."""
    offers: tuple[str, ...] = ()
    """Starts that were offered, ISO 8601 in the visitor's zone, in the order shown."""

    def chosen_or_offered(self, zone: ZoneInfo) -> tuple[datetime, ...]:
        """The starts that were offered, and the one that was chosen of them."""
        offered = tuple(map(_aware, self.offers))
        if not self.has_time:
            return offered
        return (*offered, *(self.moment(clock, zone).at for clock in self.clocks))

    @property
    def is_period(self) -> bool:
        """Whether only a period is known, no day."""
        return bool(self.until)

    @property
    def has_day(self) -> bool:
        """Whether the day is settled."""
        return bool(self.day) and not self.until

    @property
    def has_time(self) -> bool:
        """Whether day and time of day are settled."""
        return self.has_day and bool(self.clock)

    @property
    def clocks(self) -> tuple[time, ...]:
        """What the time of day can mean, the likeliest first."""
        return tuple(time.fromisoformat(text) for text in (self.clock, self.clock_else) if text)

    def moment(self, clock: time, own_zone: ZoneInfo) -> Moment:
        """The form's day at this time, in the zone it is said in."""
        said_in = read_zone(self.zone) if self.zone else own_zone
        return resolve(date.fromisoformat(self.day), clock, said_in)

    def to_json(self) -> JsonObject:
        """As the dialogue's state keeps it: what is known only."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in values.items()
            if value
        }

    @classmethod
    def from_json(cls, data: object) -> Form | None:
        """A form out of the state; None if there is none that this version can read."""
        if not isinstance(data, Mapping) or data.get("kind") not in KINDS:
            return None
        kinds: dict[str, type] = {"minutes": int, "options": list, "offers": list}
        values: dict[str, Any] = {}
        for field in fields(cls):
            if field.name in data:
                if not isinstance(data[field.name], kinds.get(field.name, str)):
                    return None
                values[field.name] = data[field.name]
        for name in ("options", "offers"):
            values[name] = tuple(map(str, values.get(name, ())))
        return cls(**values)._checked()

    def _checked(self) -> Form | None:
        days = (self.day, self.until, *self.options)
        clocks = (self.clock, self.clock_else, self.after, self.before)
        try:
            readable = [
                *map(date.fromisoformat, filter(None, days)),
                *map(time.fromisoformat, filter(None, clocks)),
                *map(_aware, filter(None, (self.was, *self.offers))),
                *map(read_zone, filter(None, (self.zone,))),
            ]
        except (ValueError, InvalidInput):
            return None
        return self if len(readable) < _MOST_VALUES else None


_MOST_VALUES = 100
"""More than a form of ours ever holds."""


def _aware(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("naive moment")
    return moment


def fill(form: Form, slots: Slots, now: datetime) -> Form:
    """The form with what a message adds or corrects.

    Args:
        form: what is known.
        slots: what the message says.
        now: the clock in the visitor's zone.
    """
    filled = replace(
        form,
        team=slots.team or form.team,
        # Who was wanted belongs to the team they are in.
        host=slots.host or ("" if slots.team and slots.team != form.team else form.host),
        minutes=slots.minutes or form.minutes,
        topic=slots.topic or form.topic,
        zone=slots.zone or form.zone,
        asked="",
        options=(),
        offers=(),
    )
    filled = _fill_day(filled, slots)
    filled = _fill_clock(filled, slots, now)
    return _fill_from_now(filled, slots, now)


def _fill_day(form: Form, slots: Slots) -> Form:
    mention = _settled(slots)
    if mention is None:
        return form
    first, *rest = mention.reading.days
    if mention.reading.kind is DayKind.PERIOD:
        return replace(form, day=first.isoformat(), until=rest[0].isoformat())
    return replace(form, day=first.isoformat(), until="")


def _settled(slots: Slots) -> DayMention | None:
    """The last day that was settled: corrections come last ("not Monday, Tuesday")."""
    kinds = (DayKind.DAY, DayKind.PERIOD)
    settled = [mention for mention in slots.days if mention.reading.kind in kinds]
    return settled[-1] if settled else None


def _fill_clock(form: Form, slots: Slots, now: datetime) -> Form:
    mention = slots.clock
    if mention is not None and mention.is_possible:
        near = datetime.fromisoformat(form.was).time() if form.was else None
        readings = [say_clock(clock) for clock in mention.readings(near)]
        return replace(
            form,
            clock=readings[0],
            clock_else=readings[1] if len(readings) > 1 else "",
            after="",
            before="",
        )
    if slots.clocks.parts:
        part = slots.clocks.parts[-1]
        return replace(
            form,
            clock="",
            clock_else="",
            after=say_clock(part.since),
            before=say_clock(part.until),
        )
    return form


def _fill_from_now(form: Form, slots: Slots, now: datetime) -> Form:
    """`in an hour`: on the next quarter, as meetings start there."""
    if slots.from_now is None:
        return form
    exact = now + timedelta(minutes=slots.from_now)
    on_quarter = exact + timedelta(minutes=-exact.minute % 15)
    return replace(
        form,
        day=on_quarter.date().isoformat(),
        until="",
        clock=say_clock(on_quarter.time()),
        clock_else="",
    )


def shift(form: Form, minutes: int) -> Form:
    """The form's time moved by minutes; as it is while there is none."""
    if not form.has_time:
        return form
    moved = datetime.combine(date.fromisoformat(form.day), form.clocks[0])
    moved += timedelta(minutes=minutes)
    return replace(form, day=moved.date().isoformat(), clock=say_clock(moved.time()), clock_else="")


def choose_option(form: Form, message: str) -> Form:
    """The form with the day chosen that was asked about ("the first", "May")."""
    if not form.options:
        return form
    words = message.lower()
    for index, names in enumerate((("first", "former", "earlier"), ("second", "latter", "later"))):
        if any(name in words for name in names) and index < len(form.options):
            return replace(form, day=form.options[index], until="", options=(), asked="")
    months = [date.fromisoformat(day) for day in form.options]
    named = [day for day in months if day.strftime("%B").lower() in words]
    if len(named) == 1:
        return replace(form, day=named[0].isoformat(), until="", options=(), asked="")
    return form


_ORDINALS = (
    r"\b(?:first|1st|earliest)\b", r"\b(?:second|2nd)\b", r"\b(?:third|3rd)\b",
    r"\b(?:fourth|4th)\b", r"\b(?:fifth|5th)\b", r"\b(?:sixth|6th)\b",
)  # fmt: skip


def choose_offer(form: Form, message: str) -> Form:
    """The form with the offered start that was chosen by its place ("the second one")."""
    words = message.lower()
    places = [place for place, name in enumerate(_ORDINALS) if re.search(name, words)]
    if re.search(r"\b(?:last|latest)\b", words):
        places.append(len(form.offers) - 1)
    if len(places) != 1 or not 0 <= places[0] < len(form.offers):
        return form
    start = datetime.fromisoformat(form.offers[places[0]])
    return replace(
        form,
        day=start.date().isoformat(),
        until="",
        clock=say_clock(start.time()),
        clock_else="",
        zone="",
        offers=(),
        asked="",
    )


def say_clock(clock: time) -> str:
    """`15:00`."""
    return f"{clock:%H:%M}"
