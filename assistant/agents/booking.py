"""Owns booking: going on with a form until everything is known, offering free times on the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from assistant.agents.desk import Called, Desk, say_failure
from assistant.agents.proposing import FORM, ArgumentsAt, propose_start
from assistant.core.events import JsonObject, Outcome
from assistant.core.form_questions import Question, ask_again, ask_team, find_problem
from assistant.core.forms import Form, say_clock
from assistant.core.replies import Reply
from assistant.core.slots import Slots

DEFAULT_MINUTES = 30


async def go_on_booking(desk: Desk, form: Form, slots: Slots) -> Reply:
    """Ask for what is missing, else propose the booking.

    Args:
        desk: the turn.
        form: filled with the message.
        slots: what the message said.
    """
    problem = find_problem(form, slots, desk.today)
    if problem is not None:
        return ask(problem)
    if not form.team and not form.host:
        return ask(ask_team(form))
    if slots.is_soonest:
        return await _book_soonest(desk, form, slots)
    if form.has_time:
        return await propose_start(desk, form, "book_meeting", _arguments_at(form), slots)
    return await offer_times(desk, form)


async def answer_free(desk: Desk, form: Form, slots: Slots) -> Reply:
    """Say when a team is free, and keep the form open for the visitor to choose."""
    problem = find_problem(form, slots, desk.today)
    if problem is not None:
        return ask(problem)
    if not form.team and not form.host:
        return ask(ask_team(form))
    if not form.has_time:
        return await offer_times(desk, form)
    start = form.moment(form.clocks[0], desk.zone).at
    until = start + timedelta(minutes=form.minutes or DEFAULT_MINUTES)
    called = await _find(desk, form, since=start.isoformat(), until=until.isoformat())
    if not called.is_ok or called.output.get("is_after_the_period", True):
        return _offered(called, replace(form, clock="", clock_else=""))
    return Reply(
        text=f"{called.text} Shall I book that?",
        outcome=Outcome.ASKED,
        events=called.with_card(None).events,
        questions=("Yes, book it", "No thanks"),
        changes={FORM: replace(form, asked="offer").to_json()},
    )


async def offer_times(desk: Desk, form: Form) -> Reply:
    """Offer free times in what is known of the day."""
    return _offered(await _find(desk, form, **bounds(form)), form)


def ask(question: Question) -> Reply:
    """A question as a reply."""
    return Reply(
        text=question.text,
        outcome=Outcome.ASKED,
        questions=question.choices,
        changes={FORM: question.form.to_json()},
    )


def _arguments_at(form: Form) -> ArgumentsAt:
    def arguments(start: str) -> JsonObject:
        return {
            "team": form.team,
            "host": form.host,
            "start": start,
            "duration_minutes": form.minutes,
            "topic": form.topic,
        }

    return arguments


async def _book_soonest(desk: Desk, form: Form, slots: Slots) -> Reply:
    called = await _find(desk, form, **bounds(form))
    found = called.output.get("slots") or []
    if not called.is_ok or not found:
        return _offered(called, form)
    start = datetime.fromisoformat(found[0]["start"]).astimezone(desk.zone)
    first = replace(
        form,
        day=start.date().isoformat(),
        until="",
        clock=say_clock(start.time()),
        clock_else="",
        zone="",
    )

    def arguments_at(_: str) -> JsonObject:
        # The offered start as it is: it may lie in an hour that clocks repeat.
        return _arguments_at(first)(found[0]["start"])

    reply = await propose_start(desk, first, "book_meeting", arguments_at, slots)
    return reply.after(*called.with_card(None).events)


async def _find(desk: Desk, form: Form, **period: str) -> Called:
    return await desk.call(
        "find_free_slots",
        {
            "team": form.team,
            "host": form.host,
            "duration_minutes": form.minutes,
            **period,
        },
    )


def bounds(form: Form) -> dict[str, str]:
    """The period in which times are looked for; the tool's own without a day."""
    if not form.day:
        return {}
    if form.until:
        return {"since": form.day, "until": form.until}
    if not form.after:
        return {"since": form.day, "until": form.day}
    is_whole_evening = form.before >= "23:59"
    until = form.day if is_whole_evening else f"{form.day}T{form.before}"
    return {"since": f"{form.day}T{form.after}", "until": until}


def _offered(called: Called, form: Form) -> Reply:
    if not called.is_ok:
        return _refused(called, form)
    asked = replace(form, asked="clock" if form.has_day else "day")
    if called.output.get("is_after_the_period"):
        asked = replace(asked, day="", until="", asked="day")
    question = ask_again(asked)
    starts = tuple(str(slot["start"]) for slot in called.output.get("slots") or ())
    asked = replace(asked, offers=starts)
    return Reply(
        text=f"{called.text} {question[0].upper()}{question[1:]}",
        outcome=Outcome.ASKED,
        events=called.events,
        changes={FORM: asked.to_json()},
    )


def _refused(called: Called, form: Form) -> Reply:
    field = called.output.get("field")
    if field in ("team", "host"):
        kept = replace(form, team="", host="", asked="team")
    elif field in ("since", "until"):
        kept = replace(form, day="", until="", asked="day")
    else:
        return say_failure(called).with_changes(form=None)
    return replace(say_failure(called), outcome=Outcome.ASKED, changes={FORM: kept.to_json()})
