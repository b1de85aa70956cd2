"""Owns gathering what the answerer weighs for the questions it is fitted on (`fit_answers.py`)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from assistant.agents.news_reading import NewsReader
from assistant.agents.news_requests import Request, kind_of
from assistant.core import scoring
from assistant.core.passages import Passage, RetrievalQuery
from assistant.core.question_types import QuestionType
from assistant.core.reading import Question
from assistant.core.rewriting import rewrite
from assistant.core.terms import content_terms
from assistant.retrieval.hybrid import HybridRetriever
from assistant.retrieval.sentence_vectors import SentenceVectors
from assistant.retrieval.vector_file import VectorFile
from eval.beir import Query, read_collection
from eval.collection_questions import asked_at, briefing_id, to_briefing
from eval.knowledge import FilledIndex, filled_index
from eval.question_file import read_question_set
from eval.questions import Kind, Say
from eval.questions import Question as OwnQuestion


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question, when it is asked, and what is known of its answer."""

    key: str
    text: str
    today: date
    is_answerable: bool
    relevant: frozenset[str] = frozenset()
    """Ids of briefings that answer."""
    gold: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A question with all that is weighed to answer it."""

    asked: Asked
    source: str
    kind: str
    """"quiz" has gold answers, "labelled" questions without an answer, "own" both."""
    question: Question
    passages: tuple[Passage, ...]
    read: tuple[Passage, ...]
    whole: Mapping[str, tuple[Passage, ...]]
    similarities: Mapping[str, float]
    is_without: bool
    """Asked as if its briefings did not exist."""

    @property
    def half(self) -> int:
        """Which half it belongs to."""
        return int(hashlib.sha256(self.asked.key.encode()).hexdigest(), 16) % 2


class _Without:
    """A retriever that doesn't know some briefings."""

    def __init__(self, retriever: HybridRetriever, unknown: frozenset[str]) -> None:
        self._retriever = retriever
        self._unknown = unknown

    def __getattr__(self, name: str) -> object:
        return getattr(self._retriever, name)

    async def search(self, query: RetrievalQuery) -> tuple[Passage, ...]:
        """What is found, as far as it is known."""
        more = 4 * len(self._unknown)
        found = await self._retriever.search(replace(query, limit=query.limit + more))
        known = [passage for passage in found if passage.briefing_id not in self._unknown]
        return tuple(known[: query.limit])


async def _sample(
    filled: FilledIndex, sentences: SentenceVectors, asked: Asked, source: str, *, without: bool
) -> Sample | None:
    """What the news answerer would weigh; None for what it does not answer by a fact."""
    unknown = asked.relevant if without else frozenset()
    retriever = _Without(filled.retriever, unknown)
    reader = NewsReader(retriever, sentences)  # type: ignore[arg-type]
    text = rewrite(await filled.retriever.corrected(asked.text), (), last_question=None).text
    reading = await filled.retriever.read(text, asked.today)
    kind = kind_of(text, reading)
    if kind in {QuestionType.DIGEST, QuestionType.ABOUT} or not content_terms(text):
        return None
    query = Request(text=text, kind=kind, understanding=reading).query
    passages = await reader.found(query)
    question = replace(await reader.question(query.text, kind), today=asked.today)
    read = await reader.read(passages)
    texts = scoring.sentence_texts(read)
    near = await sentences.similarities(question.text, texts)
    return Sample(
        asked=asked,
        source=source,
        kind=_kind_of(asked, source),
        question=question,
        passages=passages,
        read=read,
        whole=await reader.whole(read),
        similarities=dict(zip(texts, near, strict=True)),
        is_without=without,
    )


def _kind_of(asked: Asked, source: str) -> str:
    if source.startswith("own:"):
        return "own"
    return "quiz" if asked.gold else "labelled"


async def _samples(
    filled: FilledIndex, asked: Sequence[Asked], source: str, cache: Path
) -> list[Sample]:
    sentences = SentenceVectors(
        filled.embedder, VectorFile(cache / "sentences.sqlite3", filled.embedder.model_id)
    )
    found: list[Sample | None] = []
    for each in asked:
        found.append(await _sample(filled, sentences, each, source, without=False))
        if each.relevant and each.is_answerable and _kind_of(each, source) != "labelled":
            found.append(await _sample(filled, sentences, each, source, without=True))
    return [sample for sample in found if sample]


async def _of_collection(folder: Path, where: Mapping[str, str], cache: Path) -> list[Sample]:
    collection = read_collection(folder)
    asked = [
        Asked(
            key=query.id,
            text=query.text,
            today=asked_at(query).date(),
            is_answerable=bool(query.metadata.get("answerable", True)),
            relevant=frozenset(map(briefing_id, collection.judgements.get(query.id, {}))),
            gold=_gold_of(query),
        )
        for query in collection.queries
        if all(str(query.metadata.get(key, value)).lower() == value for key, value in where.items())
    ]
    data_dir = cache / collection.name
    data_dir.mkdir(parents=True, exist_ok=True)
    async with filled_index(data_dir, [to_briefing(d) for d in collection.documents]) as filled:
        return await _samples(filled, asked, collection.name, cache)


def _gold_of(query: Query) -> tuple[str, ...]:
    """Short gold answers; where unanswerable questions are labelled they are whole passages."""
    if "answerable" in query.metadata:
        return ()
    return tuple(str(gold) for gold in query.metadata.get("answer") or () if str(gold).strip())


async def _of_questions(path: Path, data_dir: Path, cache: Path) -> list[Sample]:
    async with filled_index(data_dir, ()) as filled:
        newest = await filled.retriever.search(RetrievalQuery(text="", limit=1_000_000))
        paths = {passage.briefing_id: passage.path for passage in newest}
        known = {path: key for key, path in paths.items()}
        questions = read_question_set(path, paths)
        today = questions.now.date() if questions.now else newest[0].date + timedelta(days=1)
        asked = [each for q in questions.questions if (each := _of_own(q, known, today))]
        return await _samples(filled, asked, f"own:{questions.name}", cache)


def _of_own(question: OwnQuestion, known: Mapping[str, str], today: date) -> Asked | None:
    first = question.steps[0]
    is_asked = question.kind in {Kind.NEWS, Kind.ABSTENTION}
    if not is_asked or not isinstance(first.action, Say):
        return None
    return Asked(
        key=question.id,
        text=first.action.message,
        today=today,
        is_answerable=question.kind is Kind.NEWS,
        relevant=frozenset(known[path] for path in first.expect.cites if path in known),
        gold=tuple(word for group in first.expect.contains for word in group),
    )


async def gathered(
    collections: Sequence[Path],
    where: Mapping[str, str],
    questions: Mapping[Path, Path],
    cache: Path,
) -> list[Sample]:
    """The samples of all sources.

    Args:
        collections: folders in the BEIR layout.
        where: only queries that have these values in their metadata, or lack the key.
        questions: question sets, each with the data directory of the index that it asks.
        cache: folder for indexes and vectors, kept between runs.
    """
    found: list[Sample] = []
    for folder in collections:
        found += await _of_collection(folder, where, cache)
    for path, data_dir in questions.items():
        found += await _of_questions(path, data_dir, cache)
    return found
