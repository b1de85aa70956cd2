"""Owns what a visitor may see of an event: the contract of docs/http-api.md. Pure."""

from __future__ import annotations

from typing import Any

from assistant.core.events import (
    Citation,
    ConfirmationRequired,
    ConfirmationResolved,
    ConversationPaused,
    ConversationResumed,
    EventBody,
    Feedback,
    IdentityRequired,
    Retrieval,
    StaffJoined,
    StaffLeft,
    StaffMessage,
    Status,
    Suggestions,
    TextDelta,
    ToolCall,
    ToolResult,
    TurnCompleted,
    TurnEvent,
    TurnFailed,
    TurnInterrupted,
    TurnPassedOn,
    TurnStarted,
    UnknownEvent,
)
from assistant.core.links import local_path, web_address

_VISIBLE: dict[type[EventBody], tuple[str, ...]] = {
    TurnStarted: ("message", "client_turn_id", "action_id"),
    Status: ("text",),
    ToolCall: ("call_id", "tool", "label"),
    ToolResult: ("call_id", "tool", "ok", "card"),
    IdentityRequired: ("reason",),
    ConfirmationResolved: ("action_id", "decision"),
    Citation: ("number", "start", "end", "title", "date", "source_name", "quote"),
    TextDelta: ("text",),
    TurnCompleted: ("outcome",),
    TurnFailed: ("error", "message"),
    TurnInterrupted: ("reason",),
    TurnPassedOn: ("to",),
    StaffMessage: ("staff_name", "text"),
    StaffJoined: ("staff_name",),
    StaffLeft: ("staff_name",),
    ConversationPaused: ("reason",),
    ConversationResumed: ("by",),
    Feedback: ("rating",),
}
"""Fields that are sent as they are; four types need a shape of their own, or more, below."""


def visitor_view(event: TurnEvent) -> dict[str, Any]:
    """The JSON object a visitor is sent for an event."""
    return {
        "seq": event.seq,
        "type": event.body.type,
        "turn_id": event.turn_id,
        "at": event.at.isoformat(),
        **({} if isinstance(event.body, UnknownEvent) else _visible_fields(event.body)),
    }


def _visible_fields(body: EventBody) -> dict[str, Any]:
    match body:
        case Retrieval():
            return {
                "passages": [
                    {
                        "title": passage.title,
                        "path": local_path(passage.path),
                        "date": passage.date,
                    }
                    for passage in body.passages
                ]
            }
        case ConfirmationRequired():
            return {
                "action_id": body.action_id,
                "tool": body.tool,
                "title": body.title,
                "rows": [list(row) for row in body.rows],
                "confirm_label": body.confirm_label,
                "expires_at": body.expires_at.isoformat(),
            }
        case Suggestions():
            return {
                "questions": list(body.questions),
                "briefings": [[title, local_path(path)] for title, path in body.briefings],
            }
        case Citation():
            return {
                **_as_they_are(body),
                "path": local_path(body.path),
                "source_url": web_address(body.source_url),
            }
        case _:
            return _as_they_are(body)


def _as_they_are(body: EventBody) -> dict[str, Any]:
    return {name: getattr(body, name) for name in _VISIBLE[type(body)]}
