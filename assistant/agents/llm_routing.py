"""Owns what the LLM agent makes of the router: a hint, a search before the first call, fewer tools.

The hint helps small models; a message that surely asks for news needs no tools that read accounts
or write, and what is not offered can't be misused.
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.agents.classifying import Request
from assistant.core.account_requests import is_surely_account
from assistant.core.events import JsonObject
from assistant.core.rewriting import rewrite
from assistant.core.router import Intent, Route
from assistant.core.scheduling import is_surely_scheduling
from assistant.core.slots import read_slots
from assistant.core.toolbox import Tool
from assistant.core.turns import Turn

SURE = 0.9
"""From here on tools are left out."""

_MEANINGS = {
    Intent.BALANCE: "a question about the visitor's balance",
    Intent.ACCOUNT: "a question about the visitor's account",
    Intent.SCHEDULE: "a wish about a meeting",
    Intent.NEWS: "a question about the news",
    Intent.SMALLTALK: "small talk",
    Intent.OTHER: "something else",
}


def hint_of(requests: Sequence[Request]) -> str:
    """What the router makes of a message, in words for the model; none of the visitor's."""
    guesses = [
        f"{_MEANINGS[each.route.intent]} ({each.route.probability:.0%})"
        for each in requests
        if not each.route.is_rejected
    ]
    if not guesses:
        return ""
    return f"A classifier, which can be wrong, takes the message for {' and '.join(guesses)}."


def news_in(turn: Turn, requests: Sequence[Request]) -> str | None:
    """The words that the briefings are to be searched for; None if there are none."""
    found = (each for each in requests if each.route.intent is Intent.NEWS)
    news = next((each for each in found if not each.route.is_rejected), None)
    if news is not None:
        return news.text
    # "And in Europe?" says nothing of its subject, which the router alone reads.
    is_open = bool(requests) and all(_is_open(each.route) for each in requests)
    is_follow_up = is_open and rewrite(turn.message, turn.history).is_follow_up
    return turn.message if is_follow_up else None


def tools_for(turn: Turn, requests: Sequence[Request], tools: Sequence[Tool]) -> Sequence[Tool]:
    """The tools to offer: all, or those that are nobody's and change nothing if it is news."""
    if not _is_surely_news(turn, requests):
        return tools
    return [
        tool
        for tool in tools
        if not tool.policy.needs_identity
        and not (tool.policy.writes and tool.policy.needs_confirmation)
    ]


def as_detail(requests: Sequence[Request]) -> list[JsonObject]:
    """The routes, for the trace."""
    return [
        {
            "text": each.text[:200],
            "intent": each.route.intent.value,
            "probability": round(each.route.probability, 3),
            "is_rejected": each.route.is_rejected,
        }
        for each in requests
    ]


def _is_surely_news(turn: Turn, requests: Sequence[Request]) -> bool:
    is_news = bool(requests) and all(
        each.route.intent is Intent.NEWS and each.route.probability >= SURE for each in requests
    )
    if not is_news or turn.state.get("form"):
        return False
    slots = read_slots(turn.message, turn.now.astimezone(turn.timezone).date())
    return not (is_surely_scheduling(turn.message, slots) or is_surely_account(turn.message))


def _is_open(route: Route) -> bool:
    return route.is_rejected or route.intent in (Intent.OTHER, Intent.SMALLTALK)
