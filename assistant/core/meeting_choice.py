"""Owns which of a customer's meetings a message means. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from assistant.core.clocks import ClockMention
from assistant.core.dates import DayKind, DayMention
from assistant.core.slots import Slots


@dataclass(frozen=True, kw_only=True)
class KnownMeeting:
    """A meeting as `list_meetings` gives it."""

    id: str
    title: str
    team: str
    host_name: str
    start: datetime
    """Aware, in the visitor's zone."""
    when: str

    @property
    def message(self) -> str:
        """Words that mean this meeting and no other: `Sales call on 1 December 2026 at 15:00`."""
        local = self.start
        return f"{self.title} on {local.day} {local:%B %Y} at {local:%H:%M}"


def read_meetings(output: Mapping[str, Any]) -> tuple[KnownMeeting, ...]:
    """The meetings in a result of `list_meetings`."""
    return tuple(
        KnownMeeting(
            id=str(entry["id"]),
            title=str(entry["title"]),
            team=str(entry["team"]),
            host_name=str(entry["host_name"]),
            start=datetime.fromisoformat(entry["start"]),
            when=str(entry["when"]),
        )
        for entry in output.get("meetings", ())
    )


def choose(
    meetings: Sequence[KnownMeeting], reference: Slots, last_id: str
) -> tuple[KnownMeeting, ...]:
    """The meetings that a message can mean; one if it is clear.

    Args:
        meetings: the customer's coming ones.
        reference: what the message says of the meeting it means.
        last_id: the meeting spoken of last, which "it" means.
    """
    if reference.meeting_id:
        return tuple(meeting for meeting in meetings if meeting.id == reference.meeting_id)
    if not (reference.team or reference.host or reference.days or reference.clocks.times):
        last = tuple(meeting for meeting in meetings if meeting.id == last_id)
        return last or tuple(meetings)
    return tuple(meeting for meeting in meetings if _fits(meeting, reference))


def _fits(meeting: KnownMeeting, reference: Slots) -> bool:
    return (
        (not reference.team or meeting.team == reference.team)
        and (not reference.host or _is_called(meeting.host_name, reference.host))
        and all(_is_on(meeting, mention) for mention in reference.days)
        and all(_is_at(meeting, mention) for mention in reference.clocks.times)
    )


def _is_called(name: str, wanted: str) -> bool:
    words = set(re.findall(r"\w+", name.lower()))
    return set(re.findall(r"\w+", wanted.lower())) <= words


def _is_on(meeting: KnownMeeting, mention: DayMention) -> bool:
    day = meeting.start.date()
    days = mention.reading.days
    if mention.reading.kind is DayKind.PERIOD:
        return days[0] <= day <= days[1]
    # "My Tuesday call", said on a Tuesday, may be today's.
    return day in days or day == mention.reading.other


def _is_at(meeting: KnownMeeting, mention: ClockMention) -> bool:
    clock = meeting.start.time()
    return any(
        (reading.hour, reading.minute) == (clock.hour, clock.minute)
        for reading in mention.readings()
    )
