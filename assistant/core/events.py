"""Owns the vocabulary of a turn: the typed events of a conversation's append-only log.

Every reader (stream, transcript, trace, evaluation) folds over these; nothing reaches a visitor
that is not one of them. Does not own how they are stored (`store/event_log.py`) or which of them a
visitor may see (`core/projection.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

JsonObject = Mapping[str, Any]
"""A JSON object: string keys; values that `json.dumps` takes."""


class Outcome(StrEnum):
    """How a completed turn ended, for readers that do not read prose."""

    ANSWERED = "answered"
    ABSTAINED = "abstained"
    ASKED = "asked"
    """Heidi asked for a missing detail."""
    SIGN_IN_REQUIRED = "sign_in_required"
    CONFIRMATION_REQUIRED = "confirmation_required"
    DECLINED = "declined"
    """Out of scope, said politely."""
    CANCELLED = "cancelled"
    """The visitor pressed stop."""


@dataclass(frozen=True, kw_only=True)
class PassageRef:
    """A retrieved passage as the log keeps it."""

    chunk_id: str
    briefing_id: str
    title: str
    path: str
    date: str
    """ISO 8601 day."""
    score: float
    """Fused score the ranking used."""
    scores: JsonObject
    """The parts of the score: `dense`, `lexical`, `recency`…"""
    text: str


@dataclass(frozen=True, kw_only=True)
class TurnStarted:
    """A visitor's message was accepted."""

    message: str
    """What the visitor wrote; empty when a decision on an action started the turn."""
    client_turn_id: str
    agent: str
    """`built-in` or `llm:<model>`."""
    action_id: str | None = None
    type: Literal["turn.started"] = "turn.started"


@dataclass(frozen=True, kw_only=True)
class Status:
    """What Heidi is doing right now, in words for the visitor ("Searching the briefings")."""

    text: str
    detail: JsonObject | None = None
    """For the trace only: route probabilities, slots, rewritten query, timings."""
    type: Literal["status"] = "status"


@dataclass(frozen=True, kw_only=True)
class Retrieval:
    """Passages were retrieved."""

    query: str
    filters: JsonObject
    passages: tuple[PassageRef, ...]
    elapsed_ms: float
    type: Literal["retrieval"] = "retrieval"


@dataclass(frozen=True, kw_only=True)
class ToolCall:
    """A tool is about to run."""

    call_id: str
    tool: str
    arguments: JsonObject
    label: str
    """What it does, in words for the visitor."""
    type: Literal["tool.call"] = "tool.call"


@dataclass(frozen=True, kw_only=True)
class ToolResult:
    """A tool returned, or failed."""

    call_id: str
    tool: str
    ok: bool
    output: JsonObject
    """Structured result, or `{"error": …}`."""
    card: JsonObject | None
    """What the bubble shows: see `core/cards.py`."""
    elapsed_ms: float
    type: Literal["tool.result"] = "tool.result"


@dataclass(frozen=True, kw_only=True)
class IdentityRequired:
    """The question can only be answered for a verified customer; asks the page to sign in."""

    reason: str
    type: Literal["identity.required"] = "identity.required"


@dataclass(frozen=True, kw_only=True)
class ConfirmationRequired:
    """A write waits for the visitor's decision."""

    action_id: str
    tool: str
    arguments: JsonObject
    arguments_hash: str
    """SHA-256 (hex) of tool name and canonical JSON of the arguments."""
    title: str
    rows: tuple[tuple[str, str], ...]
    """Label and value of each argument, in plain words."""
    confirm_label: str
    expires_at: datetime
    type: Literal["confirmation.required"] = "confirmation.required"


@dataclass(frozen=True, kw_only=True)
class ConfirmationResolved:
    """The visitor decided, or time ran out."""

    action_id: str
    decision: Literal["confirmed", "declined", "expired", "superseded"]
    type: Literal["confirmation.resolved"] = "confirmation.resolved"


@dataclass(frozen=True, kw_only=True)
class Citation:
    """Ties a span of the answer to the passage that supports it.

    Follows the deltas that carry the span. `start` and `end` are character offsets (code points)
    in the turn's answer text so far.
    """

    number: int
    """The [n] a reader sees; the same briefing keeps its number within a turn."""
    start: int
    end: int
    chunk_id: str
    briefing_id: str
    title: str
    path: str
    date: str
    source_name: str
    source_url: str
    quote: str
    """The words of the passage that support the span."""
    type: Literal["citation"] = "citation"


@dataclass(frozen=True, kw_only=True)
class TextDelta:
    """A piece of the answer's text (Markdown subset: paragraphs, lists, bold, links)."""

    text: str
    type: Literal["text.delta"] = "text.delta"


@dataclass(frozen=True, kw_only=True)
class Suggestions:
    """What the visitor may want to ask or read next."""

    questions: tuple[str, ...]
    briefings: tuple[tuple[str, str], ...] = ()
    """Title and path of the nearest briefings, offered when Heidi abstains."""
    type: Literal["suggestions"] = "suggestions"


@dataclass(frozen=True, kw_only=True)
class TurnCompleted:
    """The whole answer is in the log."""

    outcome: Outcome
    state: JsonObject
    """Dialogue state for the next turn (staff and agent only)."""
    usage: JsonObject
    """`prompt_tokens`, `completion_tokens`, `steps`, `cost_usd` where a model answered."""
    elapsed_ms: float
    type: Literal["turn.completed"] = "turn.completed"


@dataclass(frozen=True, kw_only=True)
class TurnFailed:
    """The turn ended with an error; what was said before it stays."""

    error: str
    """Stable code, such as `agent-failed` or `time-out`."""
    message: str
    """In words for the visitor, with what to do next."""
    type: Literal["turn.failed"] = "turn.failed"


@dataclass(frozen=True, kw_only=True)
class TurnInterrupted:
    """The server that answered went away before the answer was complete."""

    reason: str
    type: Literal["turn.interrupted"] = "turn.interrupted"


@dataclass(frozen=True, kw_only=True)
class TurnPassedOn:
    """The message went to a person, who has taken the conversation over; Heidi is silent."""

    to: str
    """Name of the member of staff."""
    type: Literal["turn.passed_on"] = "turn.passed_on"


@dataclass(frozen=True, kw_only=True)
class StaffMessage:
    """A person of the support staff speaks."""

    staff_name: str
    text: str
    type: Literal["staff.message"] = "staff.message"


@dataclass(frozen=True, kw_only=True)
class StaffJoined:
    """A person has taken the conversation over: Heidi answers nothing until they leave."""

    staff_name: str
    staff_id: str
    """For staff only."""
    type: Literal["staff.joined"] = "staff.joined"


@dataclass(frozen=True, kw_only=True)
class StaffLeft:
    """The person has handed the conversation back to Heidi."""

    staff_name: str
    """Who had taken it over."""
    staff_id: str
    """Who handed it back, empty if nobody did; for staff only."""
    reason: str = ""
    """`idle`: the person had done nothing for long; empty: somebody handed it back. For staff
    only."""
    type: Literal["staff.left"] = "staff.left"


@dataclass(frozen=True, kw_only=True)
class ConversationPaused:
    """The server paused the session: idle for long, or by staff."""

    reason: str
    type: Literal["conversation.paused"] = "conversation.paused"


@dataclass(frozen=True, kw_only=True)
class ConversationResumed:
    """The session goes on."""

    by: str
    """`visitor` or `staff`."""
    type: Literal["conversation.resumed"] = "conversation.resumed"


@dataclass(frozen=True, kw_only=True)
class Feedback:
    """The visitor judged an answer."""

    rating: Literal["up", "down"]
    comment: str = ""
    type: Literal["feedback"] = "feedback"


EventBody = (
    TurnStarted
    | Status
    | Retrieval
    | ToolCall
    | ToolResult
    | IdentityRequired
    | ConfirmationRequired
    | ConfirmationResolved
    | Citation
    | TextDelta
    | Suggestions
    | TurnCompleted
    | TurnFailed
    | TurnInterrupted
    | TurnPassedOn
    | StaffMessage
    | StaffJoined
    | StaffLeft
    | ConversationPaused
    | ConversationResumed
    | Feedback
)
"""What happened. The log adds number, time and place."""


@dataclass(frozen=True, kw_only=True)
class UnknownEvent:
    """An event of a later version of Heidi, kept as it is: its readers skip it."""

    type: str
    data: JsonObject
    """The whole object, `type` included."""


TERMINAL_TYPES = frozenset({"turn.completed", "turn.failed", "turn.interrupted", "turn.passed_on"})
"""Exactly one event of these types ends every turn."""


@dataclass(frozen=True, kw_only=True)
class TurnEvent:
    """One entry of a conversation's log."""

    seq: int
    """1, 2, 3… within the conversation; the SSE `id`."""
    conversation_id: str
    turn_id: str | None
    """None for events of the conversation as a whole."""
    at: datetime
    """UTC, aware."""
    body: EventBody | UnknownEvent

    @property
    def is_terminal(self) -> bool:
        """Whether this event ends its turn."""
        return self.body.type in TERMINAL_TYPES
