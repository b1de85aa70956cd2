"""Owns the chat endpoints of docs/http-api.md: reads the request, asks the runner, answers."""

import secrets
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractContextManager, aclosing, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.responses import JSONResponse
from sse_starlette import EventSourceResponse

from assistant.agents.runner import TurnRunner
from assistant.core.caller import VerifiedCustomer
from assistant.core.errors import IdentityRequired
from assistant.core.events import (
    ConversationPaused,
    ConversationResumed,
    Feedback,
    TurnEvent,
)
from assistant.core.messages import clean_message
from assistant.core.projection import visitor_view
from assistant.core.timezones import zone
from assistant.core.transcript import FOLDED_TYPES, fold
from assistant.http.callers import CallerReader, Owner
from assistant.http.errors import MalformedLastEventId
from assistant.http.readers import Readers
from assistant.http.rotation import SUCCESSOR_RESPONSES
from assistant.http.schemas import (
    ActionDecision,
    ConversationCreated,
    ConversationSummary,
    Customer,
    IdentityAttached,
    NewConversation,
    NewTurn,
    Resumed,
    TranscriptTurnView,
    TranscriptView,
    TurnAccepted,
    TurnFeedback,
    TurnNamed,
)
from assistant.http.tokens import VisitorClaims, VisitorTokens
from assistant.store.conversation_tables import Conversation, StoredTurn
from assistant.store.conversations import Conversations
from assistant.store.event_log import EventLog
from assistant.streaming.sse import Rejoin, sse_response
from assistant.streaming.tail import Idle

GREETING = (
    "How can I help? Ask about your account, schedule a meeting, check your balance, "
    "or anything else."
)


@dataclass(frozen=True, kw_only=True)
class ChatServices:
    """What the chat endpoints need."""

    conversations: Conversations
    log: EventLog
    readers: Readers
    runner: TurnRunner
    callers: CallerReader
    visitor_tokens: VisitorTokens
    clock: Callable[[], datetime]
    suggestions: tuple[str, ...]
    link_hosts: tuple[str, ...] = ()
    """Hosts that a message may link to besides this server's and those of cited sources."""
    pause_after_s: float
    """A stream on which nothing happens for so long pauses its conversation."""
    open_stream: Callable[[], AbstractContextManager[None]] = nullcontext
    """Entered while a stream is read: counts them."""


def chat_router(services: ChatServices) -> APIRouter:  # noqa: C901 - one endpoint after another
    """The endpoints under `/v1/conversations`."""
    router = APIRouter(prefix="/v1/conversations", tags=["chat"], responses=SUCCESSOR_RESPONSES)

    async def owner(request: Request, conversation_id: str) -> Owner:
        return await services.callers.owner(request, conversation_id)

    Owned = Annotated[Owner, Depends(owner)]

    @router.post("", status_code=201)
    async def create_conversation(body: NewConversation | None = None) -> ConversationCreated:
        """Start a conversation; the token in the answer owns it."""
        wanted = body or NewConversation()
        zone(wanted.timezone)
        now = services.clock()
        conversation = Conversation(
            id=f"conv_{secrets.token_hex(12)}",
            visitor_id=f"vis_{secrets.token_hex(12)}",
            customer_id=None,
            customer_name="",
            timezone=wanted.timezone,
            locale=wanted.locale,
            is_paused=False,
            first_message="",
            turn_count=0,
            created_at=now,
            updated_at=now,
        )
        await services.conversations.create(conversation)
        token = services.visitor_tokens.sign(
            VisitorClaims(visitor_id=conversation.visitor_id, conversation_id=conversation.id)
        )
        return ConversationCreated(
            id=conversation.id,
            token=token,
            greeting=GREETING,
            suggestions=list(services.suggestions),
        )

    @router.get("/{conversation_id}")
    async def get_transcript(owned: Owned) -> TranscriptView:
        """The whole conversation, for its owner."""
        events = await services.log.read(owned.conversation.id)
        return _transcript_view(owned.conversation, events, services.link_hosts)

    @router.get("/{conversation_id}/summary")
    async def get_summary(owned: Owned) -> ConversationSummary:
        """What a list shows of the conversation, for its owner."""
        conversation = owned.conversation
        return ConversationSummary(
            id=conversation.id,
            title=conversation.first_message,
            created_at=conversation.created_at,
            updated_at=conversation.updated_at,
        )

    @router.post("/{conversation_id}/turns", status_code=202, response_model=TurnAccepted)
    async def create_turn(
        owned: Owned, body: NewTurn, accept: Annotated[str, Header()] = ""
    ) -> Response:
        """Ask something; answers with the turn's events when `text/event-stream` is accepted."""
        message = clean_message(body.message)
        turn = await services.runner.ask(
            owned.conversation, owned.caller, message, body.client_turn_id
        )
        return _turn_response(services, owned, turn, accept)

    @router.post("/{conversation_id}/turns/{turn_id}/cancel", status_code=202)
    async def cancel_turn(owned: Owned, turn_id: str) -> TurnNamed:
        """Stop answering; what was said stays."""
        await services.runner.cancel(owned.conversation.id, turn_id)
        return TurnNamed(turn_id=turn_id)

    @router.post("/{conversation_id}/turns/{turn_id}/feedback", status_code=204)
    async def give_feedback(owned: Owned, turn_id: str, body: TurnFeedback) -> None:
        """Judge an answer; a later judgement replaces the earlier one."""
        await services.conversations.turn(owned.conversation.id, turn_id)
        event = Feedback(rating=body.rating, comment=body.comment)
        await services.log.append(owned.conversation.id, turn_id, [event], services.clock())

    @router.post(
        "/{conversation_id}/actions/{action_id}", status_code=202, response_model=TurnAccepted
    )
    async def decide_action(
        owned: Owned, action_id: str, body: ActionDecision, accept: Annotated[str, Header()] = ""
    ) -> Response:
        """Confirm or decline a write; the decision starts a turn of its own."""
        turn = await services.runner.decide(
            owned.conversation, owned.caller, action_id, body.decision, body.client_turn_id
        )
        return _turn_response(services, owned, turn, accept)

    @router.post("/{conversation_id}/identity")
    async def attach_identity(request: Request, owned: Owned) -> IdentityAttached:
        """The visitor has signed in: bind the conversation and ask a waiting question again."""
        caller = owned.caller
        if not isinstance(caller, VerifiedCustomer):
            raise IdentityRequired(
                "No identity token came with the request.",
                remedy="Send the host page's token as X-Heidi-Identity.",
            )
        has_signed_in = await services.conversations.attach_customer(
            owned.conversation.id, caller.customer_id, caller.name
        )
        if has_signed_in:
            await services.callers.renew(request, owned)
            await services.log.notify(owned.conversation.id)
        turn_id = await _ask_waiting_question(services, owned)
        return IdentityAttached(customer=Customer(name=caller.name), turn_id=turn_id)

    @router.post("/{conversation_id}/resume")
    async def resume(owned: Owned) -> Resumed:
        """End a pause."""
        conversation_id = owned.conversation.id
        resumed = ConversationResumed(by="visitor")
        await _set_paused(services, conversation_id, resumed, is_paused=False)
        return Resumed(after=await services.log.last_seq(conversation_id))

    @router.get("/{conversation_id}/events", response_class=EventSourceResponse)
    async def tail_events(
        owned: Owned,
        after: Annotated[str | None, Query()] = None,
        last_event_id: Annotated[str | None, Header()] = None,
    ) -> EventSourceResponse:
        """Replay everything after a number, then go on live."""
        start = _event_number(last_event_id if last_event_id is not None else after)
        last = await services.log.last_seq(owned.conversation.id)
        if start > last:
            raise MalformedLastEventId(
                f"The conversation has no event {start}; its last one is {last}.",
                remedy="Read the transcript again and go on after its last_seq.",
            )
        return sse_response(_until_paused(services, owned, start), services.open_stream)

    return router


async def _ask_waiting_question(services: ChatServices, owned: Owner) -> str | None:
    """Ask the last question again if it waited for sign-in; once, however often it is called."""
    transcript = fold(await services.log.read(owned.conversation.id, types=FOLDED_TYPES))
    last = transcript.turns[-1] if transcript.turns else None
    if last is None or last.outcome != "sign_in_required":
        return None
    turn = await services.runner.ask(
        owned.conversation, owned.caller, last.message, f"signed-in:{last.id}"
    )
    return turn.id


async def _until_paused(
    services: ChatServices, owned: Owner, after: int
) -> AsyncGenerator[Sequence[TurnEvent] | Rejoin, None]:
    """Events until the conversation is paused or its reader's credentials are no longer good."""
    async with aclosing(services.readers.follow(owned, after=after)) as batches:
        async for batch in batches:
            if not isinstance(batch, Idle):
                yield batch
                if await _ends_with(services, batch):
                    return
            elif batch.seconds >= services.pause_after_s:
                paused = ConversationPaused(reason="Nothing happened for a while.")
                await _set_paused(services, owned.conversation.id, paused, is_paused=True)


async def _set_paused(
    services: ChatServices,
    conversation_id: str,
    event: ConversationPaused | ConversationResumed,
    *,
    is_paused: bool,
) -> None:
    write = services.log.writer(conversation_id, None, event, services.clock())
    if await services.conversations.set_paused(
        conversation_id, is_paused=is_paused, write_event=write
    ):
        await services.log.publish(write)


async def _ends_with(services: ChatServices, batch: Sequence[TurnEvent] | Rejoin) -> bool:
    """Whether its last is a pause that nothing follows: a pause that was resumed ends no stream."""
    if isinstance(batch, Rejoin) or not isinstance(batch[-1].body, ConversationPaused):
        return False
    return await services.log.last_seq(batch[-1].conversation_id) == batch[-1].seq


def _turn_response(services: ChatServices, owned: Owner, turn: StoredTurn, accept: str) -> Response:
    if "text/event-stream" in accept:
        batches = services.readers.follow_turn(owned, turn.id, after=turn.after_seq)
        return sse_response(batches, services.open_stream)
    accepted = TurnAccepted(turn_id=turn.id, after=turn.after_seq)
    return JSONResponse(accepted.model_dump(), status_code=202)


def _event_number(value: str | None) -> int:
    if value is None or value == "":
        return 0
    if not value.isascii() or not value.isdigit() or len(value) > 18:
        raise MalformedLastEventId(
            "Last-Event-ID must be the number of an event.",
            remedy="Send the id of the last event you have, or nothing to read from the start.",
        )
    return int(value)


def _transcript_view(
    conversation: Conversation, events: tuple[TurnEvent, ...], link_hosts: tuple[str, ...]
) -> TranscriptView:
    transcript = fold(events)
    views = [visitor_view(event) for event in events]
    citations: dict[str, list[dict[str, object]]] = {}
    for view in views:
        if view["type"] == "citation":
            citations.setdefault(view["turn_id"], []).append(view)
    return TranscriptView(
        id=conversation.id,
        created_at=conversation.created_at,
        timezone=conversation.timezone,
        is_paused=conversation.is_paused,
        last_seq=transcript.last_seq,
        link_hosts=list(link_hosts),
        turns=[
            TranscriptTurnView(
                id=turn.id,
                message=turn.message,
                status=turn.status,
                outcome=turn.outcome,
                answer=turn.answer,
                citations=citations.get(turn.id, []),
                started_at=turn.started_at,
                ended_at=turn.ended_at,
                feedback=turn.feedback,
            )
            for turn in transcript.turns
        ],
        events=views,
    )
