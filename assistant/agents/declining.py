"""Owns what Heidi says when she can't help, and whether the briefings are worth a look first."""

from __future__ import annotations

import re

from assistant.agents.smalltalk import FIRST_QUESTIONS, WHAT_I_DO
from assistant.core.account_requests import is_surely_account
from assistant.core.events import Outcome
from assistant.core.replies import Reply
from assistant.core.rewriting import rewrite, told_of_news
from assistant.core.router import Intent, Route
from assistant.core.turns import Turn

_NEWS_WORTHY = 0.15
"""Share of the news in a route from which the briefings are searched before declining."""

ENGLISH_ONLY = "I answer in English only, but let me try."

EMPTY = Reply(
    text="How can I help? Ask about the news, your account or a meeting.",
    outcome=Outcome.ASKED,
    questions=FIRST_QUESTIONS,
)
NOT_LATIN = Reply(
    text=f"I'm sorry, I only understand English. {WHAT_I_DO}",
    outcome=Outcome.DECLINED,
    questions=FIRST_QUESTIONS,
)
PERSON = Reply(
    text=(
        "I'm an automated assistant, but our support staff read this conversation and can step in "
        "here. Please write what it is about, so that they have it at hand. You can also book a "
        "meeting with support."
    ),
    outcome=Outcome.DECLINED,
    questions=("Book a meeting with support", "When is support free?"),
)

_KNOWLEDGE = re.compile(
    r"^\W*(?:(?:so|and|but|ok|okay|please|hi|hey|hello|heidi|then|first|before that|by the way|"
    r"(?:one|a) (?:quick )?question)\W+)*(?:who|whose|what|when|where|"
    r"why|which|how|is|are|was|were|did|does|do|has|have|will|can|explain|tell me|describe|"
    r"summari[sz]e|compare)\b"
)
_VISITORS_OWN = re.compile(
    r"\b(?<!how )(?:do|did|have|am|was|can|could|will) (?:i|we)\b|\b(?:is|are|was|were|what's) my\b"
    r"|\b(?:you|your|remind me|for me)\b"
)
_COMMAND = re.compile(
    r"^\W*(?:please |can you |could you |heidi )*(?:write|play|book|set|turn|order|call|send|open|"
    r"make|buy|add|remind|sing|draw|translate|calculate|convert|wake|start|stop|ignore|print|navigate|"
    r"drop|delete|create|generate|act|pretend|repeat)\b"
)
_TAG = re.compile(r"<[^<>]{1,200}>")


def may_be_in_briefings(turn: Turn, route: Route) -> bool:
    """Whether the briefings shall be searched for a message that asks for nothing else.

    A question about the world is; one about the visitor's own life, or a command, is not. Words
    that are neither are searched for only if the router is unsure.
    """
    text = _TAG.sub(" ", turn.message[:500]).strip().lower()
    words = re.findall(r"[^\W\d_]{2,}", text)
    if not words or _COMMAND.match(text):
        return False
    if route.probabilities.get(Intent.NEWS, 0.0) >= _NEWS_WORTHY:
        return True
    if rewrite(turn.message, turn.history).is_follow_up:
        return True
    is_own = _VISITORS_OWN.search(text) is not None
    return not is_own and (route.is_rejected or _KNOWLEDGE.match(text) is not None)


def asks_for_more_news(turn: Turn) -> bool:
    """Whether a message only wants more of the answer before: "tell me more", "the second one"."""
    was_news = bool(turn.history) and told_of_news(turn.history[-1])
    return was_news and rewrite(turn.message, turn.history).wants_more


def goes_on_with_news(turn: Turn) -> bool:
    """Whether a message is only understood from the news that were just answered."""
    if not turn.history or not told_of_news(turn.history[-1]):
        return False
    if _VISITORS_OWN.search(turn.message.lower()) or is_surely_account(turn.message):
        return False
    rewritten = rewrite(turn.message, turn.history)
    return rewritten.is_follow_up and not rewritten.alone


def decline(turn: Turn) -> Reply:
    """Say politely that this is out of reach, and what is not."""
    lead = (
        "I'm afraid I can't help with that.",
        "Sorry, that is outside what I can do.",
        "That one is beyond me, I'm sorry.",
    )[len(turn.history) % 3]
    return Reply(text=f"{lead} {WHAT_I_DO}", outcome=Outcome.DECLINED, questions=FIRST_QUESTIONS)
