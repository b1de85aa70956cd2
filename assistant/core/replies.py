"""Owns the Reply: what a part of the built-in agent answers, as one value. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from assistant.core.events import EventBody, JsonObject, Outcome, TextDelta

WORDS_PER_DELTA = 4


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer, or a part of one."""

    text: str
    outcome: Outcome
    events: tuple[EventBody, ...] = ()
    """What happened before the text was known: tool calls, results, confirmations."""
    questions: tuple[str, ...] = ()
    """What the visitor may want to ask next."""
    changes: JsonObject = field(default_factory=dict)
    """Keys of the dialogue's state to set; None removes one."""

    def after(self, *events: EventBody) -> Reply:
        """The same reply, with events that came before it."""
        return replace(self, events=(*events, *self.events))

    def with_changes(self, **changes: object) -> Reply:
        """The same reply, with more changes of the state."""
        return replace(self, changes={**self.changes, **changes})


def merge_state(state: JsonObject, changes: JsonObject) -> dict[str, object]:
    """The dialogue's state after a reply; what other parts keep in it stays."""
    merged = {**state, **changes}
    return {key: value for key, value in merged.items() if value is not None}


def deltas(text: str) -> Iterator[TextDelta]:
    """The text in pieces of a few words; together they are exactly the text."""
    pieces = re.findall(r"\s*\S+|\s+$", text)
    for start in range(0, len(pieces), WORDS_PER_DELTA):
        yield TextDelta(text="".join(pieces[start : start + WORDS_PER_DELTA]))
