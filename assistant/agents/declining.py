"""Owns what Heidi says when she can't help, and whether the briefings are worth a look first."""

from __future__ import annotations

import re

from assistant.agents.smalltalk import FIRST_QUESTIONS, WHAT_I_DO
from assistant.core.events import Outcome
from assistant.core.replies import Reply
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
    r"^\W*(?:(?:so|and|but|ok|okay|please|hi|hey|hello|heidi|then)\W+)*(?:who|whose|what|when|where|"
    r"why|which|how|is|are|was|were|did|does|do|has|have|will|can|explain|tell me|describe|"
    r"summari[sz]e|compare)\b"
)
_ABOUT_THE_VISITOR = re.compile(r"\b(?:i|my|me|mine|we|our|us|you|your)\b")
_FOLLOW_UP = re.compile(r"\b(?:more|it|that|this|they|those|one|and|also|else|who|why)\b")
_FOLLOW_UP_WORDS = 8


def may_be_in_briefings(turn: Turn, route: Route) -> bool:
    """Whether the briefings shall be searched for a message that asks for nothing else."""
    text = turn.message[:500].lower()
    words = re.findall(r"[^\W\d_]{2,}", text)
    if not words:
        return False
    if route.probabilities.get(Intent.NEWS, 0.0) >= _NEWS_WORTHY:
        return True
    is_follow_up = len(words) <= _FOLLOW_UP_WORDS and _FOLLOW_UP.search(text) is not None
    if turn.state.get("news") and is_follow_up:
        return True
    return _KNOWLEDGE.match(text) is not None and not _ABOUT_THE_VISITOR.search(
        text.replace("tell me", "")
    )


def decline(turn: Turn) -> Reply:
    """Say politely that this is out of reach, and what is not."""
    lead = (
        "I'm afraid I can't help with that.",
        "Sorry, that is outside what I can do.",
        "That one is beyond me, I'm sorry.",
    )[len(turn.history) % 3]
    return Reply(text=f"{lead} {WHAT_I_DO}", outcome=Outcome.DECLINED, questions=FIRST_QUESTIONS)
