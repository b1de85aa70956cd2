"""Owns the Request: a news question, rewritten and read, and what follows from its words. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from assistant.core.passages import RetrievalQuery
from assistant.core.question_types import QuestionType, question_type
from assistant.core.telling import telling_phrases
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
    elsewhere: str = ""
    """What to ask of all briefings when those do not answer."""
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


_RELEASE = re.compile(
    r"\bwhat(?:'s| is| are| has| have| was| were)? (?:\w+ ){0,2}?(?:new|changed|changes|different|"
    r"included|added|improved)\b"
    r"|\bwhat (?:does|did|do) .{2,60}? (?:bring|add|include|change|fix|improve|introduce|offer|"
    r"contain|ship with|come with)\W*$"
    r"|\bwhat (?:came|comes|is coming) (?:with|in)\b|\bwhat(?:'s| is) in \S+ \d"
    r"|\b(?:which|what) (?:\w+ ){0,2}?features? (?:came|comes?|are|were|is|was|does|did|got|has)\b"
    r"|\bhighlights? (?:of|in|from)\b|\b(?:new|main|key|biggest) features? (?:of|in)\b",
    re.IGNORECASE,
)


def asks_for_release(text: str) -> bool:
    """Whether a question asks what is in a version: "What does Rust 1.94 bring?"."""
    is_of_one = bool(telling_phrases(text)) and not _BETWEEN.search(text)
    return is_of_one and _RELEASE.search(text.replace("’", "'")) is not None


_BETWEEN = re.compile(r"\bbetween .{2,80} and \S", re.IGNORECASE)
"""Two are compared."""


def kind_of(text: str, understanding: Understanding) -> QuestionType:
    """The kind of answer a request asks for."""
    if understanding.is_digest or asks_for_release(text):
        return QuestionType.DIGEST
    return question_type(text)


_ABOUT_FRAME = re.compile(
    r"^\W*(?:(?:please|can you|could you|would you|so|and|ok|okay|hey|hi)\W+)*"
    r"(?:(?:tell|inform|brief) (?:me|us)(?: (?:a bit|a little|something|more|everything|all))*"
    r" (?:about|on)|what(?:'s| is| are| was|s)?|what do you know about|"
    r"(?:give me |write )?(?:a |an |the )?(?:short |brief |quick )?"
    r"(?:summar(?:y|ise|ize)|overview|gist|sum up|explain|describe|more about|about|tl;?dr)"
    r"(?: (?:of|on|about|for))?)\s+(?:me\s+)?",
    re.IGNORECASE,
)
_ABOUT_TAIL = re.compile(
    r"(?:,?\s+in (?:(?:one|two|three|a few|some|\d) (?:sentences?|words|lines)|short|brief|"
    r"a nutshell))?(?:\s+(?:all |really )?about)?(?:,? please)?\W*$",
    re.IGNORECASE,
)


def about_topic(text: str) -> str:
    """What a request for a summary is about: "What is the skills gap about?" → "the skills gap"."""
    return _ABOUT_TAIL.sub("", _ABOUT_FRAME.sub("", text, count=1)) or text


_SIDES = (
    re.compile(
        r"\b(?:differences?|changed|changes) between (.{2,80}?) and (.{1,80}?)\W*$", re.IGNORECASE
    ),
    re.compile(r"\bcompare (.{2,80}?) (?:and|with|to|against|vs\.?) (.{1,80}?)\W*$", re.IGNORECASE),
    re.compile(r"\bhow (?:does|do) (.{2,80}?) compare (?:to|with) (.{1,80}?)\W*$", re.IGNORECASE),
    re.compile(
        r"^\W*(.{2,80}?) (?:vs\.?|versus|compared (?:to|with)) (.{1,80}?)\W*$", re.IGNORECASE
    ),
    re.compile(r"^\W*is (.{2,60}?) \w+er than (.{1,80}?)\W*$", re.IGNORECASE),
    re.compile(
        r"\bhow (?:does|do|did|is|are) (.{2,80}?) (?:differ(?:ent)?) (?:from|to) (.{1,80}?)\W*$",
        re.IGNORECASE,
    ),
    re.compile(r"\bwhat (?:distinguishes|sets) (.{2,80}?) (?:apart )?from (.{1,80}?)\W*$", re.I),
    re.compile(
        r"^\W*(?:which|what) (?:one )?(?:is|are|was) (?:\w+er|more \w+|the \w+est)[,:;–—-]*"
        r"\s(?:the )?(.{2,60}?) or (.{1,80}?)\W*$",
        re.IGNORECASE,
    ),
)


@dataclass(frozen=True, kw_only=True)
class Side:
    """One of two things that are compared."""

    label: str
    question: str
    """What is looked for of it."""
    kind: QuestionType = QuestionType.COMPARE
    year: int | None = None
    """Of one thing in two years, which."""


_TWO_YEARS = re.compile(
    r"\b(?:in |of |from )?((?:19|20)\d\d)(?:,)? (?:and|or|than|vs\.?|versus|to|with)(?: (?:in|of|"
    r"from))? ((?:19|20)\d\d)\b",
    re.IGNORECASE,
)
_COMPARING = re.compile(
    r"^\W*(?:compare|was|were|is|are|did|does|do|has|have|had|how (?:does|do|did))\b"
    r"|\b(?:higher|lower|more|fewer|less|larger|smaller|bigger|better|greater|compare[sd]?|differ)\b",
    re.IGNORECASE,
)


def sides_of(text: str) -> tuple[Side, Side] | None:
    """The two things that a question compares: two names, or one thing in two years."""
    read = text[:LONGEST_QUESTION]
    years = _TWO_YEARS.search(read)
    if years and _COMPARING.search(read):
        asked = f"{read[: years.start()]} {read[years.end() :]}"
        topic = " ".join(_COMPARING.sub(" ", asked).split()).strip(" ?.!,")
        first, second = (
            Side(
                label=year,
                question=f"{topic} in {year}",
                kind=QuestionType.HOW_MUCH,
                year=int(year),
            )
            for year in years.groups()
        )
        return first, second
    for pattern in _SIDES:
        match = pattern.search(read)
        if match:
            one, other = (_ARTICLE.sub("", found.strip()) for found in match.groups())
            named = with_shared_name(one, other)
            if any(_PRONOUN.fullmatch(name) for name in named):
                return None
            return Side(label=named[0], question=named[0]), Side(label=named[1], question=named[1])
    return None


_ARTICLE = re.compile(r"^(?:the|a|an) ", re.IGNORECASE)
_NUMBERED = r"(?:(?:versions?|releases?) )?v?\d[\w.]*"
_BARE_NUMBER = re.compile(rf"{_NUMBERED}(?: [A-Z]\w*| (?:mini|beta|preview))?", re.IGNORECASE)
"""A version without what it is of: "18", "v1.3", "16 Pro"."""
_NAME_BEFORE_NUMBER = re.compile(
    r"^(?P<name>\D*?[^\W\d](?:[+#.]*))(?P<gap>[ -])(?:(?:versions?|releases?) )?(?=v?\d)",
    re.IGNORECASE,
)
_NUMBER_OF_NAME = re.compile(rf"^(?P<number>{_NUMBERED}) (?:of|in) (?P<name>\D{{2,60}})$", re.I)
_COUNTING = re.compile(r"^(?:versions?|releases?) ", re.IGNORECASE)


def with_shared_name(first: str, second: str) -> tuple[str, str]:
    """Two things that are compared, with the name that is said only once of both.

    "PostgreSQL 19" and "18" give "PostgreSQL 19" and "PostgreSQL 18"; "1.2" and "1.3 of Acme" give
    "Acme 1.2" and "Acme 1.3". Others stay as they are.
    """
    shared = _NAME_BEFORE_NUMBER.match(first)
    if shared and _BARE_NUMBER.fullmatch(second):
        name, gap = shared["name"], shared["gap"]
        return f"{name}{gap}{first[shared.end() :]}", f"{name}{gap}{_number(second)}"
    named = _NUMBER_OF_NAME.match(second) or _NAME_BEFORE_NUMBER.match(second)
    if named and _BARE_NUMBER.fullmatch(first):
        number = named.groupdict().get("number") or second[named.end() :]
        name = named["name"] + (named.groupdict().get("gap") or " ")
        return f"{name}{_number(first)}", f"{name}{_number(number)}"
    return first, second


def _number(version: str) -> str:
    """The number alone: "1.3" of "version 1.3"."""
    return _COUNTING.sub("", version)


_PRONOUN = re.compile(r"(?:it|they|them|this|that|these|those|he|she)", re.IGNORECASE)


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


_SAID_OF = re.compile(
    r"\s+(?:announced?|publish(?:ed)?|released?|wr(?:ote|itten)|post(?:ed)?|done|did)\W*$",
    re.IGNORECASE,
)


def _subject(understanding: Understanding) -> str:
    """What a digest is on, as the visitor wrote it: "dstack" of "what has dstack announced"."""
    if understanding.words:
        return _SAID_OF.sub("", understanding.words)
    text = understanding.query.text
    places = [
        found.span()
        for phrase in telling_phrases(text)
        if (found := re.search(re.escape(phrase).replace(r"\ ", "[ -]v?"), text, re.IGNORECASE))
    ]
    return " and ".join(text[start:end] for start, end in sorted(places))


def introduction(understanding: Understanding, query: RetrievalQuery, note: str) -> str:
    """The line above a digest: what it lists, or what had to be left out to list anything."""
    asked = understanding.query
    about = f" on {_subject(understanding)}" if _subject(understanding) else ""
    if note:
        when = f" {understanding.period}" if asked != query and understanding.period else ""
        return f"{note}{about}{when} in our briefings. The nearest:"
    what = f"{query.sentiment.capitalize()} news" if query.sentiment else "The latest"
    when = f", {understanding.period}" if understanding.period else ""
    return f"{what}{about}{when}:"
