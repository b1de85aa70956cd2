"""Owns the Turn: one message and all an agent needs to answer it. Pure values."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

from assistant.core.caller import Caller
from assistant.core.dialogue import read_decision
from assistant.core.events import EventBody, JsonObject, Outcome
from assistant.core.forms import Form
from assistant.core.provenance import VisitorWords
from assistant.core.wishes import MOST_TURNS, Dialogue

if TYPE_CHECKING:
    from assistant.core.toolbox import Toolbox


_CUT_OFF = frozenset({"interrupted", "failed"})
CORRECTED_WITHIN = 3
"""Turns within which a proposed write is still being corrected."""


@dataclass(frozen=True, kw_only=True)
class PastTurn:
    """An earlier turn of the conversation, as an agent sees it."""

    message: str
    answer: str
    briefing_ids: tuple[str, ...] = ()
    """Briefings cited in the answer, in the order of their numbers."""
    outcome: str = ""

    @property
    def was_cut_off(self) -> bool:
        """Whether its answer ended before it was whole, so that no state was kept of it."""
        return self.outcome in _CUT_OFF

    @property
    def is_decision(self) -> bool:
        """Whether it was a confirmation's own: a turn with no message, or nothing but yes or no."""
        is_bare = not self.message or read_decision(self.message) is not None
        return is_bare and self.outcome == Outcome.ANSWERED


@dataclass(frozen=True, kw_only=True)
class Turn:
    """One message and all that is needed to answer it."""

    id: str
    conversation_id: str
    message: str
    history: tuple[PastTurn, ...]
    """Oldest first; interrupted and failed turns included with what was said."""
    state: JsonObject
    """`TurnCompleted.state` of the last completed turn, or `{}`."""
    now: datetime
    """The clock, aware, in UTC."""
    timezone: ZoneInfo
    """The visitor's timezone."""
    locale: str = "en"

    @property
    def visitor_words(self) -> VisitorWords:
        """All that the visitor has said: the only source of what a write may hold."""
        messages = (*(past.message for past in self.history), self.message)
        said = VisitorWords.of(messages, self.now, self.timezone)
        form = Form.from_json(self.state.get("form"))
        said = said.with_offers(form.chosen_or_offered(self.timezone) if form else ())
        return replace(said, dialogue=self._dialogue(said))

    def _dialogue(self, words: VisitorWords) -> Dialogue:
        """The same with what Heidi asked, and which of it is still open."""
        past = [
            words.said_in(each.message, each.answer, is_settled=each.is_decision)
            for each in self.history[-MOST_TURNS:]
        ]
        proposal = self.state.get("proposal")
        proposed = None
        if isinstance(proposal, Mapping) and isinstance(proposal.get("turns_before"), int):
            is_recent = len(self.history) - proposal["turns_before"] <= CORRECTED_WITHIN
            proposed = proposal.get("form") if is_recent else None
        read = [Form.from_json(form) for form in (self.state.get("form"), proposed)]
        return Dialogue(
            turns=(*past, words.said_in(self.message)),
            open_kinds=frozenset(form.kind for form in read if form),
        )


class Agent(Protocol):
    """Answers a turn.

    Yields events in the order they shall be logged and ends with exactly one `TurnCompleted`.
    Raises `AgentFailed` when it can't go on (the runner logs `turn.failed`). Never yields
    `TurnStarted`, `TurnFailed`, `TurnInterrupted` or `ConfirmationResolved`: those are the
    runner's. Never writes anywhere: writes go through the toolbox, which asks for confirmation.
    """

    @property
    def name(self) -> str:
        """`built-in` or `llm:<model>`: kept in `TurnStarted`."""
        ...

    def answer(self, turn: Turn, caller: Caller, toolbox: Toolbox) -> AsyncIterator[EventBody]:
        """Answer one turn as a stream of events."""
        ...
