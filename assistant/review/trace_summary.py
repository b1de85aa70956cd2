"""Owns the one line that tells how an answer came about, without its trace opened. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.core.events import EventBody, Retrieval, Status, ToolResult, UnknownEvent
from assistant.core.phrasing import plain_text
from assistant.site.presentation import counted

_QUERY_CHARACTERS = 80


@dataclass(frozen=True, kw_only=True)
class SummaryPart:
    """A piece of the line."""

    text: str
    is_bad: bool = False


def summary_of(
    bodies: Sequence[EventBody | UnknownEvent], elapsed_ms: int | None
) -> tuple[SummaryPart, ...]:
    """What was understood, what was found, which tools ran, how long it took.

    Args:
        bodies: what happened in the turn, in order.
        elapsed_ms: how long it took; None: it is not over.
    """
    retrievals = [body for body in bodies if isinstance(body, Retrieval)]
    results = [body for body in bodies if isinstance(body, ToolResult)]
    parts = [SummaryPart(text=text) for text in (_intents(bodies), _query(retrievals)) if text]
    parts += [_found(each) for each in retrievals[-1:]]
    parts += [_tool(each) for each in results]
    if elapsed_ms is not None:
        parts.append(SummaryPart(text=f"{elapsed_ms:,} ms"))
    return tuple(parts)


def _intents(bodies: Sequence[EventBody | UnknownEvent]) -> str:
    """What the message was taken to ask for: `news`, or several."""
    intents: dict[str, None] = {}
    for body in bodies:
        requests = (body.detail or {}).get("requests") if isinstance(body, Status) else None
        for request in requests if isinstance(requests, list | tuple) else ():
            if isinstance(request, Mapping) and isinstance(request.get("intent"), str):
                intents[request["intent"]] = None
    return " and ".join(intents)


def _query(retrievals: Sequence[Retrieval]) -> str:
    if not retrievals:
        return ""
    last = retrievals[-1]
    words = [f"“{plain_text(last.query, _QUERY_CHARACTERS)}”", *map(_filter, last.filters.items())]
    return ", ".join(word for word in words if word)


def _filter(named: tuple[str, Any]) -> str:
    name, value = named
    match name, value:
        case "prefers_recent", _:
            return "latest first"
        case (("since" | "until"), _):
            return f"{name} {value}"
        case "categories", list() | tuple():
            return " or ".join(map(str, value))
        case (("sentiment" | "source"), _):
            return str(value)
        case "briefing_ids", list() | tuple():
            return f"in {counted(len(value), 'briefing')}"
        case _:
            return ""


def _found(retrieval: Retrieval) -> SummaryPart:
    passages = retrieval.passages
    if not passages:
        return SummaryPart(text="no passages", is_bad=True)
    best = max(each.score for each in passages)
    count = counted(len(passages), "passage")
    return SummaryPart(text=f"{count}, best {best:.2f}")


def _tool(result: ToolResult) -> SummaryPart:
    if result.ok:
        return SummaryPart(text=f"{result.tool} {result.elapsed_ms:.0f} ms")
    return SummaryPart(text=f"{result.tool} failed", is_bad=True)
