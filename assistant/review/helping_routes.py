"""Owns helping a visitor: replies, taking over and handing back, closing tickets."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from assistant.core.caller import StaffMember
from assistant.core.errors import InvalidInput, LimitExceeded
from assistant.core.events import StaffMessage
from assistant.core.messages import clean_message
from assistant.review.conversation_routes import RefusedForm, ShowConversation
from assistant.review.services import Pages, back_to


def add_helping(router: APIRouter, pages: Pages, show: ShowConversation) -> None:
    """Add the forms by which staff speak in a conversation."""
    services = pages.services
    Member = Annotated[StaffMember, Depends(pages.member)]

    @router.post("/conversations/{conversation_id}/messages")
    async def reply(
        request: Request,
        staff: Member,
        conversation_id: str,
        text: Annotated[str, Form(max_length=20_000)] = "",
    ) -> Response:
        """Speak to the visitor in the conversation; the bubble shows it under the member's name."""
        await services.conversations.get(conversation_id)
        try:
            said = StaffMessage(staff_name=staff.name, text=clean_message(text))
        except (InvalidInput, LimitExceeded) as error:
            refused = RefusedForm(of="reply", draft=text, error=str(error))
            return await show(request, staff, conversation_id, refused)
        await services.log.append(conversation_id, None, [said], services.clock())
        return back_to(conversation_id, "#reply")

    @router.post("/conversations/{conversation_id}/take-over")
    async def take_over(staff: Member, conversation_id: str) -> RedirectResponse:
        """Make Heidi silent and answer oneself."""
        await services.takeovers.begin(conversation_id, staff, services.clock())
        return back_to(conversation_id, "#reply")

    @router.post("/conversations/{conversation_id}/hand-back")
    async def hand_back(staff: Member, conversation_id: str) -> RedirectResponse:
        """Let Heidi answer again."""
        await services.takeovers.end(conversation_id, staff, services.clock())
        return back_to(conversation_id)

    @router.post("/conversations/{conversation_id}/tickets/{ticket_id}/close")
    async def close_ticket(staff: Member, conversation_id: str, ticket_id: str) -> RedirectResponse:
        """The visitor has been helped."""
        await services.tickets.close(ticket_id, staff.staff_id, services.clock())
        return back_to(conversation_id)
