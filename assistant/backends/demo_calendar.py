"""Owns the demo staff: three teams of two made-up people each, one in Europe, one in America."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from assistant.store.calendar import HolidayRow, HostRow, HoursRow, TeamRow, merge_staff
from assistant.store.database import Database

WORKDAYS = range(5)
HOLIDAYS = (
    (1, 1, "New Year's Day"),
    (12, 25, "Christmas Day"),
    (12, 26, "Second day of Christmas"),
)
HOLIDAY_YEARS = 3
"""This year and the next two: beyond what can be booked ahead."""


@dataclass(frozen=True, kw_only=True)
class DemoHost:
    """A made-up member of staff."""

    id: str
    name: str
    timezone: str
    opens: time
    closes: time
    buffer_minutes: int = 15


@dataclass(frozen=True, kw_only=True)
class DemoTeam:
    """A team and its members, in the order in which they are asked."""

    id: str
    name: str
    meeting_title: str
    hosts: tuple[DemoHost, ...]


DEMO_TEAMS = (
    DemoTeam(
        id="sales",
        name="Sales",
        meeting_title="Sales call",
        hosts=(
            DemoHost(
                id="mara",
                name="Mara Lindt",
                timezone="Europe/Zurich",
                opens=time(9),
                closes=time(17, 30),
            ),
            DemoHost(
                id="owen",
                name="Owen Park",
                timezone="America/New_York",
                opens=time(9),
                closes=time(17, 30),
            ),
        ),
    ),
    DemoTeam(
        id="support",
        name="Support",
        meeting_title="Support session",
        hosts=(
            DemoHost(
                id="jonas",
                name="Jonas Feld",
                timezone="Europe/Zurich",
                opens=time(8),
                closes=time(18),
            ),
            DemoHost(
                id="priya",
                name="Priya Raman",
                timezone="America/New_York",
                opens=time(8),
                closes=time(18),
            ),
        ),
    ),
    DemoTeam(
        id="editorial",
        name="Editorial",
        meeting_title="Editorial meeting",
        hosts=(
            DemoHost(
                id="elena",
                name="Elena Costa",
                timezone="Europe/Zurich",
                opens=time(10),
                closes=time(17),
                buffer_minutes=30,
            ),
            DemoHost(
                id="tom",
                name="Tom Abernathy",
                timezone="America/New_York",
                opens=time(10),
                closes=time(17),
                buffer_minutes=30,
            ),
        ),
    ),
)


async def seed_demo_calendar(database: Database, now: datetime) -> None:
    """Write the demo staff, their working hours and days off; meetings stay as they are."""
    teams = [
        TeamRow(id=team.id, name=team.name, meeting_title=team.meeting_title, position=at)
        for at, team in enumerate(DEMO_TEAMS)
    ]
    hosts = [
        HostRow(
            id=host.id,
            team_id=team.id,
            name=host.name,
            timezone=host.timezone,
            buffer_minutes=host.buffer_minutes,
            position=at,
        )
        for team in DEMO_TEAMS
        for at, host in enumerate(team.hosts)
    ]
    everyone = [host for team in DEMO_TEAMS for host in team.hosts]
    hours = [
        HoursRow(host_id=host.id, weekday=weekday, opens=host.opens, closes=host.closes)
        for host in everyone
        for weekday in WORKDAYS
    ]
    holidays = [
        HolidayRow(host_id=host.id, day=date(now.year + years, month, day), name=name)
        for host in everyone
        for years in range(HOLIDAY_YEARS)
        for month, day, name in HOLIDAYS
    ]
    await merge_staff(database, teams, hosts, [*hours, *holidays])
