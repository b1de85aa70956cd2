"""Owns the list of conversations: search, filters, queues, pages, and keeping itself new."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from assistant.core.caller import StaffMember
from assistant.review.excerpts import Excerpt, excerpt_of
from assistant.review.list_address import ListAddress
from assistant.review.services import Pages
from assistant.store.conversation_tables import Conversation
from assistant.store.labels import LabelUse
from assistant.store.review_facts import SAID_TYPES
from assistant.store.review_index import MOST_AT_ONCE
from assistant.store.review_queries import Cursor, cursor_of
from assistant.store.review_search import words_of

PAGE_SIZE = 30
MAX_CURSOR_CHARACTERS = 120
LIVE = "/review/live"
LOOKS_BACK = timedelta(hours=1)
"""How far an open list looks for what is new: it asks every few seconds."""


def add_list(router: APIRouter, pages: Pages) -> None:
    """Add `/review`, and its part that changes by itself."""
    services = pages.services
    Member = Annotated[StaffMember, Depends(pages.member)]

    async def excerpts_of(ids: list[str], words: tuple[str, ...]) -> dict[str, Excerpt | None]:
        if not words:
            return {}
        return {
            each: excerpt_of(await services.log.read(each, types=SAID_TYPES), words) for each in ids
        }

    async def found(request: Request, *, looks_back: timedelta | None = None) -> dict[str, Any]:
        address = ListAddress.read(request.query_params)
        now = services.clock()
        read = await services.index.catch_up(since=now - looks_back if looks_back else None)
        places = {name: _cursor(request, name, address) for name in ("after", "before")}
        page = await services.queries.page(
            address.as_filter(), now, sort=address.sort, limit=PAGE_SIZE, **places
        )
        ids = [each.id for each in page.conversations]
        waiting = await services.tickets.waiting()
        is_first = not address.is_filtered and not any(places.values())
        return {
            "address": address,
            "live": address.link(LIVE, **_given(request, places)),
            "is_behind": read >= MOST_AT_ONCE,
            "page": page,
            "queues": await services.queries.queues(now),
            "known": await services.queries.facets_of(ids),
            "last": await services.queries.last_said(ids),
            "labels_of": _by_conversation(await services.labels.of(ids), page.conversations),
            "waiting": waiting if is_first else (),
            "tickets": {ticket.conversation_id: ticket for ticket in waiting},
            "excerpts": await excerpts_of(ids, words_of(address.get("q"))),
            "previous": _link(address, before=page.previous),
            "next": _link(address, after=page.next),
        }

    @router.get("")
    async def conversation_list(request: Request, staff: Member) -> HTMLResponse:
        """Conversations, searchable and filtered by what stands in the address."""
        return pages.render(
            request,
            "conversations.html",
            staff=staff,
            **await found(request),
            facets=await services.queries.facets(),
            labels=await services.labels.all(),
        )

    @router.get(LIVE.removeprefix(router.prefix))
    async def live_list(request: Request, _staff: Member) -> HTMLResponse:
        """What an open list shows instead: the queues and the conversations as they are now."""
        return pages.render(request, "live.html", **await found(request, looks_back=LOOKS_BACK))


def _cursor(request: Request, name: str, address: ListAddress) -> Cursor | None:
    text = request.query_params.get(name, "")[:MAX_CURSOR_CHARACTERS]
    return cursor_of(text, address.sort) if text else None


def _given(request: Request, places: dict[str, Cursor | None]) -> dict[str, str]:
    """The place of the page as the address has it."""
    return {name: request.query_params[name] for name, cursor in places.items() if cursor}


def _link(address: ListAddress, **cursors: Cursor | None) -> str:
    ((name, cursor),) = cursors.items()
    return address.link(**{name: f"{cursor.value}~{cursor.id}"}) if cursor else ""


def _by_conversation(
    uses: tuple[LabelUse, ...], conversations: tuple[Conversation, ...]
) -> dict[str, list[LabelUse]]:
    """Each label once for a conversation, on however many of its answers it is."""
    found: dict[str, dict[str, LabelUse]] = {each.id: {} for each in conversations}
    for use in uses:
        found[use.conversation_id].setdefault(use.name, use)
    return {key: list(named.values()) for key, named in found.items()}
