"""Owns the pages of the staff console: sign-in, list of conversations, a conversation's trace."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.templating import Jinja2Templates
from markupsafe import Markup
from starlette.exceptions import HTTPException

from assistant.core.caller import StaffMember
from assistant.core.errors import InvalidInput, LimitExceeded, NotFound
from assistant.core.events import StaffMessage
from assistant.core.links import local_path
from assistant.core.messages import clean_message
from assistant.review.session import StaffSessions
from assistant.review.trace import timeline
from assistant.store.conversations import Conversations
from assistant.store.event_log import EventLog
from assistant.store.tickets import Tickets

PAGE_SIZE = 30
LAST_PAGE = 10_000
WRONG_PASSWORD = (
    "E-mail and password don't match. Try again, or ask whoever runs Heidi for a new password."
)
_HERE = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class ReviewServices:
    """What the console needs."""

    sessions: StaffSessions
    conversations: Conversations
    log: EventLog
    tickets: Tickets
    clock: Callable[[], datetime]


def static_folder() -> Path:
    """The console's static files, to be mounted at `/review/static`."""
    return _HERE / "static"


def review_router(services: ReviewServices) -> APIRouter:  # noqa: C901 - one page after another
    """The pages under `/review`; all but sign-in are for staff only."""
    router = APIRouter(prefix="/review", include_in_schema=False)
    templates = Jinja2Templates(directory=_HERE / "templates")
    templates.env.filters["local_path"] = local_path
    templates.env.filters["moment"] = _moment
    templates.env.filters["ago"] = lambda at: _ago(at, services.clock())

    async def member(request: Request) -> StaffMember:
        signed_in = await services.sessions.current(request)
        if signed_in is None:
            raise HTTPException(303, headers={"Location": "/review/sign-in"})
        return signed_in

    Member = Annotated[StaffMember, Depends(member)]

    def page(
        request: Request, name: str, *, status_code: int = 200, **context: object
    ) -> HTMLResponse:
        return templates.TemplateResponse(
            request,
            name,
            context,
            status_code=status_code,
            headers={"Cache-Control": "no-store"},
        )

    @router.get("/sign-in")
    async def sign_in_page(request: Request) -> HTMLResponse:
        """The sign-in form."""
        return page(request, "sign_in.html", error="", email="")

    @router.post("/sign-in")
    async def sign_in(
        request: Request,
        email: Annotated[str, Form(max_length=254)],
        password: Annotated[str, Form(max_length=200)],
    ) -> Response:
        """Check address and password, open a session."""
        response = RedirectResponse("/review", status_code=303)
        if await services.sessions.sign_in(response, email=email, password=password):
            return response
        return page(
            request,
            "sign_in.html",
            status_code=401,
            error=WRONG_PASSWORD,
            email=email,
        )

    @router.post("/sign-out")
    async def sign_out() -> RedirectResponse:
        """Close the session."""
        response = RedirectResponse("/review/sign-in", status_code=303)
        services.sessions.sign_out(response)
        return response

    @router.get("")
    async def conversation_list(
        request: Request,
        staff: Member,
        q: Annotated[str, Query(max_length=200)] = "",
        page_text: Annotated[str, Query(alias="page", max_length=20)] = "1",
    ) -> Response:
        """Conversations, latest first, searchable."""
        page_number = _page_number(page_text)
        found, total = await services.conversations.page(
            search=q.strip(), offset=(page_number - 1) * PAGE_SIZE, limit=PAGE_SIZE
        )
        pages = max(1, -(-total // PAGE_SIZE))
        if page_number > pages:
            return RedirectResponse(f"/review?q={quote(q)}&page={pages}", status_code=303)
        return page(
            request,
            "conversations.html",
            staff=staff,
            conversations=found,
            total=total,
            q=q,
            waiting=() if q or page_number > 1 else await services.tickets.waiting(),
            page_number=page_number,
            pages=pages,
        )

    @router.get("/conversations/{conversation_id}")
    async def conversation_page(
        request: Request, staff: Member, conversation_id: str
    ) -> HTMLResponse:
        """One conversation: what was said, and how each answer came about."""
        return await conversation_with(request, staff, conversation_id)

    async def conversation_with(
        request: Request,
        staff: StaffMember,
        conversation_id: str,
        *,
        draft: str = "",
        error: str = "",
    ) -> HTMLResponse:
        try:
            conversation = await services.conversations.get(conversation_id)
        except NotFound:
            return page(request, "not_found.html", staff=staff, status_code=404)
        events = await services.log.read(conversation_id)
        return page(
            request,
            "conversation.html",
            staff=staff,
            conversation=conversation,
            timeline=timeline(events),
            ticket=await services.tickets.open_for(conversation_id),
            draft=draft,
            error=error,
            status_code=422 if error else 200,
        )

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
            return await conversation_with(
                request, staff, conversation_id, draft=text, error=str(error)
            )
        await services.log.append(conversation_id, None, [said], services.clock())
        return _back_to(conversation_id, "#reply")

    @router.post("/conversations/{conversation_id}/tickets/{ticket_id}/close")
    async def close_ticket(staff: Member, conversation_id: str, ticket_id: str) -> RedirectResponse:
        """The visitor has been helped."""
        await services.tickets.close(ticket_id, staff.staff_id, services.clock())
        return _back_to(conversation_id)

    return router


def _page_number(text: str) -> int:
    """The first page for what is no number of a page."""
    is_number = text.isascii() and text.isdigit()
    return max(1, min(int(text), LAST_PAGE)) if is_number else 1


def _back_to(conversation_id: str, place: str = "") -> RedirectResponse:
    address = f"/review/conversations/{quote(conversation_id)}{place}"
    return RedirectResponse(address, status_code=303)


def _moment(at: datetime) -> Markup:
    iso, day, time = at.isoformat(), at.strftime("%-d %b %Y"), at.strftime("%H:%M")
    return Markup('<time datetime="{}" title="{}, {} UTC">{}</time>').format(iso, day, time, time)


def _ago(at: datetime, now: datetime) -> str:
    seconds = max(0, int((now - at).total_seconds()))
    for size, unit in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = seconds // size
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"
