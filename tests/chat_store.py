"""A database with the tables of chat, and builders of what is kept in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from assistant.core.actions import Action
from assistant.core.events import TextDelta, TurnStarted
from assistant.core.toolbox import hash_arguments
from assistant.store.actions import ActionRow, SqlActionStore
from assistant.store.conversation_tables import Conversation, ConversationRow, StoredTurn, TurnRow
from assistant.store.conversations import Conversations, TurnStart
from assistant.store.database import Database
from assistant.store.erasure_table import ErasureRow
from assistant.store.event_log import EventLog, EventRow
from assistant.streaming.notifier import InProcessNotifier
from assistant.streaming.tail import Tail
from tests.contracts.databases import open_database

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
CHAT_TABLES = [row.__table__ for row in (ConversationRow, TurnRow, EventRow, ActionRow, ErasureRow)]


@dataclass(frozen=True, kw_only=True)
class ChatStore:
    """The stores of chat on one database."""

    database: Database
    notifier: InProcessNotifier
    log: EventLog
    conversations: Conversations
    actions: SqlActionStore

    @property
    def tail(self) -> Tail:
        """Reads the log as it grows."""
        return Tail(self.log, self.notifier)

    async def start_turn(
        self, conversation_id: str, client_turn_id: str = "client-1", **changes: object
    ) -> StoredTurn:
        """A running turn with its first event."""
        turn = stored_turn(conversation_id, client_turn_id)
        return await self.conversations.start_turn(turn, self.turn_start(turn, **changes))

    def turn_start(self, turn: StoredTurn, **changes: object) -> TurnStart:
        """What comes with a new turn."""
        started = TurnStarted(message="Hi", client_turn_id=turn.client_turn_id, agent="scripted")
        start = TurnStart(
            message="Hi",
            owner="owner-1",
            lease_until=NOW + timedelta(seconds=15),
            write_first_event=self.log.writer(turn.conversation_id, turn.id, started, NOW),
        )
        return replace(start, **changes)


@asynccontextmanager
async def open_chat_store(kind: str, folder: Path) -> AsyncIterator[ChatStore]:
    async with open_database(kind, folder, CHAT_TABLES) as database:
        yield chat_store(database)


def chat_store(database: Database) -> ChatStore:
    notifier = InProcessNotifier()
    return ChatStore(
        database=database,
        notifier=notifier,
        log=EventLog(database, notifier),
        conversations=Conversations(database),
        actions=SqlActionStore(database),
    )


def another_process(store: ChatStore) -> ChatStore:
    """The same database with connections, locks and wake-ups of its own."""
    url = store.database.engine.url.render_as_string(hide_password=False)
    return chat_store(Database(url))


def conversation(conversation_id: str = "conv-1", **changes: object) -> Conversation:
    usual = Conversation(
        id=conversation_id,
        visitor_id="vis-1",
        customer_id=None,
        customer_name="",
        timezone="Europe/Zurich",
        locale="en",
        is_paused=False,
        first_message="",
        turn_count=0,
        created_at=NOW,
        updated_at=NOW,
    )
    return replace(usual, **changes)


def stored_turn(conversation_id: str, client_turn_id: str, **changes: object) -> StoredTurn:
    usual = StoredTurn(
        id=f"turn-{conversation_id}-{client_turn_id}",
        conversation_id=conversation_id,
        client_turn_id=client_turn_id,
        status="running",
        after_seq=0,
        created_at=NOW,
    )
    return replace(usual, **changes)


def action(action_id: str = "action-1", **changes: object) -> Action:
    arguments = {"title": "Call"}
    usual = Action(
        id=action_id,
        conversation_id="conv-1",
        turn_id="turn-1",
        customer_id="cust-ada",
        tool="book_meeting",
        arguments=arguments,
        arguments_hash=hash_arguments("book_meeting", arguments),
        title="Book a call",
        created_at=NOW,
        expires_at=NOW + timedelta(minutes=10),
    )
    return replace(usual, **changes)


def deltas(*texts: object) -> list[TextDelta]:
    return [TextDelta(text=str(text)) for text in texts]
