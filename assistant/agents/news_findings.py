"""Owns finding the answer to a news question: which passages, which sentences, or none.

One strategy per kind of answer (digest, summary, comparison, fact). What they find is laid out but
not yet written; `news.py` streams it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from assistant.agents.news_requests import (
    LONGEST_QUESTION,
    Request,
    about_topic,
    introduction,
    relaxations,
    sides_of,
)
from assistant.core.abstention import (
    CLOSEST_FROM,
    Evidence,
    asks_how_to,
    is_guide_for,
    missing_names,
    should_answer,
    text_of,
    weigh,
)
from assistant.core.candidates import answering, newest_first, on_subject
from assistant.core.composition import (
    Entry,
    Piece,
    briefing_fact,
    bullets,
    digest,
    listing,
    paragraph,
)
from assistant.core.extraction import (
    AnswerSentence,
    Budget,
    budget_of,
    choose_list,
    choose_sentences,
    lead_sentences,
)
from assistant.core.passages import Passage, RetrievalQuery, Retriever
from assistant.core.question_types import QuestionType, question_type
from assistant.core.scoring import (
    Question,
    ScoredSentence,
    score_sentences,
    sentences_to_compare,
)
from assistant.core.terms import content_terms
from assistant.retrieval.understanding import Understanding

_READ_PASSAGES = 5
"""Passages whose sentences are weighed; the answer is hardly ever further down."""
_SHORT_BRIEFING = 10
"""Passages of a briefing that is read to its end when it is the best one."""
_UNFOUND = 0.05
"""What a passage that was not found by itself stands behind those that were."""
_LEAST_SIMILARITY = 0.25
"""Below it nothing is near, and no sentence need be looked at."""
_DIGEST_BRIEFINGS = 5
_DIGEST_POOL = 24
_RELEVANT_SHARE = 0.8
_LEAST_DIGEST_SIMILARITY = 0.3
_ABOUT_SHARE = 0.5
_MORE_SHARE = None
"""Who asks for more wants what is left, however little it bears on the question."""
_CLOSEST_OWN = 0.5
"""Weighted share of the question that a sentence itself says when it is shown as the closest."""
_CLOSEST_BUDGET = Budget(sentences=2, words=50, least_share=0.85)


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
    has_question: bool = True
    """False for words that ask nothing, as emoji do."""

    @property
    def answers(self) -> bool:
        """Whether the pieces answer the question."""
        return bool(self.pieces) and not self.is_closest


class NewsFinder:
    """Finds answers among the briefings.

    Args:
        retriever: finds passages.
        sentences: compares sentences with questions.
    """

    def __init__(self, retriever: NewsRetriever, sentences: SentenceSimilarity) -> None:
        self._retriever = retriever
        self._sentences = sentences

    async def find(self, request: Request) -> Finding:
        """The answer to a request, by the strategy for its kind."""
        if request.asks_for != "answer":
            return await self._about_briefing(request)
        if request.wants_more:
            return await self._more(request)
        if request.kind is QuestionType.DIGEST:
            return await self._digest(request)
        if not content_terms(request.text):
            return replace(await self._nothing(request), has_question=False)
        if request.kind is QuestionType.ABOUT:
            return await self._about(request)
        if request.kind is QuestionType.COMPARE:
            sides = sides_of(request.text)
            compared = await self._compare(request, sides) if sides else None
            if compared and compared.answers:
                return compared
        return await self._fact(request)

    async def _nothing(self, request: Request) -> Finding:
        newest = replace(request.query, text="", briefing_ids=(), limit=3)
        return Finding(query=newest, passages=await self._retriever.search(newest))

    async def _fact(self, request: Request) -> Finding:
        """One to four sentences from the passages, restricted first if the request says where."""
        finding = await self._fact_from(request, request.query)
        if not finding.answers and request.briefing_ids:
            text = request.alone or request.query.text
            finding = await self._fact_from(
                replace(request, text=text, alone="", kind=question_type(text)),
                replace(request.query, text=text, briefing_ids=()),
            )
        if not finding.answers and _has_hard_filter(finding.query):
            finding = await self._fact_from(request, _unfiltered(finding.query))
        return finding

    async def _fact_from(self, request: Request, query: RetrievalQuery) -> Finding:
        passages = await self._retriever.search(_focused(query, request.focus))
        question = replace(
            await self._question(request.alone or query.text, request.kind), focus=request.focus
        )
        is_near = any(passage.similarity >= _LEAST_SIMILARITY for passage in passages)
        read = await self._read(passages) if is_near else ()
        scored = on_subject(question, await self._scored(question, read), await self._whole(read))
        evidence = weigh(question, passages, scored)
        finding = Finding(query=query, passages=passages, evidence=evidence)
        answers = answering(question, scored)
        is_sure = bool(question.asked.relation and question.names) or should_answer(
            evidence, is_cited=bool(query.briefing_ids)
        )
        if not answers or not is_sure:
            return self._closest(finding, scored)
        explained = _explainer(question, passages[:_READ_PASSAGES])
        if explained:
            summary = await self._summary(
                question, explained.briefing_id, request.said, least_share=_ABOUT_SHARE
            )
            return replace(finding, pieces=paragraph(summary))
        return replace(finding, pieces=_laid_out(question, answers, request.said))

    async def _read(self, passages: Sequence[Passage]) -> tuple[Passage, ...]:
        """The best passages, and what else the best one's briefing says when it is short."""
        read = tuple(passages[:_READ_PASSAGES])
        if not read:
            return ()
        best = read[0]
        whole = await self._retriever.briefing(best.briefing_id)
        known = {passage.chunk_id for passage in read}
        rest = [passage for passage in whole if passage.chunk_id not in known]
        if len(whole) > _SHORT_BRIEFING:
            return read
        own = [passage for passage in read if passage.briefing_id == best.briefing_id]
        least = min(own, key=lambda passage: passage.score)
        lesser = least.score - _UNFOUND
        near = least.similarity
        return (*read, *(replace(p, score=lesser, similarity=near) for p in rest))

    async def _whole(self, passages: Sequence[Passage]) -> dict[str, str]:
        """All that the briefings of passages say, by their ids."""
        return {
            briefing_id: " ".join(map(text_of, await self._retriever.briefing(briefing_id)))
            for briefing_id in {passage.briefing_id for passage in passages}
        }

    @staticmethod
    def _closest(finding: Finding, scored: Sequence[ScoredSentence]) -> Finding:
        """The nearest sentence of the briefings when none answers, if it is near enough."""
        if not finding.evidence or finding.evidence.confidence < CLOSEST_FROM or not scored:
            return finding
        question = Question(text=finding.query.text, kind=QuestionType.OPEN, weights={})
        telling = [found for found in scored if found.own >= _CLOSEST_OWN]
        nearest = choose_sentences(question, telling, budget=_CLOSEST_BUDGET)
        if not nearest:
            return finding
        return replace(finding, pieces=paragraph(nearest), is_closest=True)

    async def _question(self, text: str, kind: QuestionType) -> Question:
        weights = await self._retriever.term_weights(text)
        return Question(text=text[:LONGEST_QUESTION], kind=kind, weights=weights)

    async def _scored(
        self, question: Question, passages: Sequence[Passage]
    ) -> tuple[ScoredSentence, ...]:
        texts = sentences_to_compare(question, passages)
        near = dict(
            zip(texts, await self._sentences.similarities(question.text, texts), strict=True)
        )
        return score_sentences(
            question, passages, lambda found: [near.get(text, 0.0) for text in found]
        )

    async def _about(self, request: Request) -> Finding:
        """A summary of the briefing that the topic names, or nothing."""
        query = replace(request.query, text=about_topic(request.query.text))
        if not content_terms(query.text):
            return await self._nothing(request)
        topic = await self._retriever.read(f"news about {query.text}", _today(query))
        if topic.query.categories:
            return await self._digest(replace(request, understanding=topic))
        passages = await self._retriever.search(query)
        question = await self._question(query.text, QuestionType.ABOUT)
        scored = await self._scored(question, passages[:_READ_PASSAGES])
        evidence = weigh(question, passages, scored)
        target = _titled(question, passages)
        if target is None or not (should_answer(evidence) or _names_title(question, target)):
            return Finding(query=query, passages=passages, evidence=evidence)
        return Finding(
            query=query,
            passages=passages,
            pieces=paragraph(
                await self._summary(
                    question, target.briefing_id, request.said, least_share=_ABOUT_SHARE
                )
            ),
            evidence=evidence,
        )

    async def _summary(
        self,
        question: Question,
        briefing_id: str,
        said: frozenset[str],
        *,
        least_share: float | None,
    ) -> tuple[AnswerSentence, ...]:
        """The lead of a briefing and what else of it bears most on the topic."""
        passages = await self._retriever.briefing(briefing_id)
        lead = () if said else lead_sentences(passages, count=2, most_words=60)
        scored = await self._scored(question, passages)
        used = sum(len(sentence.text.split()) for sentence in lead)
        limits = budget_of(QuestionType.ABOUT)
        rest = choose_sentences(
            question,
            [found for found in scored if not _is_of(found, lead)],
            said=said,
            budget=Budget(
                sentences=limits.sentences - len(lead),
                words=limits.words - used,
                least_share=least_share,
            ),
        )
        return (*lead, *rest)

    async def _more(self, request: Request) -> Finding:
        """What else the briefing says that the visitor has not read."""
        briefing_id = request.briefing_ids[0]
        passages = await self._retriever.briefing(briefing_id)
        if not passages:
            return await self._nothing(request)
        question = await self._question(
            f"{passages[0].title} {about_topic(request.text)}", QuestionType.ABOUT
        )
        sentences = await self._summary(
            question, briefing_id, request.said, least_share=_MORE_SHARE
        )
        return Finding(query=request.query, passages=passages, pieces=paragraph(sentences))

    async def _about_briefing(self, request: Request) -> Finding:
        """Who the source of the cited briefings is, or of which day they are."""
        passages: list[Passage] = []
        pieces: list[Piece] = []
        for briefing_id in request.briefing_ids[:_DIGEST_BRIEFINGS]:
            found = await self._retriever.briefing(briefing_id)
            sentences = lead_sentences(found, count=1)
            if sentences:
                passages.extend(found[:1])
                gap = " " if pieces else ""
                said = briefing_fact(found[0], request.asks_for)
                pieces.append(Piece(text=gap + said, support=sentences[0].support))
        return Finding(query=request.query, passages=tuple(passages), pieces=tuple(pieces))

    async def _compare(self, request: Request, sides: tuple[str, str]) -> Finding:
        """The best sentences on each side, or what there is on one."""
        found: list[tuple[str, tuple[AnswerSentence, ...]]] = []
        passages: list[Passage] = []
        for side in sides:
            query = replace(request.query, text=side, limit=4)
            hits = await self._retriever.search(query)
            question = await self._question(side, QuestionType.COMPARE)
            scored = await self._scored(question, hits[:3])
            passages.extend(hits)
            if should_answer(weigh(question, hits, scored)):
                budget = Budget(sentences=2, words=50, least_share=0.7)
                found.append((side, choose_sentences(question, scored, budget=budget)))
        told = [(side, sentences) for side, sentences in found if sentences]
        pieces = bullets(told) if told else ()
        missing = [side for side in sides if side not in dict(told)]
        if told and missing:
            pieces = (*pieces, Piece(text=f"\n\nOur briefings say nothing on {missing[0]}."))
        return Finding(query=request.query, passages=tuple(passages), pieces=pieces)

    async def _digest(self, request: Request) -> Finding:
        """Several briefings as a list; filters that leave nothing are dropped and that is said."""
        understanding = request.understanding
        for query, note in relaxations(understanding):
            passages = await self._listed(query, understanding.topic)
            if passages:
                return await self._listing(request, query, passages, note)
        return await self._nothing(request)

    async def _listed(self, query: RetrievalQuery, topic: str) -> tuple[Passage, ...]:
        if query.categories or not topic:
            listed = replace(query, text="", limit=_digest_size(query))
            return await self._retriever.search(listed)
        passages = await self._retriever.search(replace(query, limit=_DIGEST_POOL))
        if not passages or not await self._is_on_topic(topic, query.text, passages):
            return ()
        least = _RELEVANT_SHARE * max(_relevance(passage) for passage in passages)
        first: dict[str, Passage] = {}
        for passage in passages:
            if _relevance(passage) >= least:
                first.setdefault(passage.briefing_id, passage)
        return tuple(first.values())[: _digest_size(query)]

    async def _is_on_topic(self, topic: str, words: str, passages: Sequence[Passage]) -> bool:
        if missing_names(words, passages):
            return False
        question = await self._question(topic, QuestionType.DIGEST)
        best = max(passages, key=_relevance)
        held = frozenset(content_terms(f"{best.title} {best.text}"))
        near = best.similarity >= _LEAST_DIGEST_SIMILARITY
        return (near and question.coverage(held) >= 0.4) or best.similarity >= 0.5

    async def _listing(
        self, request: Request, query: RetrievalQuery, passages: Sequence[Passage], note: str
    ) -> Finding:
        entries = []
        for passage in passages:
            lead = lead_sentences(await self._retriever.briefing(passage.briefing_id), count=1)
            if lead:
                entries.append(Entry(title=passage.title, day=passage.date, sentence=lead[0]))
        intro = introduction(request.understanding, query, note)
        pieces = digest(entries, intro=intro) if entries else ()
        return Finding(query=query, passages=tuple(passages), pieces=pieces, is_digest=True)


def _explainer(question: Question, passages: Sequence[Passage]) -> Passage | None:
    """A passage of the briefing that explains what a definition is asked of."""
    if question.asked.value is not None:
        return None
    if asks_how_to(question.text):
        return next((passage for passage in passages if is_guide_for(question, passage)), None)
    if question.kind is not QuestionType.DEFINITION:
        return None
    return next((p for p in passages if p.section == "Explainer" and _is_titled(question, p)), None)


def _is_titled(question: Question, passage: Passage) -> bool:
    return question.literal_coverage(frozenset(content_terms(passage.title))) >= _ALL_TERMS


_ALL_TERMS = 0.9


def _focused(query: RetrievalQuery, focus: frozenset[str]) -> RetrievalQuery:
    """What a follow-up asks about instead counts twice in the search."""
    return replace(query, text=f"{' '.join(sorted(focus))} {query.text}") if focus else query


def _laid_out(
    question: Question, answers: Sequence[ScoredSentence], said: frozenset[str]
) -> tuple[Piece, ...]:
    found = choose_list(question, answers) if question.kind is QuestionType.LIST else None
    if found:
        return listing(found.lead_in, found.items)
    standing, as_of = newest_first(question, answers)
    return paragraph(choose_sentences(question, standing, said=said), as_of=as_of)


def _relevance(passage: Passage) -> float:
    return float(passage.scores.get("relevance", passage.similarity))


def _digest_size(query: RetrievalQuery) -> int:
    """As many briefings as were asked for, else five."""
    asked_for = query.limit != RetrievalQuery(text="").limit
    return query.limit if asked_for else _DIGEST_BRIEFINGS


def _today(query: RetrievalQuery) -> date:
    return query.as_of or date.min


def _has_hard_filter(query: RetrievalQuery) -> bool:
    dated = (query.since or query.until) and not query.is_period_soft
    return bool(dated or query.sentiment or query.categories)


def _unfiltered(query: RetrievalQuery) -> RetrievalQuery:
    return replace(query, is_period_soft=True, sentiment=None, categories=())


def _titled(question: Question, passages: Sequence[Passage]) -> Passage | None:
    """The passage whose briefing the topic names best."""
    return max(
        passages,
        key=lambda p: _relevance(p) + 0.3 * question.coverage(frozenset(content_terms(p.title))),
        default=None,
    )


_LEAST_TITLE_TERMS = 2


def _names_title(question: Question, passage: Passage) -> bool:
    """Whether the topic is the title, or enough of it."""
    held = frozenset(content_terms(passage.title))
    shared = [term for term in question.weights if term in held]
    return question.coverage(held) >= 0.8 and len(shared) >= _LEAST_TITLE_TERMS


def _is_of(found: ScoredSentence, sentences: Sequence[AnswerSentence]) -> bool:
    return any(
        sentence.support.passage.chunk_id == found.passage.chunk_id
        and sentence.support.start == found.sentence.start
        for sentence in sentences
    )
