"""Owns the page of one conversation: what was said, how answers came about, what staff noted."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, JSONResponse

from assistant.core.caller import StaffMember
from assistant.core.errors import NotFound
from assistant.review.services import Pages
from assistant.review.trace import timeline
from assistant.store.labels import MAX_NAME_CHARACTERS, LabelUse


@dataclass(frozen=True, kw_only=True)
class RefusedForm:
    """What somebody sent that could not be used, to be shown again where it was written."""

    of: str = ""
    """Which form: `reply`, `note`, or `label-` and the id of the turn."""
    draft: str = ""
    error: str = ""


ShowConversation = Callable[[Request, StaffMember, str, RefusedForm], Awaitable[HTMLResponse]]
"""The conversation's page with a form that was refused."""


def add_conversation_page(router: APIRouter, pages: Pages) -> ShowConversation:
    """Add `/review/conversations/{id}`; gives what shows it, for its forms."""
    services = pages.services
    Member = Annotated[StaffMember, Depends(pages.member)]

    async def show(
        request: Request, staff: StaffMember, conversation_id: str, refused: RefusedForm
    ) -> HTMLResponse:
        try:
            conversation = await services.conversations.get(conversation_id)
        except NotFound as error:
            return pages.render(
                request, "not_found.html", staff=staff, why=error.detail, status_code=404
            )
        events = await services.log.read(conversation_id)
        uses = await services.labels.of([conversation_id])
        return pages.render(
            request,
            "conversation.html",
            staff=staff,
            conversation=conversation,
            timeline=timeline(events),
            last_seq=events[-1].seq if events else 0,
            ticket=await services.tickets.open_for(conversation_id),
            labels=await services.labels.all(),
            labels_of=_by_turn(uses),
            max_label=MAX_NAME_CHARACTERS,
            notes=await services.notes.of(conversation_id),
            forms=refused,
            idle_after=services.takeovers.idle_after,
            status_code=422 if refused.error else 200,
        )

    @router.get("/conversations/{conversation_id}")
    async def conversation_page(
        request: Request, staff: Member, conversation_id: str
    ) -> HTMLResponse:
        """One conversation."""
        return await show(request, staff, conversation_id, RefusedForm())

    @router.get("/conversations/{conversation_id}/latest")
    async def latest(_staff: Member, conversation_id: str) -> JSONResponse:
        """Number of the last event, by which an open page learns that there is something new."""
        await services.conversations.get(conversation_id)
        number = await services.log.last_seq(conversation_id)
        return JSONResponse({"last_seq": number}, headers={"Cache-Control": "no-store"})

    return show


def _by_turn(uses: tuple[LabelUse, ...]) -> dict[str, list[LabelUse]]:
    """By id of the turn; those of the whole conversation under the empty one."""
    found: dict[str, list[LabelUse]] = {}
    for use in uses:
        found.setdefault(use.turn_id, []).append(use)
    return found
