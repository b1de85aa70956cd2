"""Owns showing where in a conversation the words of a search were said. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.core.events import StaffMessage, TurnEvent
from assistant.core.transcript import fold

AROUND = 60
"""Characters before what was found, and twice as many after it."""


@dataclass(frozen=True, kw_only=True)
class Excerpt:
    """A piece of what was said, with what was looked for in the middle."""

    speaker: str
    before: str
    found: str
    after: str


def excerpt_of(events: Sequence[TurnEvent], words: Sequence[str]) -> Excerpt | None:
    """Where the rarest thing that was looked for was said first.

    Args:
        events: the conversation's log.
        words: what was looked for, as `words_of` gives it.

    Returns:
        None if it stands elsewhere, such as in the customer's name.
    """
    said = [(speaker, " ".join(text.split())) for speaker, text in _said(events)]
    for word in sorted(words, key=len, reverse=True):
        pattern = re.compile(re.escape(word), re.IGNORECASE)
        for speaker, text in said:
            match = pattern.search(text)
            if match is not None:
                return _around(speaker, text, match)
    return None


def _said(events: Sequence[TurnEvent]) -> list[tuple[str, str]]:
    turns = fold(events).turns
    said = [part for turn in turns for part in (("Visitor", turn.message), ("Heidi", turn.answer))]
    for event in events:
        if isinstance(event.body, StaffMessage):
            said.append((event.body.staff_name, event.body.text))
    return said


def _around(speaker: str, text: str, match: re.Match[str]) -> Excerpt:
    start, end = match.span()
    first, last = max(0, start - AROUND), min(len(text), end + 2 * AROUND)
    return Excerpt(
        speaker=speaker,
        before=("…" if first else "") + text[first:start],
        found=match.group(),
        after=text[end:last] + ("…" if last < len(text) else ""),
    )
