"""Owns what staff write beside a conversation: labels, their list, and notes for colleagues."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from assistant.core.caller import StaffMember
from assistant.core.errors import Conflict, InvalidInput, LimitExceeded
from assistant.review.conversation_routes import RefusedForm, ShowConversation
from assistant.review.services import Pages, back_to
from assistant.store.labels import MAX_NAME_CHARACTERS

Line = Annotated[str, Form(max_length=500)]
LABELS = "/review/labels"


def add_labelling(  # noqa: C901 - one form after another
    router: APIRouter, pages: Pages, show: ShowConversation
) -> None:
    """Add the forms of labels and notes, and the list of labels."""
    services = pages.services
    Member = Annotated[StaffMember, Depends(pages.member)]

    @router.post("/conversations/{conversation_id}/labels")
    async def add_label(
        request: Request,
        staff: Member,
        conversation_id: str,
        label: Line = "",
        turn_id: Annotated[str, Form(max_length=40)] = "",
    ) -> Response:
        """Put a label on the conversation, or on one of its answers."""
        await services.conversations.get(conversation_id)
        if turn_id:
            await services.conversations.turn(conversation_id, turn_id)
        try:
            await services.labels.add(conversation_id, turn_id, label, staff, services.clock())
        except (InvalidInput, Conflict) as error:
            words = f"{error.detail} {error.remedy}".strip()
            refused = RefusedForm(of=f"label-{turn_id}", draft=label, error=words)
            return await show(request, staff, conversation_id, refused)
        return back_to(conversation_id, f"#{turn_id}" if turn_id else "#labels")

    @router.post("/conversations/{conversation_id}/labels/{use_id}/remove")
    async def remove_label(staff: Member, conversation_id: str, use_id: str) -> RedirectResponse:
        """Take a label off."""
        await services.labels.remove(conversation_id, use_id, staff, services.clock())
        return back_to(conversation_id, "#labels")

    @router.post("/conversations/{conversation_id}/notes")
    async def write_note(
        request: Request,
        staff: Member,
        conversation_id: str,
        text: Annotated[str, Form(max_length=20_000)] = "",
    ) -> Response:
        """Write a note that no visitor sees."""
        await services.conversations.get(conversation_id)
        try:
            await services.notes.write(conversation_id, text, staff, services.clock())
        except (InvalidInput, LimitExceeded) as error:
            refused = RefusedForm(of="note", draft=text, error=error.detail)
            return await show(request, staff, conversation_id, refused)
        return back_to(conversation_id, "#notes")

    @router.post("/conversations/{conversation_id}/notes/{note_id}/delete")
    async def delete_note(staff: Member, conversation_id: str, note_id: str) -> RedirectResponse:
        """Delete a note of one's own."""
        await services.notes.delete(conversation_id, note_id, staff)
        return back_to(conversation_id, "#notes")

    @router.get("/labels")
    async def label_list(request: Request, staff: Member) -> HTMLResponse:
        """The labels and how often each is in use."""
        return await list_with(request, staff)

    async def list_with(request: Request, staff: StaffMember, error: str = "") -> HTMLResponse:
        return pages.render(
            request,
            "labels.html",
            staff=staff,
            labels=await services.labels.all(),
            max_label=MAX_NAME_CHARACTERS,
            error=error,
            status_code=422 if error else 200,
        )

    @router.post("/labels/{label_id}/rename")
    async def rename_label(
        request: Request, staff: Member, label_id: str, name: Line = ""
    ) -> Response:
        """Give a label another name, wherever it is."""
        try:
            await services.labels.rename(label_id, name)
        except (InvalidInput, Conflict) as error:
            return await list_with(request, staff, error.detail)
        return RedirectResponse(LABELS, status_code=303)

    @router.post("/labels/{label_id}/retire")
    async def retire_label(staff: Member, label_id: str) -> RedirectResponse:
        """Take a label off everything and off the list."""
        await services.labels.retire(label_id, staff, services.clock())
        return RedirectResponse(LABELS, status_code=303)
