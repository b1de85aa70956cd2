"""Owns reading a question as a query: time, category, tone and source become filters.

Pure; the day is passed in. What is left over is the topic. Does not own dates (`periods.py`), the
kind of answer (`core/question_types.py`) or follow-ups (`core/rewriting.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from assistant.core.passages import RetrievalQuery
from assistant.core.question_types import asks_for_briefings
from assistant.core.terms import content_terms, fold
from assistant.retrieval.periods import Period, find_period
from indexing.briefings import Category, Sentiment

_CATEGORY_WORDS: dict[Category, str] = {
    Category.AI: r"ai|a\.i\.|artificial intelligence|machine learning",
    Category.ROBOTICS: r"robotics?|robots?",
    Category.CHIPS: r"chips?|semiconductors?|microchips?|processors?",
    Category.CLOUD: r"cloud(?: computing)?",
    Category.SECURITY: r"(?:cyber|it |information )?-?security|cyber-?attacks?|hack(?:s|ing)?",
    Category.SOFTWARE: r"software|programming|software development|developer tools?",
    Category.POLICY: r"(?:tech |ai )?policy|(?:ai |tech )?regulations?|regulatory|legislation",
    Category.BUSINESS: r"business|industry|markets?|companies",
    Category.SCIENCE: r"science|(?:scientific )?research",
    Category.WORK: r"work|jobs?|employment|labou?r(?: market)?|careers?|workforce",
}
_CATEGORIES = tuple(
    (category, re.compile(rf"\b(?:the )?(?:{words})\b", re.IGNORECASE))
    for category, words in _CATEGORY_WORDS.items()
)

_THINGS = (
    r"(?:news|headlines?|stor(?:y|ies)|briefings?|articles?|updates?|developments?|posts?|"
    r"coverage|things?|reports?)"
)
_TONES: tuple[tuple[Sentiment, str], ...] = (
    (
        Sentiment.POSITIVE,
        r"positive|good|great|encouraging|uplifting|upbeat|optimistic|hopeful|cheerful|happy",
    ),
    (
        Sentiment.NEGATIVE,
        r"negative|bad|worrying|alarming|pessimistic|gloomy|troubling|concerning|sad",
    ),
    (Sentiment.NEUTRAL, r"neutral|balanced"),
)
_SENTIMENTS = tuple(
    (
        sentiment,
        re.compile(
            rf"\b(?:anything|something|nothing|what(?:'s| is)|more|only) (?:{words})\b"
            rf"(?! (?:at|for|with)\b)"
            rf"|\b(?:{words})(?: \w+)? {_THINGS}\b"
            rf"|\b{_THINGS} (?:that (?:is|are|'s) )?(?:{words})\b",
            re.IGNORECASE,
        ),
    )
    for sentiment, words in _TONES
)

_RECENT = re.compile(
    r"\b(?:latest|newest|most recent|recent(?:ly)?|lately|breaking|just (?:in|now|announced)|"
    r"right now|currently|these days|up to date|new (?:in|on|about|with|at)|what(?:'s| is) new|"
    r"anything new|news)\b",
    re.IGNORECASE,
)
_RECENT_ONLY = re.compile(
    r"\b(?:latest|newest|most recent|recent(?:ly)?|lately|breaking|right now|these days)\b",
    re.IGNORECASE,
)
_SOURCE = re.compile(
    r"\b(?:according to|reported by|report(?:s|ed)? from|news from|posts? (?:by|from)|"
    r"articles? (?:by|from)|briefings? from|source:|says?|said|from)\b",
    re.IGNORECASE,
)
_QUARTER = re.compile(r"\bquarter\b", re.IGNORECASE)
_QUOTED = re.compile(r"“[^”]{1,300}”|\"[^\"]{1,300}\"")
_NUMBERS = {
    word: number
    for number, word in enumerate("two three four five six seven eight nine ten".split(), start=2)
}
_NUMBER = rf"(\d{{1,2}}|{'|'.join(_NUMBERS)})"
_COUNTED = re.compile(
    rf"\b{_NUMBER}(?: (?!of\b)\w+){{0,2}} {_THINGS}\b"
    rf"|\b(?:latest|newest|last|top|(?:most )?recent) {_NUMBER}\b"
    r"(?! (?:day|week|month|quarter|year)s?\b)",
    re.IGNORECASE,
)
_MOST_COUNTED = 10
_SOURCE_WORD = re.compile(r"[\w.&+-]+")
_LONGEST_READ = 1_000
"""Characters in which filters are looked for; what follows is only searched."""


@dataclass(frozen=True, kw_only=True)
class Understanding:
    """A question, read."""

    query: RetrievalQuery
    is_digest: bool
    """Whether it asks for briefings as such."""
    topic: str
    """The stems left when filters and request words are taken out; empty for "any news?"."""
    words: str = ""
    """The topic as the visitor wrote it."""
    period: str = ""
    """The period as the visitor wrote it: "this week", "since March"."""


def understand(
    question: str, today: date, *, source_names: Iterable[str] = (), limit: int = 8
) -> Understanding:
    """Read a question as of a day.

    Args:
        question: rewritten to stand alone.
        today: the day in the visitor's reckoning.
        source_names: names of the sources that exist.
        limit: most passages to return.
    """
    text = question.replace("’", "'")
    head = text[:_LONGEST_READ]
    # A title in quotes names a briefing; "today" in it is no day.
    unquoted = _QUOTED.sub(lambda found: "·" * len(found.group()), head)
    is_digest = asks_for_briefings(head)
    period = find_period(unquoted, today)
    if period and not is_digest and _QUARTER.search(unquoted[period.start : period.end]):
        period = None  # "Its last quarter" is one of the company's, whenever that was.
    sentiment, tone = _find_sentiment(unquoted)
    count = _find_count(unquoted) if is_digest else None
    source = _find_source(head, source_names)
    taken = [(period.start, period.end)] if period and _is_hard(period, is_digest) else []
    taken += [tone] if tone else []
    taken += [count[1]] if count else []
    rest = _without(head, taken) + text[_LONGEST_READ:]
    categories = _find_categories(rest) if is_digest else ()
    query = RetrievalQuery(
        text=_search_text(rest, is_digest),
        since=period.since if period else None,
        until=period.until if period else None,
        is_period_soft=period is not None and not _is_hard(period, is_digest),
        as_of=today,
        categories=categories,
        sentiment=sentiment,
        source=source,
        prefers_recent=_prefers_recent(head, is_digest),
        limit=min(count[0], _MOST_COUNTED) or limit if count else limit,
    )
    return Understanding(
        query=query,
        is_digest=is_digest,
        topic=" ".join(content_terms(rest)),
        words=query.text if is_digest else "",
        period=head[period.start : period.end].strip() if period else "",
    )


def _find_count(text: str) -> tuple[int, tuple[int, int]] | None:
    """How many briefings are asked for, and where that is said: "the three latest stories"."""
    match = _COUNTED.search(text)
    if match is None:
        return None
    group = 1 if match.group(1) else 2
    word = match.group(group).lower()
    return int(_NUMBERS.get(word, word)), match.span(group)


def _is_hard(period: Period, is_digest: bool) -> bool:
    """Whether only briefings of the period can answer.

    "Installed in 2024" may stand in a briefing of 2025; "news of 2024" can't.
    """
    return is_digest or period.is_relative


def _find_sentiment(text: str) -> tuple[str | None, tuple[int, int] | None]:
    for sentiment, pattern in _SENTIMENTS:
        match = pattern.search(text)
        if match:
            words = re.search(dict(_TONES)[sentiment], match.group(), re.IGNORECASE)
            start = match.start() + (words.start() if words else 0)
            end = match.start() + (words.end() if words else 0)
            return sentiment.value, (start, end)
    return None, None


def _find_categories(text: str) -> tuple[str, ...]:
    """The category that the topic names, when it names nothing more."""
    for category, pattern in _CATEGORIES:
        match = pattern.search(text)
        if match and not content_terms(_without(text, [match.span()])):
            return (category.value,)
    return ()


def _find_source(text: str, names: Iterable[str]) -> str | None:
    cue = _SOURCE.search(text)
    if cue is None:
        return None
    said = " ".join(_SOURCE_WORD.findall(fold(text)))
    found = [name for name in names if len(name) > 2 and f" {fold(name)} " in f" {said} "]
    return max(found, key=len, default=None)


def _prefers_recent(text: str, is_digest: bool) -> bool:
    pattern = _RECENT if is_digest else _RECENT_ONLY
    return is_digest or pattern.search(text) is not None


def _search_text(rest: str, is_digest: bool) -> str:
    if not is_digest:
        return " ".join(rest.split())
    words = [
        word for word in rest.split() if content_terms(word) or word.lower() in {"of", "and", "in"}
    ]
    topic = " ".join(words).strip(" ?!.,:;")
    return _LOOSE_ENDS.sub("", topic) if content_terms(rest) else ""


_LOOSE_ENDS = re.compile(r"^(?:(?:of|and|in)\s+)+|(?:\s+(?:of|and|in))+$", re.IGNORECASE)


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    for start, end in sorted(spans, reverse=True):
        text = f"{text[:start]} {text[end:]}"
    return text
