"""The download of a meeting: for the customer whose it is, in their own conversation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import icalendar
import pytest

from assistant.backends.calendar import Wish
from assistant.http.invitations import InvitationServices, calendar_router
from tests.fakes_calendar import InMemoryCalendar

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
START = datetime(2026, 12, 1, 14, tzinfo=UTC)


@pytest.fixture
async def meeting(api):
    calendar = InMemoryCalendar()
    services = InvitationServices(callers=api.callers, calendar=calendar, clock=api.clock)
    api.app.include_router(calendar_router(services))
    wish = Wish(team_id="sales", start=START, duration=timedelta(minutes=30))
    return await calendar.book("cust-ada", wish, topic="", idempotency_key="k", now=NOW)


def path(conversation_id: str, meeting_id: str) -> str:
    return f"/v1/conversations/{conversation_id}/meetings/{meeting_id}.ics"


async def test_the_customer_gets_a_calendar_file(api, meeting):
    conversation_id, headers = await api.start()
    response = await api.client.get(
        path(conversation_id, meeting.id.lower()), headers={**headers, **api.identity()}
    )
    [event] = icalendar.Calendar.from_ical(response.content).walk("VEVENT")
    assert (response.status_code, event.start) == (200, START)
    assert response.headers["content-type"] == "text/calendar; charset=utf-8"
    assert response.headers["content-disposition"] == f'attachment; filename="{meeting.id}.ics"'
    assert response.headers["cache-control"] == "no-store"


async def test_another_customer_finds_no_such_meeting(api, meeting):
    conversation_id, headers = await api.start()
    response = await api.client.get(
        path(conversation_id, meeting.id), headers={**headers, **api.identity("cust-ben")}
    )
    assert (response.status_code, response.json()["type"]) == (404, "/problems/not-found")


@pytest.mark.parametrize("meeting_id", ["M-XXXXXX", "..%2F..%2Fetc", "a%0d%0ab", "x" * 41])
async def test_what_is_no_meeting_is_not_found_or_refused(api, meeting, meeting_id):
    conversation_id, headers = await api.start()
    response = await api.client.get(
        path(conversation_id, meeting_id), headers={**headers, **api.identity()}
    )
    assert response.status_code in (400, 404, 422)


async def test_without_sign_in_there_is_nothing_to_see(api, meeting):
    conversation_id, headers = await api.start()
    anonymous = await api.client.get(path(conversation_id, meeting.id), headers=headers)
    stranger = await api.client.get(path(conversation_id, meeting.id), headers=api.identity())
    assert (anonymous.status_code, stranger.status_code) == (403, 401)


async def test_another_visitor_s_conversation_is_not_theirs(api, meeting):
    conversation_id, _ = await api.start()
    _, headers = await api.start()
    response = await api.client.get(
        path(conversation_id, meeting.id), headers={**headers, **api.identity()}
    )
    assert response.status_code == 404
