"""Owns proposing a write: calling its tool with a start, and saying what waits for confirmation.

Nothing here claims that anything was done: only a confirmed action does something.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, time

from assistant.agents.desk import Called, Desk, ask_to_sign_in, say_failure
from assistant.core.events import ConfirmationRequired, JsonObject, Outcome
from assistant.core.forms import Form, say_clock
from assistant.core.moments import Existence, Moment, clock_change, say_offset
from assistant.core.phrasing import format_day
from assistant.core.proposals import STATE_KEY, remember
from assistant.core.replies import Reply
from assistant.core.slots import Slots

FORM = "form"
"""Key of the open form in the dialogue's state."""

STAYS = {
    "book_meeting": "Nothing is booked until you confirm.",
    "move_meeting": "It stays where it is until you confirm.",
    "cancel_meeting": "It stays booked until you confirm.",
}
PURPOSES = {
    "book_meeting": "book this for you",
    "move_meeting": "move your meeting",
    "cancel_meeting": "cancel your meeting",
}
_TRY_THE_OTHER_HALF = ("closed", "past")
"""Refusals that the other half of the day may cure when "at 9" left it open."""

ArgumentsAt = Callable[[str], JsonObject]
"""The tool's arguments with this start (ISO 8601)."""


async def propose_start(
    desk: Desk, form: Form, tool: str, arguments_at: ArgumentsAt, slots: Slots
) -> Reply:
    """Propose a write at the form's day and time.

    A time that left its half of the day open is tried in the likelier one first, and in the other
    if nobody works then.
    """
    refused: Called | None = None
    for clock in form.clocks:
        moment = form.moment(clock, desk.zone)
        if moment.existence is Existence.NEVER and refused is not None:
            break
        if moment.existence is Existence.NEVER:
            return _ask_skipped(desk, form, clock, moment)
        called = await desk.call(tool, arguments_at(moment.at.isoformat()))
        settled = replace(form, clock=say_clock(clock), clock_else="", asked="")
        if isinstance(called.invocation, ConfirmationRequired):
            before = refused.with_card(None).events if refused else ()
            notes = _notes(desk, settled, moment, slots)
            return say_proposal(desk, called.invocation, settled, notes).after(
                *before, *called.events
            )
        if called.needs_sign_in:
            waiting = replace(form, asked="sign_in")
            return ask_to_sign_in(called, PURPOSES[tool]).with_changes(form=waiting.to_json())
        refused = refused or called
        if called.output.get("reason") not in _TRY_THE_OTHER_HALF:
            break
    return _say_refusal(refused, form) if refused else _ask_for_time(form)


def say_proposal(
    desk: Desk, required: ConfirmationRequired, form: Form, notes: tuple[str, ...] = ()
) -> Reply:
    """Say what waits for the visitor's confirmation."""
    rows = dict(required.rows)
    parts = [required.title.rstrip("?")]
    if "With" in rows:
        parts.append(f"with {rows['With']}")
    if "From" in rows:
        parts.append(f"from {rows['From']}")
    when = rows.get("To") or rows.get("When")
    if when:
        parts.append(f"{'to' if 'To' in rows else 'on'} {when}")
    text = " ".join([f"{' '.join(parts)}?", *notes, STAYS.get(required.tool, "")])
    return Reply(
        text=text.strip(),
        outcome=Outcome.CONFIRMATION_REQUIRED,
        changes={FORM: None, STATE_KEY: remember(required, form, desk.turn)},
    )


def say_contact_proposal(required: ConfirmationRequired) -> Reply:
    """Say which contact data wait for the visitor's confirmation."""
    changes = "; ".join(f"{label}: {value}" for label, value in required.rows)
    return Reply(
        text=f"{required.title} {changes}. Nothing changes until you confirm.",
        outcome=Outcome.CONFIRMATION_REQUIRED,
        changes={FORM: None, STATE_KEY: None},
    )


def _notes(desk: Desk, form: Form, moment: Moment, slots: Slots) -> tuple[str, ...]:
    """What the visitor should know before confirming: zones, clock changes, other readings."""
    said = f"{moment.at:%H:%M}"
    local = moment.at.astimezone(desk.zone)
    notes = []
    if form.zone and local.utcoffset() != moment.at.utcoffset():
        notes.append(f"{said} in {form.zone} is {local:%H:%M} for you.")
    if moment.existence is Existence.TWICE:
        notes.append(
            f"Clocks go back that night, so {said} comes twice; this is the first "
            f"({say_offset(local, desk.zone)})."
        )
    changed_on = clock_change(desk.turn.now, moment.at, desk.zone)
    if changed_on is not None:
        notes.append(
            f"Clocks change on {format_day(changed_on)}; {local:%H:%M} is what yours will show "
            f"({say_offset(local, desk.zone)})."
        )
    notes += _other_reading(slots, date.fromisoformat(form.day))
    return tuple(notes)


def _other_reading(slots: Slots, day: date) -> list[str]:
    for mention in slots.days:
        other = mention.reading.other
        if mention.day == day and other is not None:
            words = " ".join(mention.words.split())
            return [
                f"I took “{words}” for {format_day(day)}; if you mean {format_day(other)}, say so."
            ]
    return []


def _ask_skipped(desk: Desk, form: Form, clock: time, moment: Moment) -> Reply:
    shown = moment.at
    zone = form.zone or desk.zone.key
    return Reply(
        text=(
            f"{say_clock(clock)} does not exist on {format_day(shown.date())} in {zone}: clocks "
            f"go forward over it. Would {say_clock(shown.time())} suit you?"
        ),
        outcome=Outcome.ASKED,
        questions=(say_clock(shown.time()),),
        changes={FORM: replace(form, clock="", clock_else="", asked="clock").to_json()},
    )


def _say_refusal(called: Called, form: Form) -> Reply:
    """The tool's own words; what it refused is asked for again."""
    field = called.output.get("field")
    error = called.output.get("error")
    if error == "slot-taken" or field == "start":
        offered = called.output.get("alternatives") or ()
        starts = tuple(str(slot["start"]) for slot in offered)
        kept = replace(form, clock="", clock_else="", asked="clock", offers=starts)
    elif field in ("host", "team"):
        kept = replace(form, host="", team="" if field == "team" else form.team, asked="team")
    else:
        return say_failure(called).with_changes(form=None)
    return replace(say_failure(called), outcome=Outcome.ASKED, changes={FORM: kept.to_json()})


def _ask_for_time(form: Form) -> Reply:
    return Reply(
        text="Which time suits you?",
        outcome=Outcome.ASKED,
        changes={FORM: replace(form, asked="clock").to_json()},
    )
