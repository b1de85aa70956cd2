"""Owns the tool `list_meetings`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from assistant.backends.calendar import Calendar, Meeting
from assistant.core.cards import meetings_card
from assistant.core.events import JsonObject
from assistant.core.phrasing import count_of, format_span, join_words
from assistant.core.relative import Span
from assistant.core.toolbox import ToolContext, ToolOutput, ToolPolicy
from assistant.tools.base import (
    READS_OWN_DATA,
    ReadTool,
    customer_of,
    object_schema,
    text_schema,
)
from assistant.tools.people import find_people
from assistant.tools.scheduling import meeting_data, meeting_entry
from assistant.tools.times import read_bound

MOST_SHOWN = 20
SPOKEN = 3
"""How many meetings the sentence names; the card has them all."""


class ListMeetings(ReadTool):
    """The customer's meetings."""

    name: str = "list_meetings"
    description: str = (
        "The customer's meetings in order, the coming ones unless a period is given, with the ids "
        "that move_meeting and cancel_meeting need."
    )
    label: str = "Looking up your meetings"
    schema: JsonObject = object_schema(
        {
            "since": text_schema("Begin: YYYY-MM-DD or YYYY-MM-DDTHH:MM; now without it", 40),
            "until": text_schema("End, a day included: YYYY-MM-DD or YYYY-MM-DDTHH:MM", 40),
            "team": text_schema("Only meetings with this team: sales, support or editorial", 60),
            "include_cancelled": {"type": "boolean", "default": False},
        }
    )
    policy: ToolPolicy = READS_OWN_DATA

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar

    async def run(self, arguments: JsonObject, context: ToolContext) -> ToolOutput:
        """Coming meetings, or those of a period."""
        zone = context.timezone
        since, until = arguments.get("since"), arguments.get("until")
        meetings = await self._calendar.meetings(
            customer_of(context),
            since=read_bound(since, zone, "since", is_end=False) if since else context.now,
            until=read_bound(until, zone, "until", is_end=True) if until else None,
            include_cancelled=arguments.get("include_cancelled", False),
        )
        if named := arguments.get("team"):
            team, _ = await find_people(self._calendar, named, None)
            meetings = tuple(meeting for meeting in meetings if meeting.team.id == team.id)
        shown = meetings[:MOST_SHOWN]
        return ToolOutput(
            data={
                "meetings": [meeting_data(meeting, zone) for meeting in shown],
                "matched": len(meetings),
                "timezone": zone.key,
            },
            text=_sentence(meetings, is_period=bool(since or until), zone=zone),
            card=meetings_card("Your meetings", [meeting_entry(each, context) for each in shown])
            if shown
            else None,
        )

    def meetings_in(self, output: JsonObject) -> tuple[Span, ...]:
        """When the listed meetings begin and end."""
        return tuple(
            (datetime.fromisoformat(each["start"]), datetime.fromisoformat(each["end"]))
            for each in output["meetings"]
        )


def _sentence(meetings: Sequence[Meeting], *, is_period: bool, zone: ZoneInfo) -> str:
    where = "in that period" if is_period else "coming up"
    if not meetings:
        return f"You have no meetings {where}."
    spoken = join_words([_say(meeting, zone) for meeting in meetings[:SPOKEN]])
    first = "; the first" if len(meetings) > SPOKEN else ""
    return f"You have {count_of(len(meetings), 'meeting')} {where}{first}: {spoken}."


def _say(meeting: Meeting, zone: ZoneInfo) -> str:
    cancelled = " (cancelled)" if meeting.status == "cancelled" else ""
    return f"{meeting.title} on {format_span(meeting.start, meeting.end, zone)}{cancelled}"
