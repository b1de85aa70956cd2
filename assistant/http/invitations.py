"""Owns the download of a meeting as a calendar file, for the customer whose meeting it is."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from assistant.backends.calendar import Calendar
from assistant.backends.invitations import meeting_ics
from assistant.core.caller import VerifiedCustomer
from assistant.core.errors import IdentityRequired
from assistant.http.callers import CallerReader, Owner
from assistant.http.rotation import SUCCESSOR_RESPONSES

MEETING_ID_PATTERN = r"^[A-Za-z0-9-]{1,40}$"


@dataclass(frozen=True, kw_only=True)
class InvitationServices:
    """What the download needs."""

    callers: CallerReader
    calendar: Calendar
    clock: Callable[[], datetime]


def calendar_router(services: InvitationServices) -> APIRouter:
    """The endpoint that gives a meeting as a calendar file."""
    router = APIRouter(prefix="/v1/conversations", tags=["chat"])

    async def owner(request: Request, conversation_id: str) -> Owner:
        return await services.callers.owner(request, conversation_id)

    Owned = Annotated[Owner, Depends(owner)]

    @router.get(
        "/{conversation_id}/meetings/{meeting_id}.ics",
        response_class=Response,
        responses={200: {"content": {"text/calendar": {}}}, **SUCCESSOR_RESPONSES},
    )
    async def get_meeting(
        owned: Owned, meeting_id: Annotated[str, Path(pattern=MEETING_ID_PATTERN)]
    ) -> Response:
        """One of the customer's own meetings, as iCalendar."""
        if not isinstance(owned.caller, VerifiedCustomer):
            raise IdentityRequired(
                "Meetings are shown to the customer whose they are.", remedy="Sign in first."
            )
        meeting = await services.calendar.meeting(owned.caller.customer_id, meeting_id.upper())
        return Response(
            meeting_ics(meeting, stamp=services.clock()),
            media_type="text/calendar",
            headers={
                "Content-Disposition": f'attachment; filename="{meeting.id}.ics"',
                "Cache-Control": "no-store",
            },
        )

    return router
