"""Owns what is done with meetings that exist: listing, moving and cancelling them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from assistant.agents.booking import ask, bounds
from assistant.agents.desk import Called, Desk, ask_to_sign_in, say_failure
from assistant.agents.proposing import FORM, PURPOSES, ArgumentsAt, propose_start, say_proposal
from assistant.core.cards import slots_card
from assistant.core.dates import DayKind
from assistant.core.events import ConfirmationRequired, JsonObject, Outcome
from assistant.core.form_questions import find_problem
from assistant.core.forms import Form, fill, say_clock
from assistant.core.meeting_choice import KnownMeeting, choose, read_meetings
from assistant.core.phrasing import format_date_and_time, format_when
from assistant.core.proposals import LAST_MEETING
from assistant.core.replies import Reply
from assistant.core.scheduling import names_calendar
from assistant.core.slots import Slots

OWN_CALENDAR = "I only see meetings with our teams, not your own calendar."
NEXT_QUESTIONS = ("Book a meeting with sales", "When is support free?", "Latest AI news")


async def list_meetings(desk: Desk, slots: Slots) -> Reply:
    """Tell the customer's meetings, all to come or those of a day or period."""
    settled = [day for day in slots.days if day.reading.kind in (DayKind.DAY, DayKind.PERIOD)]
    period: dict[str, str] = {}
    if settled:
        days = settled[0].reading.days
        period = {"since": days[0].isoformat(), "until": days[-1].isoformat()}
    called = await desk.call("list_meetings", {**period, "team": slots.team})
    if called.needs_sign_in:
        return ask_to_sign_in(called, "look up your meetings")
    if not called.is_ok:
        return say_failure(called)
    meetings = read_meetings(called.output)
    note = f" {OWN_CALENDAR}" if names_calendar(desk.turn.message) else ""
    follow_ups = ("Move it to another time", "Cancel it") if len(meetings) == 1 else ()
    return Reply(
        text=f"{called.text}{note}",
        outcome=Outcome.ANSWERED,
        events=called.events,
        questions=(*follow_ups, *NEXT_QUESTIONS)[:3],
        # The one meeting that was told of is what "it" means next.
        changes={LAST_MEETING: meetings[0].id} if len(meetings) == 1 else {},
    )


@dataclass(frozen=True, kw_only=True)
class _Found:
    meeting: KnownMeeting
    called: Called


async def change_meeting(desk: Desk, form: Form, reference: Slots, wanted: Slots) -> Reply:
    """Move or cancel the meeting that a message means.

    Args:
        desk: the turn.
        form: what is known; its `meeting_id` may be settled.
        reference: what the message says of the meeting as it is.
        wanted: what it says of the meeting as it shall be.
    """
    found = await _find(desk, form, reference)
    if isinstance(found, Reply):
        return found
    named = replace(
        form,
        meeting_id=found.meeting.id,
        team=found.meeting.team,
        was=found.meeting.start.isoformat(),
    )
    lookup = found.called.with_card(None).events
    if form.kind == "cancel":
        return (await _cancel(desk, named)).after(*lookup)
    return (await go_on_moving(desk, fill(named, wanted, desk.now), wanted)).after(*lookup)


async def go_on_moving(desk: Desk, form: Form, wanted: Slots) -> Reply:
    """Ask for the new time of a known meeting, else propose the move."""
    problem = find_problem(form, wanted, desk.today)
    if problem is not None:
        return ask(problem)
    complete = _complete(form, wanted)
    if complete.has_time:
        return await propose_start(desk, complete, "move_meeting", _arguments_at(complete), wanted)
    return await _offer_times(desk, complete)


def _arguments_at(form: Form) -> ArgumentsAt:
    def arguments(start: str) -> JsonObject:
        return {
            "meeting_id": form.meeting_id,
            "start": start,
            "duration_minutes": form.minutes,
            "host": form.host,
        }

    return arguments


def _complete(form: Form, wanted: Slots) -> Form:
    """What was not said stays as it is: the day, the time, or both if only the length changes."""
    was = datetime.fromisoformat(form.was)
    if wanted.shift is not None:
        moved = was + timedelta(minutes=wanted.shift)
        return replace(
            form,
            day=moved.date().isoformat(),
            until="",
            clock=say_clock(moved.time()),
            clock_else="",
        )
    if form.after:
        return replace(form, day=form.day or was.date().isoformat())
    if form.is_period:
        return form
    if not (form.day or form.clock or form.minutes):
        return form
    return replace(
        form,
        day=form.day or was.date().isoformat(),
        clock=form.clock or say_clock(was.time()),
    )


async def _cancel(desk: Desk, form: Form) -> Reply:
    called = await desk.call("cancel_meeting", {"meeting_id": form.meeting_id})
    if isinstance(called.invocation, ConfirmationRequired):
        return say_proposal(desk, called.invocation, form).after(*called.events)
    if called.needs_sign_in:
        return ask_to_sign_in(called, PURPOSES["cancel_meeting"]).with_changes(form=form.to_json())
    return say_failure(called).with_changes(form=None)


async def _find(desk: Desk, form: Form, reference: Slots) -> _Found | Reply:
    called = await desk.call("list_meetings", {})
    if called.needs_sign_in:
        return ask_to_sign_in(called, f"{form.kind} your meeting")
    if not called.is_ok:
        return say_failure(called)
    meetings = read_meetings(called.output)
    wanted = replace(reference, meeting_id=form.meeting_id or reference.meeting_id)
    chosen = choose(meetings, wanted, str(desk.turn.state.get(LAST_MEETING, "")))
    if len(chosen) == 1:
        return _Found(meeting=chosen[0], called=called)
    if not meetings:
        return Reply(
            text=f"{called.text} There is nothing to {form.kind}.",
            outcome=Outcome.ANSWERED,
            events=called.events,
            questions=NEXT_QUESTIONS,
            changes={FORM: None},
        )
    return _ask_which(called, form, chosen or meetings, is_known=bool(chosen))


def _ask_which(
    called: Called, form: Form, meetings: tuple[KnownMeeting, ...], *, is_known: bool
) -> Reply:
    lead = "" if is_known else "I find no such meeting of yours. "
    named = "; ".join(f"{meeting.title}, {meeting.when}" for meeting in meetings[:3])
    return Reply(
        text=f"{lead}Which meeting shall I {form.kind}? {named}.",
        outcome=Outcome.ASKED,
        events=called.events,
        questions=tuple(meeting.message for meeting in meetings[:3]),
        changes={FORM: replace(form, meeting_id="", asked="meeting").to_json()},
    )


async def _offer_times(desk: Desk, form: Form) -> Reply:
    """Offer free times for a move; choosing one moves instead of booking."""
    called = await desk.call(
        "find_free_slots",
        {
            "team": form.team,
            "duration_minutes": form.minutes,
            **bounds(form),
        },
    )
    if not called.is_ok:
        return say_failure(called).with_changes(form=None)
    slots = called.output.get("slots") or ()
    choices = [
        (
            str(slot["label"]),
            f"Move it to {format_date_and_time(datetime.fromisoformat(slot['start']), desk.zone)}",
        )
        for slot in slots
    ]
    card = slots_card("Free times", choices) if choices else None
    return Reply(
        text=(
            f"{called.text} To which time shall I move your meeting of "
            f"{format_when(datetime.fromisoformat(form.was), desk.zone)}?"
        ),
        outcome=Outcome.ASKED,
        events=called.with_card(card).events,
        changes={
            FORM: replace(
                form, asked="clock", offers=tuple(str(slot["start"]) for slot in slots)
            ).to_json()
        },
    )
