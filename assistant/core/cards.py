"""Owns the cards: what the bubble shows for a tool's result. Plain data, the same for every tool.

A card is a JSON object `{"kind", "title", …}`:

- `facts`: `rows` [[label, value], …]
- `table`: `columns` [label, …], `rows` [[cell, …], …]
- `slots`: `slots` [{"label", "message"}, …]; choosing one sends its message
- `meetings`: `meetings` [{"id", "title", "when", "with", "status", "ics_path"}, …]; `ics_path`,
  only of a booked meeting, is where its owner gets it as a calendar file

Every value is plain text: the bubble never reads markup from it.
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.core.events import JsonObject


def facts_card(title: str, rows: Sequence[tuple[str, str]]) -> JsonObject:
    """A card of labelled values."""
    return {"kind": "facts", "title": title, "rows": [list(row) for row in rows]}


def table_card(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> JsonObject:
    """A card with a small table."""
    return {
        "kind": "table",
        "title": title,
        "columns": list(columns),
        "rows": [list(row) for row in rows],
    }


def slots_card(title: str, slots: Sequence[tuple[str, str]]) -> JsonObject:
    """A card of choices: what the visitor sees, and the message that choosing one sends."""
    return {
        "kind": "slots",
        "title": title,
        "slots": [{"label": label, "message": message} for label, message in slots],
    }


def meetings_card(title: str, meetings: Sequence[JsonObject]) -> JsonObject:
    """A card of meetings: each has `id`, `title`, `when`, `with`, `status` and maybe `ics_path`."""
    return {"kind": "meetings", "title": title, "meetings": [dict(m) for m in meetings]}
