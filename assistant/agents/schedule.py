"""Owns the scheduling part of the built-in agent: from a message and the state to a reply.

A form stays open over turns until everything is known; a proposal can be corrected until it is
confirmed. Does not own how a message is read (`core/slots.py`, `core/scheduling.py`).
"""

from __future__ import annotations

import re
from dataclasses import replace

from assistant.agents.booking import answer_free, go_on_booking
from assistant.agents.desk import Desk
from assistant.agents.meetings import change_meeting, go_on_moving, list_meetings
from assistant.agents.proposing import FORM
from assistant.core.dialogue import gives_up, read_decision
from assistant.core.events import Outcome
from assistant.core.form_questions import TEAM_NAMES, ask_again
from assistant.core.forms import Form, choose_offer, choose_option, fill, shift
from assistant.core.lowering import lower
from assistant.core.proposals import Proposal
from assistant.core.replies import Reply
from assistant.core.scheduling import ScheduleKind, read_kind
from assistant.core.slots import Slots, read_slots, split_change

PERSONAL = (
    f"I can't keep your own calendar or reminders. I can book, move and cancel meetings with our "
    f"{TEAM_NAMES.replace(' or ', ' and ')} teams."
)
QUESTIONS = ("Book a meeting with sales", "When is support free?", "My meetings")

_CUE = re.compile(
    r"^\W*(?:(?:no|nope|ok|okay|oh|hmm|sorry|wait|please|and|but)\W+)*(?:actually|make (?:it|that)|"
    r"rather|instead|i meant?|change (?:it|that)|move (?:it|that)|book it|let'?s|how about|"
    r"what about|can we|could we|can you make|could you make|can it|could it|on|at|or|better|not|"
    r"with|for|prefer|i'd prefer|push (?:it|that))\b|^\W*(?:no|actually|sorry)\b"
)
_CANCEL_IT = re.compile(
    r"\W*(?:please |can you |could you |ok |okay |no )*(?:cancel|delete|remove) "
    r"(?:it|that|this|that one|the meeting)(?: please)?\W*"
)
_CHANGE_IT = re.compile(
    r"\b(?:move|make|push|postpone|delay|shift|bring|change|reschedule|extend|shorten|book) "
    r"(?:it|that|this|that one|the meeting)\b"
)
_ASKS = re.compile(r"^\W*(?:who|when|what|which|where|why|how|is|are|do|does|did|have|has)\b")
_FRESH = re.compile(r"\b(?:book|schedule|arrange|set up|cancel|move|reschedule)\b")


def read(desk: Desk) -> Slots:
    """What the turn's message says about a meeting."""
    return read_slots(desk.turn.message, desk.today)


def is_correction(message: str, slots: Slots) -> bool:
    """Whether a message changes what was just proposed: "no, at 4", "make it Wednesday"."""
    if not slots.has_any or len(slots.rest) > 1:
        return False
    if read_kind(message, slots) is ScheduleKind.PERSONAL:
        return False
    text = lower(message)
    if _CUE.match(text):
        return True
    return not _ASKS.match(text) and not _FRESH.search(text)


def is_about_last_meeting(message: str, slots: Slots) -> bool:
    """Whether a message changes or cancels "it" with nothing open: the meeting spoken of last."""
    text = lower(message)
    if _CANCEL_IT.fullmatch(text):
        return True
    return slots.has_any and len(slots.rest) <= 1 and _CHANGE_IT.search(text) is not None


async def change_last_meeting(desk: Desk, slots: Slots) -> Reply:
    """Move or cancel the meeting spoken of last."""
    is_cancelling = _CANCEL_IT.fullmatch(lower(desk.turn.message))
    kind = ScheduleKind.CANCEL if is_cancelling else ScheduleKind.MOVE
    return await _start_change(desk, kind, slots)


def is_for_form(message: str, slots: Slots, form: Form, *, is_elsewhere: bool) -> bool:
    """Whether a message goes on with an open form, rather than being about something else.

    Args:
        message: what the visitor wrote.
        slots: what it says about a meeting.
        form: the open one.
        is_elsewhere: the router is confident that it is about something else.
    """
    if gives_up(message) or read_decision(message):
        return True
    if slots.has_any or slots.topic:
        is_long_question = len(slots.rest) > 2 and _ASKS.match(message.lower()) is not None
        return not (is_elsewhere and is_long_question)
    if form.asked == "team" and _as_name(message):
        return not is_elsewhere
    return not is_elsewhere or choose_option(form, message) != form


async def answer_new(desk: Desk, slots: Slots) -> Reply:
    """Answer a message that is about scheduling and goes on with nothing."""
    kind = read_kind(desk.turn.message, slots)
    match kind:
        case ScheduleKind.PERSONAL:
            return Reply(text=PERSONAL, outcome=Outcome.DECLINED, questions=QUESTIONS)
        case ScheduleKind.LIST:
            return await list_meetings(desk, slots)
        case ScheduleKind.MOVE | ScheduleKind.CANCEL:
            return await _start_change(desk, kind, slots)
        case ScheduleKind.FREE:
            return await answer_free(desk, fill(Form(kind="book"), slots, desk.now), slots)
        case ScheduleKind.BOOK:
            return await go_on_booking(desk, fill(Form(kind="book"), slots, desk.now), slots)


async def correct(desk: Desk, proposal: Proposal, slots: Slots) -> Reply:
    """Make a new proposal out of one that is not right yet; it supersedes the old one."""
    form = proposal.form if slots.shift is None else shift(proposal.form, slots.shift)
    if form.kind == "cancel":
        return await change_meeting(desk, Form(kind="cancel"), slots, Slots())
    if form.kind == "move":
        _, wanted = split_change(desk.turn.message, desk.today)
        return await go_on_moving(desk, fill(form, wanted, desk.now), replace(wanted, lengths=()))
    return await go_on_booking(desk, fill(form, slots, desk.now), slots)


async def go_on(desk: Desk, form: Form, slots: Slots) -> Reply:
    """Go on with an open form."""
    message = desk.turn.message
    if gives_up(message) and not slots.has_any:
        return Reply(
            text=_say_given_up(form),
            outcome=Outcome.ANSWERED,
            questions=QUESTIONS,
            changes={FORM: None},
        )
    if form.kind == "book" and _asks_when_free(message, slots):
        return await answer_free(desk, fill(form, slots, desk.now), slots)
    if _is_new_request(message, slots, form):
        reply = await answer_new(desk, slots)
        if FORM in reply.changes or reply.outcome is not Outcome.ANSWERED:
            return reply
        return replace(reply, text=f"{reply.text}\n\n{say_return(form)}")
    return await _fill_and_go_on(desk, form, slots)


def say_return(form: Form) -> str:
    """What leads back to an open form after a digression."""
    return f"Back to your meeting: {ask_again(form)}"


async def _fill_and_go_on(desk: Desk, form: Form, slots: Slots) -> Reply:
    message = desk.turn.message
    if form.asked == "meeting":
        return await change_meeting(desk, replace(form, asked=""), slots, Slots())
    chosen = choose_option(form, message) if form.options and not slots.days else form
    chosen = chosen if slots.has_any else choose_offer(chosen, message)
    filled = fill(chosen, slots, desk.now)
    if form.asked == "team" and not slots.team and not slots.host:
        filled = replace(filled, host=_as_name(message))
    # After sign-in the same message comes again, and adds nothing.
    says_something = slots.has_any or slots.topic or read_decision(message)
    if not says_something and form.asked != "sign_in" and filled == _unasked(form):
        return _not_understood(form)
    if form.kind == "book":
        return await go_on_booking(desk, filled, slots)
    if _names_meeting(form, slots):
        other = replace(filled, meeting_id="", team="", was="")
        return await change_meeting(desk, other, slots, Slots())
    if form.meeting_id and form.was:
        return await go_on_moving(desk, filled, slots)
    return await change_meeting(desk, filled, slots, Slots())


def _names_meeting(form: Form, slots: Slots) -> bool:
    """Whether the visitor means another meeting than the one that is being moved."""
    is_other_id = bool(slots.meeting_id) and slots.meeting_id != form.meeting_id
    return is_other_id or (bool(slots.team or slots.host) and slots.team != form.team)


def _unasked(form: Form) -> Form:
    return replace(form, asked="", options=(), offers=())


def _not_understood(form: Form) -> Reply:
    question = ask_again(form)
    return Reply(
        text=f"I did not get that. {question[0].upper()}{question[1:]} "
        "Say “cancel” if you no longer want it.",
        outcome=Outcome.ASKED,
        questions=("Cancel",),
    )


def _say_given_up(form: Form) -> str:
    match form.kind:
        case "move":
            return "Okay, the meeting stays where it is."
        case "cancel":
            return "Okay, the meeting stays booked."
        case _:
            return "Okay, I have dropped that. Nothing was booked."


def _asks_when_free(message: str, slots: Slots) -> bool:
    is_question = _ASKS.match(message.lower()) is not None
    return is_question and read_kind(message, slots) is ScheduleKind.FREE


def _is_new_request(message: str, slots: Slots, form: Form) -> bool:
    """Whether a message starts something else of the calendar while a form is open."""
    kind = read_kind(message, slots)
    text = message.lower()
    match kind:
        case ScheduleKind.LIST | ScheduleKind.FREE:
            is_question = _ASKS.match(text) or re.search(r"\bmy (?:meet|app)", text)
            return bool(is_question) and not _CUE.match(text)
        case ScheduleKind.CANCEL:
            return form.kind != "cancel" and bool(slots.has_any or re.search(r"\bmy\b", text))
        case ScheduleKind.MOVE:
            return form.kind == "cancel" or bool(slots.meeting_id) or " my " in text
        case ScheduleKind.BOOK:
            return form.kind != "book" and bool(_FRESH.search(text)) and bool(slots.team)
        case ScheduleKind.PERSONAL:
            return False


async def _start_change(desk: Desk, kind: ScheduleKind, slots: Slots) -> Reply:
    form = Form(kind=kind.value)
    if kind is ScheduleKind.CANCEL:
        return await change_meeting(desk, form, slots, Slots())
    reference, wanted = split_change(desk.turn.message, desk.today)
    return await change_meeting(desk, form, reference, wanted)


def _as_name(message: str) -> str:
    words = message.strip(" .!?").split()
    is_name = 1 <= len(words) <= 2 and all(word[:1].isupper() for word in words)
    return " ".join(words)[:60] if is_name and all(word.isalpha() for word in words) else ""
