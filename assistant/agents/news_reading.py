"""Owns what every way of answering news needs: reading questions, passages and their sentences.

The ports are here; `retrieval.hybrid.HybridRetriever` and `retrieval.sentence_vectors` implement
them. Does not own what is answered (`news_findings.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from assistant.agents.news_requests import LONGEST_QUESTION, Request
from assistant.core.abstention import Evidence
from assistant.core.composition import Piece
from assistant.core.passages import Passage, RetrievalQuery, Retriever
from assistant.core.question_types import QuestionType
from assistant.core.reading import Question
from assistant.core.scoring import ScoredSentence, score_sentences, sentences_to_compare
from assistant.retrieval.understanding import Understanding

_READ_PASSAGES = 6
"""Passages whose sentences are weighed; the answer is hardly ever further down."""
_READ_WHOLE = 2
"""Best briefings that are read beyond what was found of them: the answer may be in other words."""
_MOST_OF_BRIEFING = 24
"""Passages of a briefing that are read at most."""
_UNFOUND = 0.05
"""What a passage that was not found by itself stands behind those that were."""


class NewsRetriever(Retriever, Protocol):
    """What answering news needs beyond searching; `retrieval.hybrid.HybridRetriever` is one."""

    async def read(self, text: str, today: date) -> Understanding:
        """Read filters and topic out of a question."""
        ...

    async def corrected(self, question: str) -> str:
        """A question with its slips of the pen mended."""
        ...

    async def briefing(self, briefing_id: str) -> tuple[Passage, ...]:
        """Every passage of a briefing in reading order."""
        ...

    async def term_weights(self, question: str) -> dict[str, float]:
        """How telling each content term of a question is, in (0, 1]."""
        ...


class SentenceSimilarity(Protocol):
    """Compares sentences with a question; `retrieval.sentence_vectors.SentenceVectors` is one."""

    async def similarities(self, question: str, sentences: Sequence[str]) -> list[float]:
        """Cosine similarity of the question and each sentence."""
        ...

    async def add(self, sentences: Sequence[str]) -> None:
        """Prepare for sentences that will be compared."""
        ...


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What was found: the answer, laid out, or nothing."""

    query: RetrievalQuery
    passages: tuple[Passage, ...]
    """Best first: for the trace, and as the nearest ones when there is no answer."""
    pieces: tuple[Piece, ...] = ()
    """Empty: the briefings do not answer."""
    evidence: Evidence | None = None
    is_digest: bool = False
    """The pieces list briefings, each of which can be asked about."""
    is_closest: bool = False
    """The pieces do not answer the question; they are the nearest that the briefings have."""
    is_partial: bool = False
    """Of two things that are compared, the pieces tell of one."""
    has_question: bool = True
    """False for words that ask nothing, as emoji do."""

    @property
    def answers(self) -> bool:
        """Whether the pieces answer the question."""
        return bool(self.pieces) and not self.is_closest


class NewsReader:
    """Reads briefings with a question in mind.

    Args:
        retriever: finds passages.
        sentences: compares sentences with questions.
    """

    def __init__(self, retriever: NewsRetriever, sentences: SentenceSimilarity) -> None:
        self.retriever = retriever
        self._sentences = sentences

    async def found(self, query: RetrievalQuery) -> tuple[Passage, ...]:
        """What a search finds, without what is dated after the day of asking, if anything else is.

        A date to come is that of something planned; it neither answers nor replaces an answer.
        """
        passages = await self.retriever.search(replace(query, limit=2 * query.limit))
        day = query.as_of
        past = [passage for passage in passages if day is None or passage.date <= day]
        return tuple(past or passages)[: query.limit]

    async def question(self, text: str, kind: QuestionType) -> Question:
        """A question with how telling its terms are."""
        weights = await self.retriever.term_weights(text)
        return Question(text=text[:LONGEST_QUESTION], kind=kind, weights=weights)

    async def scored(
        self, question: Question, passages: Sequence[Passage]
    ) -> tuple[ScoredSentence, ...]:
        """The sentences of passages with how well each answers, best first."""
        texts = sentences_to_compare(question, passages)
        near = dict(
            zip(texts, await self._sentences.similarities(question.text, texts), strict=True)
        )
        return score_sentences(
            question, passages, lambda found: [near.get(text, 0.0) for text in found]
        )

    async def read(self, passages: Sequence[Passage]) -> tuple[Passage, ...]:
        """The best passages, and what else the briefings of the very best say."""
        read = list(passages[:_READ_PASSAGES])
        known = {passage.chunk_id for passage in read}
        for briefing_id in list(dict.fromkeys(p.briefing_id for p in read))[:_READ_WHOLE]:
            own = [passage for passage in read if passage.briefing_id == briefing_id]
            least = min(own, key=lambda passage: passage.score)
            whole = await self.retriever.briefing(briefing_id)
            read.extend(
                replace(passage, score=least.score - _UNFOUND, similarity=least.similarity)
                for passage in whole[:_MOST_OF_BRIEFING]
                if passage.chunk_id not in known
            )
        return tuple(read)

    async def whole(self, passages: Sequence[Passage]) -> dict[str, tuple[Passage, ...]]:
        """Every passage of the briefings of passages, by their ids."""
        return {
            briefing_id: await self.retriever.briefing(briefing_id)
            for briefing_id in {passage.briefing_id for passage in passages}
        }

    async def nothing(self, request: Request) -> Finding:
        """No answer, and the newest briefings as the nearest."""
        newest = replace(request.query, text="", briefing_ids=(), limit=3)
        return Finding(query=newest, passages=await self.retriever.search(newest))
