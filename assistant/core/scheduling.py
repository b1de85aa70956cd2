"""Owns what a scheduling message wants done: book, move, cancel, list, or see free times. Pure."""

from __future__ import annotations

import re
from enum import StrEnum

from assistant.core.lowering import lower
from assistant.core.slots import MOST_CHARACTERS, Slots


class ScheduleKind(StrEnum):
    """What a visitor wants of the calendar."""

    BOOK = "book"
    MOVE = "move"
    CANCEL = "cancel"
    LIST = "list"
    FREE = "free"
    """Free times, nothing booked yet."""
    PERSONAL = "personal"
    """The visitor's own life: reminders, lunch with Mike, the dentist."""


_PERSONAL = re.compile(
    r"\b(?:remind\w*|alarms?|timers?|to-?do|lunch|dinner|breakfast|brunch|coffee with|drinks|"
    r"dentist\w*|doctor\w*|dr\.?|gp|vet|therap\w+|hair\s?cut|hairdresser|barber|gym|yoga|soccer|"
    r"football|practice|class|lesson|birthday|party|wedding|anniversary|funeral|church|"
    r"flight|hotel|table|restaurant|reservation|vacation|holiday|movie|concert|"
    r"mom|mum|mother|dad|father|wife|husband|friend|sister|brother|kids?|son|daughter|family|"
    r"girlfriend|boyfriend|boss|colleague|coworkers?|client|customer meeting|candidate|"
    r"lawyer|landlord|plumber|mechanic|school|groceries|laundry|"
    r"stand-?up|one on one|1:1|1-on-1|sprint|staff meeting|conference room|legal|hr|"
    r"invites?|invitations?|every (?:day|week|month|morning|mon|tue|wed|thu|fri|sat|sun)\w*|"
    r"weekly|daily|recurring|repeat\w*)\b"
)
_OURS = re.compile(r"\b(?:you|your|yours|heidi|sales|support|editorial|editors?|demo)\b")
_CALENDAR = re.compile(r"\b(?:calendar|agenda|diary|events?|schedule|day look|week look)\b")

_LIST = re.compile(
    r"\b(?:what|which|when|where|show|list|see|view|check|tell me|do i have|have i got|any|is|are|"
    r"give me|details)\b.*\b(?:my|i have|do i have|have i got|upcoming|coming|next)\b"
    r"|^\W*(?:my |upcoming |all my |show )*(?:meetings?|appointments?|bookings?|calls?|schedule|"
    r"calendar)\W*$"
    r"|\bwhat(?:'s| is| do i have| have i got)\b.*\b(?:calendar|schedule|agenda|booked|"
    r"on (?:for|my))\b"
    r"|\b(?:upcoming|coming) (?:meetings?|appointments?|calls?|events?)\b"
)
_FREE = re.compile(
    r"\b(?:free|available|availab\w+|openings?)\b|\bwhen (?:can|could|may) (?:i|we)\b"
    r"|\bwhen do(?:es)? .*\bhave time\b|\bopen (?:slots?|times?)\b|\bdo you have time\b"
    r"|\b(?:what times|which times?|(?:what|which) (?:slots?|days?))\b"
)
_CANCEL = re.compile(
    r"\b(?:cancel\w*|delete|remove|call(?:ing)? off|get rid of|unbook|scrap|drop|clear)\b"
)
_PREVENTED = re.compile(
    r"\b(?:can't|cannot|can not|won't|not able to|unable to)\b.*\b(?:make|come|attend|join)\b"
)
_MOVE = re.compile(
    r"\b(?:move|moving|re-?schedul\w*|re-?book|postpon\w*|push|delay|shift|bring\b.*\bforward|"
    r"change|update|put (?:it|that|the meeting)|switch|extend|shorten|make (?:it|that|the meeting))"
    r"\b"
)
_BOOK_VERB = re.compile(
    r"\b(?:book|schedule an?|schedule (?:me|us)|arrange|set(?:ting)? up|reserve|organi[sz]e|"
    r"make an? (?:appointment|meeting|booking)|find (?:me|us) (?:a|an|some)|i'd like to meet|"
    r"want to meet)\b"
)
_BOOK = re.compile(
    r"\b(?:schedul\w*|plan|meet(?:ing)?|appointment|consultation|talk (?:to|with)|"
    r"speak (?:to|with)|call (?:with|from)|get a call|demo)\b"
)
_MY_MEETINGS = re.compile(
    r"^\W*(?:(?:show|list|see|check|what(?:'s| is| are)|when(?:'s| is| are)|what time (?:is|are)|"
    r"cancel|move|reschedule|where(?:'s| is)|me|all|please|next) )*my (?:next )?"
    r"(?:meetings?|appointments?)\W*$"
)
_WHEN_FREE = re.compile(r"\b(?:free|available|availab\w+|slots?|openings?)\b")
_ENTER = re.compile(r"\b(?:add|put|block|clear|note|enter|create|record|mark|save)\b")
_QUESTION = re.compile(
    r"^\W*(?:so |and |hi |hello |hey |heidi |please |,)*(?:who|when|what|which|where|is|are|do|"
    r"does|did|have|has|how)\b"
)
_VERBS = ((ScheduleKind.CANCEL, _CANCEL), (ScheduleKind.MOVE, _MOVE))
_THING = re.compile(r"\b(?:meetings?|appointments?|calls?|bookings?|slots?|demo|consultation)\b")


def read_kind(message: str, slots: Slots) -> ScheduleKind:
    """What a message that is about scheduling wants."""
    text = lower(message[:MOST_CHARACTERS])
    if _is_personal(text, slots):
        return ScheduleKind.PERSONAL
    if _PREVENTED.search(text):
        return ScheduleKind.MOVE if len(slots.days) > 1 else ScheduleKind.CANCEL
    for kind, pattern in _VERBS:
        if pattern.search(text):
            return kind
    return _without_verb(text, slots)


def _without_verb(text: str, slots: Slots) -> ScheduleKind:
    has_book_verb = _BOOK_VERB.search(text) is not None
    if not has_book_verb and _FREE.search(text):
        return ScheduleKind.FREE
    if not has_book_verb and (_LIST.search(text) or _QUESTION.search(text)):
        return ScheduleKind.LIST
    if has_book_verb or _BOOK.search(text) or slots.team or slots.host or slots.has_when:
        return ScheduleKind.BOOK
    return ScheduleKind.LIST if _CALENDAR.search(text) else ScheduleKind.PERSONAL


def is_surely_scheduling(message: str, slots: Slots) -> bool:
    """Whether a message can only be about meetings with us, whatever a classifier thinks."""
    text = lower(message[:MOST_CHARACTERS])
    if slots.meeting_id or _MY_MEETINGS.search(text):
        return True
    if slots.team and (_BOOK_VERB.search(text) or _WHEN_FREE.search(text)):
        return True
    has_verb = any(verb.search(text) for verb in (_BOOK_VERB, _BOOK, _MOVE, _CANCEL))
    return bool(has_verb and _THING.search(text) and (slots.team or slots.has_when))


def names_calendar(message: str) -> bool:
    """Whether the visitor speaks of a calendar, which we can't see."""
    return _CALENDAR.search(lower(message[:MOST_CHARACTERS])) is not None


def _is_personal(text: str, slots: Slots) -> bool:
    if slots.team or slots.meeting_id:
        return False
    if _PERSONAL.search(text):
        return True
    return bool(_ENTER.search(text) and _CALENDAR.search(text) and not _OURS.search(text))
