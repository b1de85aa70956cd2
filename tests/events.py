"""One example of every type of event; what only staff may see holds the word SECRET."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import get_args

from assistant.core import events
from assistant.core.events import EventBody, TurnEvent

AT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SECRET = {"SECRET": "SECRET"}

PASSAGE = events.PassageRef(
    chunk_id="SECRET",
    briefing_id="SECRET",
    title="Robots walk",
    path="/briefings/robots-walk",
    date="2026-11-20",
    score=0.8125,
    scores={"SECRET": 0.5},
    text="SECRET",
)

EXAMPLES: tuple[EventBody, ...] = (
    events.TurnStarted(message="Hello?", client_turn_id="client-1", agent="SECRET"),
    events.Status(text="Searching the briefings", detail=SECRET),
    events.Retrieval(query="SECRET", filters=SECRET, passages=(PASSAGE,), elapsed_ms=123456.5),
    events.ToolCall(
        call_id="call-1", tool="get_balance", arguments=SECRET, label="Looking up your balance"
    ),
    events.ToolResult(
        call_id="call-1",
        tool="get_balance",
        ok=True,
        output=SECRET,
        card={"kind": "facts", "title": "Balance", "rows": [["Everyday", "5.00 EUR"]]},
        elapsed_ms=123456.5,
    ),
    events.IdentityRequired(reason="Your balance is yours alone."),
    events.ConfirmationRequired(
        action_id="action-1",
        tool="book_meeting",
        arguments=SECRET,
        arguments_hash="SECRET",
        title="Book a meeting",
        rows=(("With", "Sales"), ("When", "Tuesday")),
        confirm_label="Book it",
        expires_at=AT,
    ),
    events.ConfirmationResolved(action_id="action-1", decision="superseded"),
    events.Citation(
        number=1,
        start=0,
        end=12,
        chunk_id="SECRET",
        briefing_id="SECRET",
        title="Robots walk",
        path="/briefings/robots-walk",
        date="2026-11-20",
        source_name="IEEE Spectrum",
        source_url="https://spectrum.example/robots?id=1",
        quote="Robots walk.",
    ),
    events.TextDelta(text="Robots walk."),
    events.Suggestions(
        questions=("What else?",), briefings=(("Robots run", "/briefings/robots-run"),)
    ),
    events.TurnCompleted(
        outcome=events.Outcome.ANSWERED, state=SECRET, usage=SECRET, elapsed_ms=123456.5
    ),
    events.TurnFailed(error="time-out", message="That took too long. Please ask again."),
    events.TurnInterrupted(reason="The server restarted while Heidi was answering."),
    events.TurnPassedOn(to="Mira"),
    events.StaffJoined(staff_name="Mira", staff_id="SECRET"),
    events.StaffLeft(staff_name="Mira", staff_id="SECRET"),
    events.StaffMessage(staff_name="Mira", text="Hello, this is Mira."),
    events.ConversationPaused(reason="Nothing happened for a while."),
    events.ConversationResumed(by="visitor"),
    events.Feedback(rating="down", comment="SECRET"),
)

BODY_TYPES: tuple[type[EventBody], ...] = get_args(EventBody)
BY_TYPE = {body.type: body for body in EXAMPLES}


def event(body: EventBody, seq: int = 1, turn_id: str | None = "turn-1") -> TurnEvent:
    return TurnEvent(seq=seq, conversation_id="conv-1", turn_id=turn_id, at=AT, body=body)


def log_of(*bodies: EventBody, turn_id: str | None = "turn-1") -> tuple[TurnEvent, ...]:
    return tuple(event(body, seq, turn_id) for seq, body in enumerate(bodies, 1))
