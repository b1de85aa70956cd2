"""Owns when a person should take over, and what they are told first. Pure; English."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from assistant.core.dialogue import wants_person
from assistant.core.phrasing import plain_text
from assistant.core.turns import PastTurn

HandoffReason = Literal["asked", "upset", "failing"]

REASONS: dict[HandoffReason, str] = {
    "asked": "The visitor asked for a person.",
    "upset": "The visitor is upset.",
    "failing": "Heidi could not help several times in a row.",
}

_FAILED = frozenset({"abstained", "failed", "interrupted"})
_FAILURES_IN_A_ROW = 2
_ALIKE = 0.5
"""Share of words in common from which a message repeats an earlier one."""

_INSULT = (
    r"(?:useless|stupid|dumb|idiot\w*|moron\w*|incompetent|terrible|horrible|awful|pathetic|"
    r"ridiculous|rubbish|garbage|crap\w*|shit\w*|bullshit|a joke|hopeless|worthless)"
)
_UPSET = re.compile(
    rf"\b(?:you|you're|you are|you're all|heidi is|ur)\b(?: \w+){{0,3}} {_INSULT}\b"
    rf"|\b(?:this|that|it|your (?:\w+ )?(?:service|support|bot|assistant|help|company))"
    rf"(?: is|'s| was)(?: \w+){{0,2}} (?:{_INSULT}|unacceptable|infuriating)\b"
    rf"|\b(?:stupid|dumb|useless|damn|bloody|fucking) (?:bot|assistant|machine|robot|chat\w*|thing)"
    r"|\bi(?:'m| am)(?: \w+){0,2} (?:angry|furious|pissed(?: off)?|outraged|fed up|frustrated|"
    r"livid|sick of|losing (?:my )?patience)\b"
    r"|\b(?:wtf|ffs|what the (?:hell|fuck)|for (?:god|fuck|heaven)'?s? ?sakes?|piss off|"
    r"f(?:uck|\*+) (?:you|off|this)|go to hell|shut up)\b"
    r"|\bstop wasting my time\b|\byou(?:'re| are) wasting my time\b"
)
_DISSATISFIED = re.compile(
    r"\b(?:(?:that|this)(?:'s| is| was)(?: still)? not what i|not what i (?:asked|meant|wanted)|"
    r"did(?:n't| not) answer|do(?:n't| not) understand me|still (?:not|no|wrong|doesn't|don't)|"
    r"not help(?:ful|ing)|no help|(?:does|did|is)(?:n't| not) (?:work\w*|help\w*)|"
    r"i (?:already|just) (?:said|asked|told)|asked (?:you )?(?:twice|already|again)|try again)\b"
)
_SHOUTED = re.compile(r"[A-Z]{2,}")

_WORDS_OF_SHOUTING = 4
_SUMMARY_TURNS = 6
_LINE = 300


def needs_person(history: Sequence[PastTurn], message: str) -> HandoffReason | None:
    """Why a person should take over now; None while the assistant may go on.

    Args:
        history: earlier turns, oldest first.
        message: what the visitor writes now.
    """
    if wants_person(message):
        return "asked"
    if is_upset(message):
        return "upset"
    return "failing" if _is_failing(history, message) else None


def is_upset(message: str) -> bool:
    """Whether the visitor is angry with us; harsh words about the news are none of that."""
    plain = message.lower().replace("\u2019", "'")
    return _UPSET.search(plain) is not None or _is_shouted(message)


def summarise(history: Sequence[PastTurn], message: str) -> str:
    """The last turns, one line for each side."""
    lines: list[str] = []
    for turn in history[-_SUMMARY_TURNS:]:
        lines += _lines("Visitor", turn.message) + _lines("Heidi", turn.answer)
    return "\n".join([*lines, *_lines("Visitor", message)])


@dataclass(frozen=True, kw_only=True)
class SupportHours:
    """When somebody of the support staff is there."""

    weekdays: frozenset[int]
    """0 is Monday."""
    opens: time
    closes: time
    zone: ZoneInfo

    @classmethod
    def parse(cls, text: str) -> SupportHours:
        """Read `mon-fri 08:00-18:00 Europe/Zurich`.

        Raises:
            ValueError: it is not of this form.
        """
        found = re.fullmatch(
            r"([a-z]{3})(?:-([a-z]{3}))? (\d\d:\d\d)-(\d\d:\d\d) ([\w/+-]+)",
            text.strip(),
            re.IGNORECASE,
        )
        if found is None:
            raise ValueError("support hours are written like mon-fri 08:00-18:00 Europe/Zurich")
        first, last, opens, closes, zone = found.groups()
        try:
            begin = _WEEKDAYS.index(first.lower())
            end = _WEEKDAYS.index((last or first).lower())
            return cls(
                weekdays=frozenset(range(begin, end + 1)),
                opens=time.fromisoformat(opens),
                closes=time.fromisoformat(closes),
                zone=ZoneInfo(zone),
            )
        except (ValueError, ZoneInfoNotFoundError) as error:
            raise ValueError(f"support hours: {error}") from error

    def is_open(self, now: datetime) -> bool:
        """Whether somebody is there."""
        local = now.astimezone(self.zone)
        clock = local.time().replace(tzinfo=None)
        return local.weekday() in self.weekdays and self.opens <= clock < self.closes


_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _is_failing(history: Sequence[PastTurn], message: str) -> bool:
    last = history[-1].outcome if history else ""
    if last not in _FAILED:
        return False
    plain = message.lower().replace("\u2019", "'")
    if _DISSATISFIED.search(plain):
        return True
    recent = history[-_FAILURES_IN_A_ROW:]
    if len(recent) < _FAILURES_IN_A_ROW or any(turn.outcome not in _FAILED for turn in recent):
        return False
    return any(_likeness(message, turn.message) >= _ALIKE for turn in recent)


def _likeness(one: str, other: str) -> float:
    first, second = (set(re.findall(r"\w{3,}", text.lower())) for text in (one, other))
    return len(first & second) / len(first | second) if first | second else 0.0


def _is_shouted(message: str) -> bool:
    words = _SHOUTED.findall(message)
    is_loud = not any(char.islower() for char in message) and len(words) >= _WORDS_OF_SHOUTING
    return is_loud and "!!" in message


def _lines(who: str, text: str) -> list[str]:
    shown = plain_text(text, _LINE)
    return [f"{who}: {shown}"] if shown else []
