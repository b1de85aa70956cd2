"""Owns the form of a question for the evaluation: filled in from an answer, read back. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from assistant.core.events import Outcome
from assistant.core.question_lines import (
    MAX_EARLIER,
    EarlierTurn,
    SavedQuestion,
    checked,
    lines_of,
)
from assistant.core.transcript import PASSED_ON
from assistant.review.trace import TraceTurn
from assistant.store.conversation_tables import Conversation

ABSTAINED = str(Outcome.ABSTAINED)
_ACCOUNT_TOOLS = ("balance", "transactions", "invoices", "account", "profile", "contact")


@dataclass(frozen=True, kw_only=True)
class Source:
    """A briefing that the answer cited or could have cited."""

    path: str
    title: str
    is_cited: bool


def proposed_question(
    conversation: Conversation, turns: Sequence[TraceTurn], turn_id: str
) -> SavedQuestion:
    """The question that an answer suggests; what is expected is left to whoever knows better.

    Args:
        conversation: whose answer it is.
        turns: all of its turns.
        turn_id: the turn that was answered badly.
    """
    index = next(number for number, one in enumerate(turns) if one.turn.id == turn_id)
    turn = turns[index]
    return SavedQuestion(
        conversation_id=conversation.id,
        turn_id=turn_id,
        kind=_kind(turn, index > 0),
        earlier=earlier_turns(turns[:index]),
        message=turn.turn.message,
        signed_in_as=conversation.customer_id or "",
        timezone=conversation.timezone,
        note=turn.feedback_comment[:1000],
    )


def earlier_turns(turns: Sequence[TraceTurn]) -> tuple[EarlierTurn, ...]:
    """What the visitor had said to Heidi, as it is asked again."""
    outcomes = {str(outcome) for outcome in Outcome}
    said = [one.turn for one in turns if one.turn.message and one.turn.outcome != PASSED_ON]
    return tuple(
        EarlierTurn(
            message=turn.message,
            outcome=turn.outcome if turn.outcome in outcomes else "",
        )
        for turn in said[-MAX_EARLIER:]
    )


def sources_of(turn: TraceTurn) -> tuple[Source, ...]:
    """The briefings that the turn cited or retrieved, each once, the cited ones first."""
    cited = {citation.path: citation.title for citation in turn.sources}
    found = {
        passage.path: passage.title for step in turn.steps for passage in step.passages
    } | cited
    ordered = [*cited, *(path for path in found if path not in cited)]
    return tuple(Source(path=path, title=found[path], is_cited=path in cited) for path in ordered)


def question_of_form(proposed: SavedQuestion, form: Mapping[str, Sequence[str]]) -> SavedQuestion:
    """The question as the form has it.

    Args:
        proposed: where it comes from.
        form: the values of each field.

    Raises:
        InvalidInput: a field can't be used.
        LimitExceeded: the message is too long.
    """
    return checked(question_as_typed(proposed, form))


def question_as_typed(proposed: SavedQuestion, form: Mapping[str, Sequence[str]]) -> SavedQuestion:
    """The same, not yet checked: what a refused form shows again."""

    def text(name: str) -> str:
        values = form.get(name) or [""]
        return values[0].replace("\r\n", "\n").strip()

    cites = (*form.get("cites", ()), *lines_of(text("cites_also")))
    return replace(
        proposed,
        kind=text("kind"),
        earlier=proposed.earlier if text("with_earlier") else (),
        message=text("message"),
        outcomes=tuple(form.get("outcome", ())),
        contains=lines_of(text("contains")),
        not_contains=lines_of(text("not_contains")),
        cites=tuple(dict.fromkeys(cites)),
        signed_in_as=text("signed_in_as"),
        note=text("note"),
    )


def _kind(turn: TraceTurn, is_follow_up: bool) -> str:
    tools = " ".join(step.title for step in turn.steps if step.kind == "tool.call")
    if "balance" in tools:
        return "balance"
    if "meeting" in tools or "slots" in tools:
        return "schedule"
    if any(name in tools for name in _ACCOUNT_TOOLS):
        return "account"
    return "multi_turn" if is_follow_up else "news"
