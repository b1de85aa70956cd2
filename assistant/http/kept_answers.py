"""Owns the keeping of answers that belong to no visitor's conversation, so that staff see them.

Each request of the OpenAI-compatible API becomes a conversation of one turn in the log. The turn
counts against the budgets like any other.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime, timedelta

from assistant.core.caller import AnonymousVisitor
from assistant.core.events import (
    EventBody,
    TurnCompleted,
    TurnFailed,
    TurnInterrupted,
    TurnStarted,
)
from assistant.core.turns import Turn
from assistant.store.conversation_tables import Conversation, StoredTurn
from assistant.store.conversations import Conversations, TurnStart, TurnStatus
from assistant.store.event_log import EventLog
from assistant.store.uninterrupted import uninterrupted

OWNER = "openai-api"
LEASE_BEYOND_TIMEOUT_S = 60.0
"""Nobody renews the lease of such a turn: it holds for as long as the answer may take."""
CLIENT_LEFT = "The client went away."
FAILED = "The answer failed."


@dataclass(frozen=True, kw_only=True)
class KeptAnswers:
    """Writes answers to the log."""

    conversations: Conversations
    log: EventLog
    clock: Callable[[], datetime]
    timeout_s: float

    async def begin(self, turn: Turn, caller: AnonymousVisitor, agent: str) -> StoredTurn:
        """Keep the question.

        Raises:
            BudgetSpent: the site has used up what it may in a day.
        """
        stored = StoredTurn(
            id=turn.id,
            conversation_id=turn.conversation_id,
            client_turn_id=turn.id,
            status="running",
            after_seq=0,
            created_at=turn.now,
        )
        started = TurnStarted(message=turn.message, client_turn_id=turn.id, agent=agent)
        start = TurnStart(
            message=turn.message,
            owner=OWNER,
            lease_until=turn.now + timedelta(seconds=self.timeout_s + LEASE_BEYOND_TIMEOUT_S),
            write_first_event=self.log.writer(turn.conversation_id, turn.id, started, turn.now),
        )
        await self.conversations.create(_conversation(turn, caller))
        return await self.conversations.start_turn(stored, start)

    async def keep(
        self, stored: StoredTurn, events: AsyncGenerator[EventBody, None]
    ) -> AsyncGenerator[EventBody, None]:
        """Pass the events on, and keep them once they have ended, however they do."""
        said: list[tuple[EventBody, datetime]] = []
        ending: EventBody = TurnInterrupted(reason=CLIENT_LEFT)
        try:
            async with aclosing(events):
                async for body in events:
                    if isinstance(body, TurnCompleted):
                        ending = body
                    else:
                        said.append((body, self.clock()))
                    yield body
        except Exception:
            ending = TurnFailed(error="agent-failed", message=FAILED)
            raise
        finally:
            await uninterrupted(self._end(stored, said, ending))

    async def _end(
        self, stored: StoredTurn, said: list[tuple[EventBody, datetime]], ending: EventBody
    ) -> None:
        last_events = self.log.writer_of(
            stored.conversation_id, stored.id, [*said, (ending, self.clock())]
        )
        await self.conversations.end_turn(stored, _status(ending), last_events)
        await self.log.publish(last_events)


def _status(ending: EventBody) -> TurnStatus:
    match ending:
        case TurnFailed():
            return "failed"
        case TurnInterrupted():
            return "interrupted"
        case _:
            return "completed"


def _conversation(turn: Turn, caller: AnonymousVisitor) -> Conversation:
    return Conversation(
        id=turn.conversation_id,
        visitor_id=caller.visitor_id,
        customer_id=None,
        customer_name="",
        timezone=turn.timezone.key,
        locale=turn.locale,
        is_paused=False,
        first_message="",
        turn_count=0,
        created_at=turn.now,
        updated_at=turn.now,
    )
