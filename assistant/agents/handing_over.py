"""Owns how the built-in agent hands a conversation to a person: when asked, or when it is time."""

from __future__ import annotations

from assistant.agents.declining import PERSON
from assistant.agents.desk import Desk
from assistant.core.events import Outcome
from assistant.core.handoff import REASONS, HandoffReason, needs_person
from assistant.core.replies import Reply

HANDED_OVER = "handed_over"
"""Key of the dialogue's state: a person was asked, so nobody is asked again unbidden."""

LEADS: dict[HandoffReason, str] = {
    "asked": "",
    "upset": "I'm sorry that this is going badly. ",
    "failing": "I'm sorry that I could not help. ",
}
MEANWHILE = "You can also book a meeting with support."


async def hand_over(desk: Desk) -> Reply | None:
    """Ask a person to take over if it is time; None while the assistant goes on."""
    reason = needs_person(desk.turn.history, desk.turn.message)
    if reason is None or (reason != "asked" and desk.turn.state.get(HANDED_OVER)):
        return None
    called = await desk.call("request_person", {"reason": REASONS[reason]})
    if not called.is_ok:
        return PERSON if reason == "asked" else None
    return Reply(
        text=f"{LEADS[reason]}{called.text} {MEANWHILE}",
        outcome=Outcome.ANSWERED,
        events=called.events,
        questions=PERSON.questions,
        changes={HANDED_OVER: True},
    )
