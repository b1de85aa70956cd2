"""Owns events on a CalDAV server (RFC 4791): the only user of the caldav library, which blocks.

Every write says which state it replaces (If-Match, If-None-Match), so that a change that somebody
made meanwhile in their own calendar program is never overwritten unseen.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, TypeVar, cast
from urllib.parse import quote
from zoneinfo import ZoneInfo

import icalendar
import structlog
from caldav.collection import Calendar as RemoteCalendar
from caldav.davclient import DAVClient
from caldav.lib.error import DAVError

from assistant.backends.errors import BackendUnavailable
from assistant.backends.staff_file import StaffFile

Result = TypeVar("Result")

log = structlog.get_logger(__name__)


class StateChanged(Exception):
    """The event is not in the state that the write was meant for."""


@dataclass(frozen=True, kw_only=True)
class RemoteEvent:
    """An event as the server has it."""

    content: bytes
    """The whole iCalendar file, with whatever others have added."""
    start: datetime
    end: datetime
    sequence: int
    is_cancelled: bool
    etag: str


@dataclass(frozen=True, kw_only=True)
class BusyTime:
    """When a calendar is taken, and by which event."""

    uid: str
    start: datetime
    end: datetime


class CalDavEvents:
    """Events in the calendars of the staff.

    Args:
        staff: names the server and everybody's calendar.

    Raises:
        StaffFileInvalid: the password is not in the environment.
    """

    def __init__(self, staff: StaffFile) -> None:
        if staff.caldav is None:
            raise ValueError("the file names no CalDAV server")
        self._settings = staff.caldav
        self._password = staff.caldav.password()
        self._paths = {host.id: host.calendar.strip("/") for host in staff.hosts()}
        self._zones = {host.id: ZoneInfo(host.timezone) for host in staff.hosts()}

    async def busy(self, host_id: str, since: datetime, until: datetime) -> tuple[BusyTime, ...]:
        """What stands in a calendar in a period, every repetition of it.

        Raises:
            BackendUnavailable: the server does not answer.
        """
        return await self._do(lambda client: self._search(client, host_id, since, until))

    async def read(self, host_id: str, uid: str) -> RemoteEvent | None:
        """An event; None if there is no such one.

        Raises:
            BackendUnavailable: the server does not answer.
        """

        def get(client: DAVClient) -> RemoteEvent | None:
            response = client.request(self._event_url(host_id, uid), "GET")
            if response.status in (404, 410):
                return None
            _check(response.status, "GET")
            return self._parse(host_id, response.raw, dict(response.headers))

        return await self._do(get)

    async def write(self, host_id: str, uid: str, content: bytes, *, replacing: str | None) -> None:
        """Write an event.

        Args:
            host_id: in whose calendar.
            uid: its name.
            content: a calendar file with this one event.
            replacing: the state that it replaces; None if there shall be none yet.

        Raises:
            StateChanged: it is in another state.
            BackendUnavailable: the server does not answer.
        """
        condition = {"If-None-Match": "*"} if replacing is None else {"If-Match": replacing}
        headers = {"Content-Type": "text/calendar; charset=utf-8", **condition}

        def put(client: DAVClient) -> None:
            url = self._event_url(host_id, uid)
            _check(client.request(url, "PUT", content.decode(), headers).status, "PUT")

        await self._do(put)

    async def delete(self, host_id: str, uid: str, *, replacing: str) -> None:
        """Delete an event; one that is gone is as good as deleted.

        Raises:
            StateChanged: it is in another state.
            BackendUnavailable: the server does not answer.
        """

        def remove(client: DAVClient) -> None:
            url = self._event_url(host_id, uid)
            status = client.request(url, "DELETE", "", {"If-Match": replacing}).status
            if status not in (404, 410):
                _check(status, "DELETE")

        await self._do(remove)

    async def _do(self, work: Callable[[DAVClient], Result]) -> Result:
        return await asyncio.to_thread(self._blocking, work)

    def _blocking(self, work: Callable[[DAVClient], Result]) -> Result:
        with (
            _translated(),
            DAVClient(
                url=self._settings.url,
                username=self._settings.username,
                password=self._password,
                auth_type="basic",
                timeout=self._settings.timeout_s,
                enable_rfc6764=False,
            ) as client,
        ):
            return work(client)

    def _search(
        self, client: DAVClient, host_id: str, since: datetime, until: datetime
    ) -> tuple[BusyTime, ...]:
        calendar = RemoteCalendar(client=client, url=self._calendar_url(host_id))
        found = cast(list[Any], calendar.search(event=True, start=since, end=until, expand=True))
        return tuple(
            taken
            for each in found
            for event in each.icalendar_instance.walk("VEVENT")
            if (taken := _busy_time(event, self._zones[host_id])) is not None
        )

    def _parse(self, host_id: str, content: bytes | str, headers: Mapping[str, str]) -> RemoteEvent:
        raw = content.encode() if isinstance(content, str) else content
        event = cast(icalendar.Event, icalendar.Calendar.from_ical(raw).walk("VEVENT")[0])
        zone = self._zones[host_id]
        etag = next((value for name, value in headers.items() if name.lower() == "etag"), "")
        return RemoteEvent(
            content=raw,
            start=_moment(event.start, zone),
            end=_moment(event.end, zone),
            sequence=int(event.get("sequence", 0)),
            is_cancelled=str(event.get("status", "")).upper() == "CANCELLED",
            etag=etag,
        )

    def _calendar_url(self, host_id: str) -> str:
        return f"{self._settings.url.rstrip('/')}/{self._paths[host_id]}/"

    def _event_url(self, host_id: str, uid: str) -> str:
        return f"{self._calendar_url(host_id)}{quote(uid, safe='@')}.ics"


def _busy_time(event: icalendar.Event, zone: ZoneInfo) -> BusyTime | None:
    """When an event takes its host's time; None if it does not."""
    is_free = str(event.get("transp", "")).upper() == "TRANSPARENT"
    if is_free or str(event.get("status", "")).upper() == "CANCELLED":
        return None
    return BusyTime(
        uid=str(event.get("uid", "")),
        start=_moment(event.start, zone),
        end=_moment(event.end, zone),
    )


def _moment(value: date | datetime, zone: ZoneInfo) -> datetime:
    """An aware moment in UTC: days and floating times are those of the calendar's owner."""
    moment = value if isinstance(value, datetime) else datetime.combine(value, time())
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def _check(status: int, method: str) -> None:
    if status == 412:
        raise StateChanged
    if not 200 <= status < 300:
        log.error("caldav refused", method=method, status=status)
        raise _unavailable()


@contextmanager
def _translated() -> Iterator[None]:
    """Turn what the library and its HTTP client raise into our error."""
    try:
        yield
    except (DAVError, OSError, ValueError, IndexError) as error:
        # Requests' and niquests' errors are OSErrors.
        log.warning("caldav failed", error=type(error).__name__)
        raise _unavailable() from error


def _unavailable() -> BackendUnavailable:
    return BackendUnavailable("The calendar does not answer now.", remedy="Try again in a moment.")
