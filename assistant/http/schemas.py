"""Owns the shapes of requests and responses of the chat API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

CLIENT_TURN_ID = r"^[A-Za-z0-9_.:-]{1,100}$"
LOCALE = r"^[A-Za-z0-9@_.-]+$"
"""Wider than BCP 47: browsers in containers say `en-US@posix`."""


def _without_controls(text: str) -> str:
    return "".join(character for character in text if character.isprintable() or character == "\n")


class Body(BaseModel):
    """A request's body: unknown fields are an error, so that a typo never goes unseen."""

    model_config = ConfigDict(extra="forbid")


class NewConversation(Body):
    """Body of `POST /v1/conversations`."""

    timezone: str = Field(
        default="UTC", max_length=64, description="IANA name of the visitor's timezone"
    )
    locale: str = Field(
        default="en",
        max_length=35,
        pattern=LOCALE,
        description="BCP 47 tag of the visitor's language",
    )


class NewTurn(Body):
    """Body of `POST …/turns`."""

    message: str = Field(description="What the visitor asks; up to 4,000 characters")
    client_turn_id: str = Field(
        pattern=CLIENT_TURN_ID, description="Made by the client; makes the request idempotent"
    )


class ActionDecision(Body):
    """Body of `POST …/actions/{action_id}`."""

    decision: Literal["confirm", "decline"]
    client_turn_id: str = Field(pattern=CLIENT_TURN_ID)


class TurnFeedback(Body):
    """Body of `POST …/feedback`."""

    rating: Literal["up", "down"]
    comment: Annotated[str, AfterValidator(_without_controls)] = Field(default="", max_length=2000)


class ConversationCreated(BaseModel):
    """A new conversation and the token that owns it."""

    id: str
    token: str
    greeting: str
    suggestions: list[str]


class TurnAccepted(BaseModel):
    """A turn runs; its events come after number `after`."""

    turn_id: str
    after: int


class TurnNamed(BaseModel):
    """The turn that was meant."""

    turn_id: str


class Customer(BaseModel):
    """The verified customer, as far as the page may know."""

    name: str


class IdentityAttached(BaseModel):
    """Who signed in, and the turn that asks the waiting question again, if one waited."""

    customer: Customer
    turn_id: str | None


class Resumed(BaseModel):
    """The pause has ended; read on after this number."""

    after: int


class TranscriptTurnView(BaseModel):
    """One message and its answer."""

    id: str
    message: str
    status: str
    outcome: str | None
    answer: str
    citations: list[dict[str, Any]]
    started_at: datetime
    ended_at: datetime | None
    feedback: str | None


class TranscriptView(BaseModel):
    """A conversation as its owner may read it."""

    id: str
    created_at: datetime
    timezone: str
    is_paused: bool
    last_seq: int
    link_hosts: list[str]
    """Hosts that the bubble may link to besides the server's own and those of cited sources."""
    turns: list[TranscriptTurnView]
    events: list[dict[str, Any]]


class ConversationSummary(BaseModel):
    """What a list of conversations shows of one."""

    id: str
    title: str
    """The beginning of the first message; empty while nothing was said."""
    created_at: datetime
    updated_at: datetime
    """When the last turn began."""


class Health(BaseModel):
    """The server is up."""

    status: Literal["ok"] = "ok"
