"""Owns answering news questions without a model: every sentence comes from a briefing, cited.

Used by the built-in agent, which adds its own state to the turn. Does not own finding the answer
(`news_findings.py`) or its layout (`core/composition.py`).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass

from assistant.agents.answer_writer import AnswerWriter
from assistant.agents.news_findings import (
    Finding,
    NewsFinder,
    NewsRetriever,
    SentenceSimilarity,
)
from assistant.agents.news_requests import Request, kind_of
from assistant.core.asked_values import Value, asked_value, has_value
from assistant.core.composition import (
    Piece,
    as_markdown,
    not_in_our_briefings,
    title_as_question,
)
from assistant.core.events import (
    EventBody,
    JsonObject,
    Outcome,
    Retrieval,
    Status,
    Suggestions,
    TurnCompleted,
)
from assistant.core.extraction import said_sentences
from assistant.core.features import passage_terms, terms_of
from assistant.core.passages import Passage, RetrievalQuery
from assistant.core.question_types import QuestionType, question_type
from assistant.core.reading import Question
from assistant.core.rewriting import Rewritten, rewrite
from assistant.core.scoring import score_sentences, sentence_texts
from assistant.core.sentences import without_tags
from assistant.core.terms import content_terms
from assistant.core.turns import PastTurn, Turn
from assistant.retrieval.hybrid import HybridRetriever
from assistant.retrieval.sentence_vectors import SentenceVectors
from indexing.embedding import Embedder

STATE_KEY = "news"
"""Where the news answerer keeps its part of the dialogue state."""

_SUGGESTED = 3
_RELATED_SHARE = 0.6
"""Relevance of a suggested briefing as a share of the best one's."""
_ASK_FOR_TOPIC = "What would you like to read about? Name a topic, a company or a period."
_CLOSEST = "I'm not sure our briefings answer that. The closest:\n\n"
_NOT_IT = "\n\nNot it? Say “talk to a person”."
_NO_QUESTION = (
    "I find no question about the news in that, so there is nothing in our briefings to answer it. "
    "Name a topic, a company or a period, or pick one of the newest briefings."
)
_NOTHING_MORE = "That is all our briefing says about it."
_PERSON = "Talk to a person"


_ANY_QUESTION = Question(
    text="Who released Acme 1.2 in May 2020?", kind=QuestionType.WHO, weights={}
)


def _no_similarities(sentences: Sequence[str]) -> list[float]:
    return [0.0] * len(sentences)


class NewsAnswerer:
    """Answers news questions from the briefings.

    Args:
        retriever: finds passages.
        embedder: compares sentences with questions; ignored when `sentences` is given.
        sentences: compares sentences with questions.
    """

    def __init__(
        self,
        retriever: NewsRetriever,
        embedder: Embedder | None = None,
        *,
        sentences: SentenceSimilarity | None = None,
    ) -> None:
        if sentences is None:
            if embedder is None:
                raise TypeError("NewsAnswerer needs an embedder or sentences")
            sentences = SentenceVectors(embedder)
        self._retriever = retriever
        self._sentences = sentences
        self._finder = NewsFinder(retriever, sentences)
        self._prepared: dict[str, tuple[str, ...]] = {}
        self._questions = 0
        self._is_idle = asyncio.Event()
        self._is_idle.set()

    async def warm(self, *, most_briefings: int = 100) -> None:
        """Prepare the sentences of the newest briefings, so that the first answers come at once.

        Whoever asks meanwhile goes first; what was prepared before is not prepared again.

        Args:
            most_briefings: how many briefings to prepare.
        """
        if isinstance(self._retriever, HybridRetriever):
            await self._retriever.warm()
        newest = await self._retriever.search(RetrievalQuery(text="", limit=most_briefings))
        for passage in newest:
            passages = await self._retriever.briefing(passage.briefing_id)
            # A chunk's id stands for its content.
            content = tuple(each.chunk_id for each in passages)
            if self._prepared.get(passage.briefing_id) == content:
                continue
            await self._is_idle.wait()
            await self._sentences.add(sentence_texts(passages))
            # Reads names, figures and terms of each sentence, which every answer compares.
            await asyncio.to_thread(score_sentences, _ANY_QUESTION, passages, _no_similarities)
            self._prepared[passage.briefing_id] = content

    async def answer(
        self, turn: Turn, question: str, *, offset: int = 0, first_number: int = 1
    ) -> AsyncIterator[EventBody]:
        """Answer one question as events, ending with `TurnCompleted`.

        Args:
            turn: for history, state, clock and timezone.
            question: what to answer: the turn's message or the part of it that asks for news.
            offset: code points of the turn's answer that were sent before.
            first_number: next free citation number.
        """
        self._questions += 1
        self._is_idle.clear()
        try:
            async for event in self._answered(turn, question, offset, first_number):
                yield event
        finally:
            self._questions -= 1
            if not self._questions:
                self._is_idle.set()

    async def _answered(
        self, turn: Turn, question: str, offset: int, first_number: int
    ) -> AsyncIterator[EventBody]:
        started = time.perf_counter()
        question = await self._retriever.corrected(without_tags(question))
        rewritten = rewrite(question, turn.history, last_question=_last_question(turn))
        if rewritten.needs_topic:
            writing = _Writing(AnswerWriter(offset=offset, first_number=first_number))
            for event in writing.text(_ASK_FOR_TOPIC):
                yield event
            yield await self._newest_as_suggestions()
            yield _completed(Outcome.ASKED, turn.state.get(STATE_KEY, {}), started)
            return
        request = await self._read(turn, rewritten)
        yield Status(text="Searching the briefings", detail=_detail(request, rewritten))
        searched = time.perf_counter()
        finding = await self._finder.find(request)
        yield _retrieval(finding, searched)
        writing = _Writing(AnswerWriter(offset=offset, first_number=first_number))
        for event in self._written(finding, request, writing):
            yield event
        yield _completed(
            Outcome.ANSWERED if finding.answers else Outcome.ABSTAINED,
            {
                "question": _question_asked(request, finding),
                "briefing_ids": list(writing.writer.briefing_ids),
            },
            started,
        )

    async def _read(self, turn: Turn, rewritten: Rewritten) -> Request:
        today = turn.now.astimezone(turn.timezone).date()
        understanding = await self._retriever.read(rewritten.text, today)
        said = _said_of(rewritten.briefing_ids, turn.history) if rewritten.wants_more else ""
        return Request(
            text=rewritten.text,
            kind=kind_of(rewritten.alone or rewritten.text, understanding),
            understanding=understanding,
            briefing_ids=rewritten.briefing_ids,
            alone=rewritten.alone,
            elsewhere=rewritten.elsewhere,
            focus=frozenset(content_terms(rewritten.focus)),
            wants_more=rewritten.wants_more,
            asks_for=rewritten.asks_for,
            said=said_sentences(said),
        )

    def _written(
        self, finding: Finding, request: Request, writing: _Writing
    ) -> Iterator[EventBody]:
        if finding.is_closest:
            yield from writing.text(_CLOSEST)
        if finding.pieces:
            for piece in finding.pieces:
                yield from writing.writer.write(piece)
            cited = writing.writer.briefing_ids
            if finding.is_closest:
                yield from writing.text(_NOT_IT)
                yield _suggestions((), (), _nearest(finding.passages), (_PERSON,))
                return
            yield _suggestions(finding.passages, () if finding.is_digest else cited, ())
            return
        nearest = _nearest(finding.passages)
        if request.wants_more and nearest:
            yield from writing.text(f"{_NOTHING_MORE} Read it in full: {_link(nearest[0])}.")
            yield _suggestions((), (), nearest[:1])
            return
        # The newest ones, found without a question, are no nearer to it than others.
        near = tuple(p for p in nearest if _is_near(finding, p))
        if finding.has_question:
            titles = [
                p.title for p in near if p.title and not _reads_like_an_answer(p.title, request)
            ]
            yield from writing.text(not_in_our_briefings(titles))
        else:
            yield from writing.text(_NO_QUESTION)
        yield _suggestions((), (), near if finding.query.text else nearest, (_PERSON,))

    async def _newest_as_suggestions(self) -> Suggestions:
        newest = await self._retriever.search(RetrievalQuery(text="", limit=_SUGGESTED))
        return _suggestions(newest, (), ())


@dataclass(frozen=True)
class _Writing:
    writer: AnswerWriter

    def text(self, words: str) -> Iterator[EventBody]:
        """Heidi's own words, which state no fact and carry no citation."""
        return self.writer.write(Piece(text=words))


_LEAST_NEAR = 0.35


def _is_near(finding: Finding, passage: Passage) -> bool:
    """Whether a briefing may be offered instead: near in meaning, and naming something asked of."""
    is_alike = passage.similarity >= _LEAST_NEAR
    return is_alike and not terms_of(finding.query.text).isdisjoint(passage_terms(passage))


def _reads_like_an_answer(title: str, request: Request) -> bool:
    """Whether a title gives a value of the asked kind, which is another thing's here."""
    asked = asked_value(request.text, request.kind)
    return asked.value is Value.MONEY and has_value(asked, title, request.text)


def _last_question(turn: Turn) -> str | None:
    """The last news question as it was understood.

    The state is of the last turn that was completed; what was cut off since is read again.
    """
    state = turn.state.get(STATE_KEY) or {}
    kept = state.get("question")
    known = kept if isinstance(kept, str) and state.get("briefing_ids") else None
    first = len(turn.history)
    while first and turn.history[first - 1].was_cut_off:
        first -= 1
    for place, past in enumerate(turn.history[first:], start=first):
        text = rewrite(past.message, turn.history[:place], last_question=known).text
        if past.briefing_ids or question_type(text) is QuestionType.DIGEST:
            known = text
    return known


def _said_of(briefing_ids: Sequence[str], history: Sequence[PastTurn]) -> str:
    """What was said of a briefing alone; a line in a digest is no reason to leave out the lead."""
    return "\n".join(
        turn.answer
        for turn in history
        if turn.briefing_ids and set(turn.briefing_ids) <= {*briefing_ids[:1]}
    )


def _question_asked(request: Request, finding: Finding) -> str:
    """The question that the next follow-up goes on from."""
    if request.alone and not finding.query.briefing_ids:
        return request.alone
    if request.wants_more and finding.passages:
        return title_as_question(finding.passages[0].title)
    return request.text


def _detail(request: Request, rewritten: Rewritten) -> JsonObject:
    query = request.query
    return {
        "rewritten": rewritten.text,
        "follow_up": rewritten.is_follow_up,
        "kind": request.kind.value,
        "filters": query.filters,
    }


def _retrieval(finding: Finding, started: float) -> Retrieval:
    filters = dict(finding.query.filters)
    if finding.evidence:
        filters["confidence"] = round(finding.evidence.confidence, 3)
    return Retrieval(
        query=finding.query.text,
        filters=filters,
        passages=tuple(passage.as_ref() for passage in finding.passages),
        elapsed_ms=_elapsed_ms(started),
    )


def _nearest(passages: Sequence[Passage]) -> tuple[Passage, ...]:
    first: dict[str, Passage] = {}
    for passage in passages:
        first.setdefault(passage.briefing_id, passage)
    return tuple(first.values())[:_SUGGESTED]


def _suggestions(
    passages: Sequence[Passage],
    cited: Sequence[str],
    nearest: Sequence[Passage],
    questions: tuple[str, ...] = (),
) -> Suggestions:
    """Related briefings as questions that they answer, and nearest ones as links."""
    # Sections of one answer's own briefing are no news; of a digest, each briefing is one.
    top = max((_relevance(passage) for passage in passages), default=0.0)
    related = [
        title_as_question(passage.title)
        for passage in _nearest([p for p in passages if p.briefing_id not in cited])
        if "relevance" not in passage.scores or _relevance(passage) >= _RELATED_SHARE * top
    ]
    return Suggestions(
        questions=(*questions, *related)[:_SUGGESTED],
        briefings=tuple((passage.title, passage.path) for passage in nearest),
    )


def _relevance(passage: Passage) -> float:
    return float(passage.scores.get("relevance", passage.score))


def _link(passage: Passage) -> str:
    return f"[{as_markdown(passage.title)}]({passage.path})"


def _completed(outcome: Outcome, state: JsonObject, started: float) -> TurnCompleted:
    return TurnCompleted(
        outcome=outcome,
        state={STATE_KEY: state},
        usage={},
        elapsed_ms=_elapsed_ms(started),
    )


def _elapsed_ms(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 2)
