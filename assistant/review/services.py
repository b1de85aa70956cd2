"""Owns what the pages of the console share: their services, templates and the member signed in."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute
from fastapi.templating import Jinja2Templates
from markupsafe import Markup
from starlette.exceptions import HTTPException

from assistant.core.caller import StaffMember
from assistant.core.errors import HeidiError
from assistant.core.links import local_path
from assistant.http.errors import kind_of
from assistant.review.answers import answer_markup
from assistant.review.insights import Insights
from assistant.review.knowledge_gaps import Meaning
from assistant.review.session import StaffSessions
from assistant.site.presentation import counted
from assistant.store.conversations import Conversations
from assistant.store.database import Database
from assistant.store.event_log import EventLog
from assistant.store.labels import Labels
from assistant.store.review_gaps import ReviewGaps
from assistant.store.review_index import ReviewIndex
from assistant.store.review_insights import ReviewInsights
from assistant.store.review_queries import ReviewQueries
from assistant.store.saved_questions import SavedQuestions
from assistant.store.staff_notes import Notes
from assistant.store.takeovers import Takeovers
from assistant.store.tickets import Tickets

HERE = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class ReviewServices:
    """What the console needs."""

    sessions: StaffSessions
    conversations: Conversations
    log: EventLog
    tickets: Tickets
    labels: Labels
    notes: Notes
    questions: SavedQuestions
    takeovers: Takeovers
    index: ReviewIndex
    queries: ReviewQueries
    insights: Insights
    clock: Callable[[], datetime]


def review_services(
    database: Database,
    log: EventLog,
    conversations: Conversations,
    sessions: StaffSessions,
    clock: Callable[[], datetime],
    *,
    takeovers: Takeovers,
    meaning: Callable[[], Meaning | None],
) -> ReviewServices:
    """The console's services on one database; `meaning` gives None while the search is loading."""
    index = ReviewIndex(database)
    insights = Insights(index, ReviewInsights(database), ReviewGaps(database), meaning, clock)
    return ReviewServices(
        sessions=sessions,
        conversations=conversations,
        log=log,
        tickets=Tickets(database),
        labels=Labels(database),
        notes=Notes(database),
        questions=SavedQuestions(database),
        takeovers=takeovers,
        index=index,
        queries=ReviewQueries(database),
        insights=insights,
        clock=clock,
    )


class Pages:
    """Renders pages for the member who is signed in.

    Args:
        services: what the pages show.
    """

    def __init__(self, services: ReviewServices) -> None:
        self.services = services
        self._templates = templates(services.clock)

    async def member(self, request: Request) -> StaffMember:
        """Who is signed in; everybody else is sent to the sign-in page."""
        signed_in = await self.services.sessions.current(request)
        if signed_in is None:
            raise HTTPException(303, headers={"Location": "/review/sign-in"})
        return signed_in

    def render(
        self, request: Request, name: str, *, status_code: int = 200, **context: object
    ) -> HTMLResponse:
        """A page; never kept by a browser, since it shows what visitors said."""
        return self._templates.TemplateResponse(
            request,
            name,
            context,
            status_code=status_code,
            headers={"Cache-Control": "no-store"},
        )


class ConsoleRoute(APIRoute):
    """A route whose errors are pages, and which takes forms from its own pages only.

    The session's cookie is not sent from other sites (SameSite=strict); browsers that tell where a
    request comes from (Fetch Metadata) are believed on top of that.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, inside."""
        handle = super().get_route_handler()

        async def handling(request: Request) -> Response:
            origin = request.headers.get("Sec-Fetch-Site", "same-origin")
            if request.method == "POST" and origin not in {"same-origin", "none"}:
                return _error_page(
                    request, 403, "This form was sent from another site.", "Open the console anew."
                )
            try:
                return await handle(request)
            except HeidiError as error:
                return _error_page(request, kind_of(error).status, error.detail, error.remedy)
            except RequestValidationError as error:
                field = error.errors()[0]["loc"][-1]
                return _error_page(
                    request, 422, f"“{field}” is missing or too long.", "Go back and change it."
                )

        return handling


def _error_page(request: Request, status: int, detail: str, remedy: str) -> Response:
    return _timeless_templates().TemplateResponse(
        request,
        "error.html",
        {"detail": detail, "remedy": remedy},
        status_code=status,
        headers={"Cache-Control": "no-store"},
    )


def templates(clock: Callable[[], datetime] | None) -> Jinja2Templates:
    """The console's templates; without a clock, those that tell no times."""
    made = Jinja2Templates(directory=HERE / "templates")
    made.env.filters["local_path"] = local_path
    made.env.filters["moment"] = _moment
    made.env.filters["answer"] = answer_markup
    made.env.filters["minutes"] = _minutes
    made.env.filters["human"] = lambda value: str(value).replace("_", " ").capitalize()
    if clock is not None:
        made.env.filters["ago"] = lambda at: ago(at, clock())
        made.env.filters["span"] = lambda at: span(at, clock())
    return made


@cache
def _timeless_templates() -> Jinja2Templates:
    """For pages that tell no times; made once, since their templates are compiled."""
    return templates(None)


def back_to(conversation_id: str, place: str = "") -> RedirectResponse:
    """To the conversation's page, after a form."""
    address = f"/review/conversations/{quote(conversation_id)}{place}"
    return RedirectResponse(address, status_code=303)


def ago(at: datetime, now: datetime) -> str:
    """How long ago, in its largest unit."""
    seconds = max(0, int((now - at).total_seconds()))
    for size, unit in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            return f"{counted(seconds // size, unit)} ago"
    return "just now"


def span(at: datetime, now: datetime) -> str:
    """For how long, in its largest unit; empty for less than a minute."""
    told = ago(at, now)
    return told.removesuffix(" ago") if told.endswith("ago") else ""


def _minutes(span: timedelta) -> str:
    return counted(max(1, round(span.total_seconds() / 60)), "minute")


def _moment(at: datetime) -> Markup:
    iso, day, time = at.isoformat(), at.strftime("%-d %b %Y"), at.strftime("%H:%M")
    return Markup('<time datetime="{}" title="{}, {} UTC">{}</time>').format(iso, day, time, time)
