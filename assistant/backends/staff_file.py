"""Owns the file of the staff who take meetings: teams, hosts, hours, days off, calendars outside.

docs/backends.md describes the file. It is written into the database at every start; meetings stay.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from datetime import date, time
from pathlib import Path
from typing import Annotated, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from assistant.store.calendar import HolidayRow, HostRow, HoursRow, TeamRow, replace_staff
from assistant.store.database import Database

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class StaffFileInvalid(Exception):
    """The file of the staff can't be used; says where and why."""


def _weekday(name: object) -> object:
    return WEEKDAYS.index(name.lower()) if isinstance(name, str) else name


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"no time zone is called {name}") from error
    return name


Id = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")]
Name = Annotated[str, Field(min_length=1, max_length=80)]
Weekday = Annotated[int, BeforeValidator(_weekday), Field(ge=0, le=6)]


class Part(BaseModel):
    """Base of the parts: unknown keys are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Hours(Part):
    """When a host works on some weekdays."""

    days: tuple[Weekday, ...]
    opens: time
    closes: time

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.opens >= self.closes:
            raise ValueError("hours close after they open; split a night into two days")
        return self


class HostEntry(Part):
    """Somebody who takes meetings."""

    id: Id
    name: Name
    timezone: Annotated[str, AfterValidator(_zone)]
    buffer_minutes: int = Field(default=15, ge=0, le=120)
    hours: tuple[Hours, ...]
    holidays: dict[date, str] = {}
    calendar: str = ""
    """Address of their CalDAV calendar, relative to that of the server."""


class TeamEntry(Part):
    """People who take the same kind of meetings."""

    id: Id
    name: Name
    meeting_title: Name
    hosts: tuple[HostEntry, ...] = Field(min_length=1)


class CalDavEntry(Part):
    """The server of the calendars outside."""

    url: Annotated[str, Field(pattern=r"^https?://")]
    username: str
    password_env: str
    """Name of the variable with the password."""
    timeout_s: int = Field(default=4, ge=1, le=30)

    def password(self, environment: Mapping[str, str] = os.environ) -> str:
        """The password.

        Raises:
            StaffFileInvalid: it is not in the environment.
        """
        if not environment.get(self.password_env):
            raise StaffFileInvalid(f"the environment variable {self.password_env} is not set")
        return environment[self.password_env]


class StaffFile(Part):
    """The whole file."""

    caldav: CalDavEntry | None = None
    """None: meetings are kept in the database alone."""
    holidays: dict[date, str] = {}
    """Days off of everybody."""
    teams: tuple[TeamEntry, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _check(self) -> Self:
        ids = [host.id for host in self.hosts()]
        if len(set(ids)) < len(ids):
            raise ValueError("two hosts have the same id")
        if self.caldav and not all(host.calendar for host in self.hosts()):
            raise ValueError("with caldav every host needs a calendar")
        return self

    def hosts(self) -> Iterator[HostEntry]:
        """Everybody, team by team."""
        for team in self.teams:
            yield from team.hosts


def load_staff(path: Path) -> StaffFile:
    """Read the file.

    Raises:
        StaffFileInvalid: it is missing, no YAML, or not as docs/backends.md describes.
    """
    try:
        return StaffFile.model_validate(yaml.safe_load(path.read_text("utf-8")))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise StaffFileInvalid(f"{path}: {error}") from error


async def write_staff(database: Database, staff: StaffFile) -> None:
    """Bring the database to the file."""
    teams = [
        TeamRow(id=team.id, name=team.name, meeting_title=team.meeting_title, position=at)
        for at, team in enumerate(staff.teams)
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
        for team in staff.teams
        for at, host in enumerate(team.hosts)
    ]
    times: list[HoursRow | HolidayRow] = []
    for host in staff.hosts():
        times += _hours(host)
        times += [
            HolidayRow(host_id=host.id, day=day, name=name[:80])
            for day, name in {**staff.holidays, **host.holidays}.items()
        ]
    await replace_staff(database, teams, hosts, times)


def _hours(host: HostEntry) -> list[HoursRow]:
    return [
        HoursRow(host_id=host.id, weekday=day, opens=hours.opens, closes=hours.closes)
        for hours in host.hours
        for day in hours.days
    ]
