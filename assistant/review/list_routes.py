"""Owns the list of conversations: search, filters, queues, order and pages."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from assistant.core.caller import StaffMember
from assistant.review.excerpts import Excerpt, excerpt_of
from assistant.review.list_address import ListAddress
from assistant.review.services import Pages
from assistant.store.conversation_tables import Conversation
from assistant.store.labels import LabelUse
from assistant.store.review_index import MOST_AT_ONCE, SAID_TYPES
from assistant.store.review_queries import Cursor, cursor_of, words_of

PAGE_SIZE = 30
MAX_CURSOR_CHARACTERS = 120


def add_list(router: APIRouter, pages: Pages) -> None:
    """Add `/review`."""
    services = pages.services
    Member = Annotated[StaffMember, Depends(pages.member)]

    async def excerpts_of(ids: list[str], words: tuple[str, ...]) -> dict[str, Excerpt | None]:
        if not words:
            return {}
        return {
            each: excerpt_of(await services.log.read(each, types=SAID_TYPES), words) for each in ids
        }

    @router.get("")
    async def conversation_list(request: Request, staff: Member) -> HTMLResponse:
        """Conversations, searchable and filtered by what stands in the address."""
        address = ListAddress.read(request.query_params)
        now = services.clock()
        read = await services.index.catch_up()
        after, before = (_cursor(request, name, address) for name in ("after", "before"))
        found = await services.queries.page(
            address.as_filter(),
            now,
            sort=address.sort,
            after=after,
            before=before,
            limit=PAGE_SIZE,
        )
        ids = [each.id for each in found.conversations]
        waiting = await services.tickets.waiting()
        is_first = not address.is_filtered and after is None and before is None
        return pages.render(
            request,
            "conversations.html",
            staff=staff,
            address=address,
            is_behind=read >= MOST_AT_ONCE,
            page=found,
            facets=await services.queries.facets(now),
            known=await services.queries.facets_of(ids),
            labels=await services.labels.all(),
            labels_of=_by_conversation(await services.labels.of(ids), found.conversations),
            waiting=waiting if is_first else (),
            tickets={ticket.conversation_id: ticket for ticket in waiting},
            excerpts=await excerpts_of(ids, words_of(address.get("q"))),
            previous=_link(address, before=found.previous),
            next=_link(address, after=found.next),
        )


def _cursor(request: Request, name: str, address: ListAddress) -> Cursor | None:
    text = request.query_params.get(name, "")[:MAX_CURSOR_CHARACTERS]
    return cursor_of(text, address.sort) if text else None


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
