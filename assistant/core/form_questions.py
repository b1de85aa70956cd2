"""Owns what is asked while a meeting is arranged: problems with what was said, and missing parts.

Pure: texts and changed forms only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from assistant.core.dates import DayKind, DayMention
from assistant.core.forms import Form
from assistant.core.lengths import LengthUse
from assistant.core.phrasing import format_day, join_words, plain_text
from assistant.core.slots import TEAMS, Slots

LENGTHS_MINUTES = (15, 30, 45, 60, 90)
"""How long meetings can last."""

TEAM_NAMES = join_words(TEAMS, last="or")


@dataclass(frozen=True, kw_only=True)
class Question:
    """Something to ask before going on."""

    text: str
    form: Form
    """The form as far as it is known, with what is asked."""
    choices: tuple[str, ...] = ()
    """Messages that answer it."""


def find_problem(form: Form, slots: Slots, today: date) -> Question | None:
    """What can't be taken as it was said; None if all can.

    Args:
        form: already filled with the message.
        slots: what the message said.
        today: the visitor's.
    """
    for mention in slots.days:
        question = _about_day(form, mention, today)
        if question is not None:
            return question
    return _about_clock(form, slots) or _about_length(form, slots)


def ask_team(form: Form) -> Question:
    """Ask whom to meet."""
    return Question(
        text=f"Which team would you like to meet: {TEAM_NAMES}?",
        form=replace(form, asked="team"),
        choices=tuple(team.capitalize() for team in TEAMS),
    )


def ask_again(form: Form) -> str:
    """The open question, as said after a digression."""
    match form.asked:
        case "team":
            return f"which team would you like to meet: {TEAM_NAMES}?"
        case "meeting":
            return f"which meeting shall I {form.kind}?"
        case "date":
            days = [format_day(date.fromisoformat(day)) for day in form.options]
            return f"do you mean {join_words(days, last='or')}?"
        case "length":
            return f"how long shall it last: {_lengths()}?"
        case "sign_in":
            return "sign in, and I go on."
        case "offer":
            return "shall I book that time?"
    if form.has_day:
        return "which time suits you?"
    return "which day suits you?" if form.clock else "which day and time suit you?"


def _about_day(form: Form, mention: DayMention, today: date) -> Question | None:
    words = plain_text(mention.words.strip(), 60)
    days = mention.reading.days
    match mention.reading.kind:
        case DayKind.IMPOSSIBLE:
            return Question(
                text=f"“{words}” is not a day in the calendar. Which day suits you?",
                form=_without_day(form),
            )
        case DayKind.AMBIGUOUS if days[1] >= today:
            possible = tuple(day for day in days if day >= today)
            spoken = join_words([format_day(day) for day in possible], last="or")
            return Question(
                text=f"“{words}” can be read in two ways. Do you mean {spoken}?",
                form=replace(
                    form,
                    day="",
                    until="",
                    asked="date",
                    options=tuple(day.isoformat() for day in possible),
                ),
                choices=tuple(_as_typed(day) for day in possible),
            )
        case DayKind.PERIOD if days[1] >= today:
            return None
        case DayKind.DAY if days[0] >= today:
            return None
    return Question(
        text=f"{_said_past(mention)} has passed. Which day from today on suits you?",
        form=_without_day(form),
        choices=("Tomorrow", "Next week"),
    )


def _said_past(mention: DayMention) -> str:
    first, last = mention.reading.days[0], mention.reading.days[-1]
    if mention.reading.kind is DayKind.DAY:
        return format_day(first)
    return f"The time from {format_day(first)} to {format_day(last)}"


def _about_clock(form: Form, slots: Slots) -> Question | None:
    mention = slots.clock
    if mention is None or mention.is_possible:
        return None
    return Question(
        text="I don't know that time of day. At what time shall it start, such as 15:00 or 3 pm?",
        form=replace(form, clock="", clock_else="", asked="clock"),
    )


def _about_length(form: Form, slots: Slots) -> Question | None:
    is_said = any(length.use is LengthUse.LASTING for length in slots.lengths)
    if not form.minutes or form.minutes in LENGTHS_MINUTES:
        return None
    if not is_said:
        # A range such as "from 2 to 3:20" says a start above all.
        return None
    nearest = sorted(LENGTHS_MINUTES, key=lambda minutes: abs(minutes - form.minutes))[:2]
    return Question(
        text=f"Meetings last {_lengths()}. How long shall it be?",
        form=replace(form, minutes=0, asked="length"),
        choices=tuple(f"{minutes} minutes" for minutes in sorted(nearest)),
    )


def _lengths() -> str:
    return f"{join_words([str(minutes) for minutes in LENGTHS_MINUTES], last='or')} minutes"


def _without_day(form: Form) -> Form:
    return replace(form, day="", until="", asked="day")


def _as_typed(day: date) -> str:
    """`5 December 2026`: read back as this day and no other."""
    return format_day(day).split(", ")[1]
