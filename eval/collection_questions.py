"""Owns making a collection into what Heidi knows and is asked: briefings and questions.

Pure, but for a query without a day, which is asked today.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from assistant.core.events import Outcome
from assistant.core.sentences import split_sentences
from eval.beir import Collection, Document, Query
from eval.questions import Expectation, Kind, Question, QuestionSet, Say, Step
from indexing.briefings import Briefing, Category, Section, Sentiment, Source

UNDATED = date(2020, 1, 1)
TITLE_WORDS = 12
LONGEST_GOLD_WORDS = 10
"""A longer gold answer is a passage; no other answer contains it word for word."""
MAX_WORDS = 60
"""Length of an answer to a quiz question."""


def briefing_id(document_id: str) -> str:
    """The id under which a document is published: a document's own may be no part of an address."""
    return f"doc-{hashlib.sha256(document_id.encode()).hexdigest()[:16]}"


def to_briefing(document: Document) -> Briefing:
    """A document as a briefing: its text unchanged, its title or else its first words."""
    identifier = briefing_id(document.id)
    metadata = document.metadata
    return Briefing(
        id=identifier,
        slug=identifier,
        title=document.title.strip() or _first_words(document.text),
        category=Category.BUSINESS,
        section=Section.NEWS,
        sentiment=Sentiment.NEUTRAL,
        date=day_of(metadata) or UNDATED,
        summary="",
        body=document.text,
        sources=(
            Source(
                name=str(metadata.get("source") or "Unknown"),
                url=str(metadata.get("url") or "https://example.com/"),
            ),
        ),
    )


def to_question_set(collection: Collection) -> QuestionSet:
    """Every query as a question that is to be answered, or not, as its metadata says.

    `metadata.answerable: false` asks for an abstention. `metadata.answer` lists gold answers, one
    of which a short answer has to contain. The clock stands on the day after the last document.
    """
    days = [day_of(document.metadata) or UNDATED for document in collection.documents]
    last = max(days, default=UNDATED) + timedelta(days=1)
    numbered = enumerate(collection.queries, start=1)
    return QuestionSet(
        name=collection.name,
        description=f"{len(collection.queries)} queries over {len(days)} documents",
        now=datetime.combine(last, time(12), UTC),
        questions=tuple(
            _question(query, number, collection.judgements.get(query.id, {}))
            for number, query in numbered
        ),
        digest=_digest(collection.queries),
    )


def day_of(metadata: Mapping[str, Any]) -> date | None:
    """The day in `metadata.date`, if there is one."""
    try:
        return date.fromisoformat(str(metadata.get("date"))[:10])
    except ValueError:
        return None


def asked_at(query: Query) -> datetime:
    """When a query is asked: on the day after its own, or today where it has none."""
    day = day_of(query.metadata)
    if day is None:
        return datetime.now(UTC)
    return datetime.combine(day + timedelta(days=1), time(), UTC)


def _question(query: Query, number: int, judged: Mapping[str, float]) -> Question:
    is_answerable = query.metadata.get("answerable", True)
    kind, expect = (
        (Kind.NEWS, _answered(query, judged)) if is_answerable else (Kind.ABSTENTION, _abstained())
    )
    return Question(
        id=f"{number}-{query.id}"[:80],
        kind=kind,
        steps=(Step(action=Say(message=query.text), expect=expect),),
        note=str(query.metadata.get("answer") or ""),
    )


def _answered(query: Query, judged: Mapping[str, float]) -> Expectation:
    gold = [str(answer) for answer in query.metadata.get("answer") or () if str(answer).strip()]
    short = tuple(answer for answer in gold if len(answer.split()) <= LONGEST_GOLD_WORDS)
    return Expectation(
        outcomes=frozenset({Outcome.ANSWERED}),
        cites=frozenset(f"/briefings/{briefing_id(document)}" for document in judged),
        contains=(short,) if short else (),
        max_words=MAX_WORDS if short else None,
    )


def _abstained() -> Expectation:
    return Expectation(outcomes=frozenset({Outcome.ABSTAINED, Outcome.DECLINED}))


def _first_words(text: str) -> str:
    sentences = split_sentences(text)
    words = (sentences[0].text if sentences else text).split()
    return " ".join(words[:TITLE_WORDS]) or "Untitled"


def _digest(queries: Sequence[Query]) -> str:
    content = "\n".join(f"{query.id}\t{query.text}" for query in queries)
    return hashlib.sha256(content.encode()).hexdigest()[:12]
