"""Owns the Request: a news question, rewritten and read, and what follows from its words. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from assistant.core.passages import RetrievalQuery
from assistant.core.question_types import QuestionType, question_type
from assistant.retrieval.understanding import Understanding

LONGEST_QUESTION = 1_000
"""Characters of a question that are read."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """A question, rewritten and read."""

    text: str
    kind: QuestionType
    understanding: Understanding
    briefing_ids: tuple[str, ...] = ()
    """Look here first."""
    alone: str = ""
    """The question as it stands, when it is not sure that it is about those briefings."""
    focus: frozenset[str] = frozenset()
    """Stems that the sentences of the answer must hold, beside the title."""
    wants_more: bool = False
    asks_for: Literal["answer", "source", "date"] = "answer"
    said: frozenset[str] = frozenset()
    """Sentences the visitor has read before, folded."""

    @property
    def query(self) -> RetrievalQuery:
        """The query for the retriever."""
        return replace(self.understanding.query, briefing_ids=self.briefing_ids)


def kind_of(text: str, understanding: Understanding) -> QuestionType:
    """The kind of answer a request asks for."""
    return QuestionType.DIGEST if understanding.is_digest else question_type(text)


_ABOUT_FRAME = re.compile(
    r"^\W*(?:(?:please|can you|could you|would you|so|and|ok|okay|hey|hi)\W+)*"
    r"(?:(?:tell|inform|brief) (?:me|us)(?: (?:a bit|a little|something|more|everything|all))*"
    r" (?:about|on)|what(?:'s| is| are| was|s)?|what do you know about|"
    r"(?:give me |write )?(?:a |an |the )?(?:short |brief |quick )?"
    r"(?:summar(?:y|ise|ize)|overview|gist|sum up|explain|describe|more about|about|tl;?dr)"
    r"(?: (?:of|on|about|for))?)\s+(?:me\s+)?",
    re.IGNORECASE,
)
_ABOUT_TAIL = re.compile(r"(?:\s+(?:all |really )?about)?\W*$", re.IGNORECASE)


def about_topic(text: str) -> str:
    """What a request for a summary is about: "What is the skills gap about?" → "the skills gap"."""
    return _ABOUT_TAIL.sub("", _ABOUT_FRAME.sub("", text, count=1)) or text


_SIDES = (
    re.compile(r"\bdifferences? between (.{2,80}?) and (.{2,80}?)\W*$", re.IGNORECASE),
    re.compile(r"\bcompare (.{2,80}?) (?:and|with|to|against|vs\.?) (.{2,80}?)\W*$", re.IGNORECASE),
    re.compile(r"\bhow (?:does|do) (.{2,80}?) compare (?:to|with) (.{2,80}?)\W*$", re.IGNORECASE),
    re.compile(
        r"^\W*(.{2,80}?) (?:vs\.?|versus|compared (?:to|with)) (.{2,80}?)\W*$", re.IGNORECASE
    ),
    re.compile(r"^\W*is (.{2,60}?) \w+er than (.{2,80}?)\W*$", re.IGNORECASE),
)


def sides_of(text: str) -> tuple[str, str] | None:
    """The two things that a question compares."""
    for pattern in _SIDES:
        match = pattern.search(text[:LONGEST_QUESTION])
        if match:
            return match.group(1).strip(), match.group(2).strip()
    return None


def relaxations(understanding: Understanding) -> list[tuple[RetrievalQuery, str]]:
    """The query as understood, then with one filter dropped after another, and what to say."""
    query = understanding.query
    steps = [(query, "")]
    if query.categories:
        steps.append((replace(query, categories=()), ""))
    if query.sentiment:
        query = replace(query, sentiment=None)
        steps.append((query, f"Nothing {understanding.query.sentiment}"))
    if query.since or query.until:
        query = replace(query, since=None, until=None)
        steps.append((query, "Nothing"))
        if query.categories:
            steps.append((replace(query, categories=()), "Nothing"))
    return steps


def introduction(understanding: Understanding, query: RetrievalQuery, note: str) -> str:
    """The line above a digest: what it lists, or what had to be left out to list anything."""
    asked = understanding.query
    about = f" on {understanding.words}" if understanding.words else ""
    if note:
        when = f" {understanding.period}" if asked != query and understanding.period else ""
        return f"{note}{about}{when} in our briefings. The nearest:"
    what = f"{query.sentiment.capitalize()} news" if query.sentiment else "The latest"
    when = f", {understanding.period}" if understanding.period else ""
    return f"{what}{about}{when}:"
