"""Owns summaries: what a briefing is about, more of it, its source or day, and comparisons."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from assistant.agents.news_reading import Finding, NewsReader
from assistant.agents.news_requests import Request, Side, about_topic
from assistant.core.abstention import SUM_UP_FROM, should_answer, text_of, weigh
from assistant.core.authors import AskedAuthor, byline, is_titled
from assistant.core.composition import Piece, briefing_fact, bullets, paragraph
from assistant.core.digest_lines import opening_lead
from assistant.core.extraction import (
    Budget,
    budget_of,
    choose_sentences,
    is_told,
)
from assistant.core.features import terms_of
from assistant.core.grounding import read_passage
from assistant.core.leads import lead_sentences
from assistant.core.openings import could_stand_anywhere, only_opens, shape_of, stock_shapes
from assistant.core.passages import Passage, RetrievalQuery, relevance_of
from assistant.core.question_types import QuestionType
from assistant.core.quotes import AnswerSentence
from assistant.core.reading import Question
from assistant.core.scoring import ScoredSentence
from assistant.core.telling import announces, lacks_phrase, telling_phrases

_READ_PASSAGES = 5
_READ_OF_A_SIDE = 5
_POOL_OF_A_SIDE = 12
_LEAST_OWN = 0.35
"""Weighted share of the topic that a sentence on a year's figure says itself."""
_ANY = None
"""Who asks for more wants what is left, however little it bears on the question."""
_MOST_BRIEFINGS = 5
_TITLE_SHARE = 0.8
_TITLE_SHARE_OF_A_TEXT = 0.6
_SIMILARITY_OF_A_TEXT = 0.6
_LEAST_TITLE_TERMS = 2
_ALIKE = 12
_MOST_ALIKE = 3
"""Passages among which briefings with a like title are looked for, and how many are read."""
_POOL_OF_A_VERSION = 40
"""Releases are announced in the same words, so that others stand before the one asked for."""
_SENTENCES_OF_A_VERSION = 3
_LEADS = 6
_LEADS_WORDS = 160
_LEAD_WORDS = 60
_LEAST_ADDED = 2
"""Content terms beside the title's for a sentence to open a summary."""
_SIDE = Budget(sentences=2, words=50, most_behind=1.5)


class SummaryFinder:
    """Sums briefings up.

    Args:
        reader: reads briefings.
    """

    def __init__(self, reader: NewsReader) -> None:
        self._reader = reader

    async def about(self, request: Request) -> Finding:
        """A summary of the briefing that the topic names, or nothing."""
        query = replace(request.query, text=about_topic(request.query.text))
        passages = await self._reader.retriever.search(query)
        question = await self._reader.question(query.text, QuestionType.ABOUT)
        scored = await self._reader.scored(question, passages[:_READ_PASSAGES])
        evidence = weigh(question, passages, scored)
        finding = Finding(query=query, passages=passages, evidence=evidence)
        target = _titled(question, passages)
        is_sure = evidence.confidence >= SUM_UP_FROM
        if target is None or not (is_sure or _names_title(question, target)):
            return finding
        summary = await self.summary(question, target.briefing_id, request.said)
        return replace(finding, pieces=paragraph(summary))

    async def more(self, request: Request) -> Finding:
        """What else the briefing says that the visitor has not read."""
        briefing_id = request.briefing_ids[0]
        passages = await self._reader.retriever.briefing(briefing_id)
        if not passages:
            return await self._reader.nothing(request)
        question = await self._reader.question(
            f"{passages[0].title} {about_topic(request.text)}", QuestionType.ABOUT
        )
        sentences = await self.summary(question, briefing_id, request.said, most_behind=_ANY)
        return Finding(query=request.query, passages=passages, pieces=paragraph(sentences))

    async def summary(
        self,
        question: Question,
        briefing_id: str,
        said: frozenset[str],
        *,
        most_behind: float | None = 3.0,
        is_titled: bool = False,
    ) -> tuple[AnswerSentence, ...]:
        """The lead of a briefing and what else of it bears most on the topic.

        Args:
            question: the topic.
            briefing_id: what to sum up.
            said: sentences (folded) that the visitor has read before.
            most_behind: how far a sentence's score may stand behind the best one's; None: any.
            is_titled: whether the title stands above, so that announcing it again says nothing.
        """
        passages = await self._reader.retriever.briefing(briefing_id)
        leaves_out = await self._leaves_out(passages, is_titled=is_titled)
        lead = () if said else _lead(passages, leaves_out)
        scored = await self._reader.scored(question, passages)
        used = sum(len(sentence.text.split()) for sentence in lead)
        limits = budget_of(QuestionType.ABOUT)
        rest = choose_sentences(
            question,
            [
                found
                for found in scored
                if not (is_told(found, lead) or leaves_out(found.sentence.text))
            ],
            said=said,
            told=lead,
            budget=replace(
                limits,
                sentences=limits.sentences - len(lead),
                words=limits.words - used,
                most_behind=most_behind,
            ),
        )
        if lead or rest or said:
            return (*lead, *rest)
        return lead_sentences(passages, count=2, most_words=_LEAD_WORDS)

    async def _leaves_out(
        self, passages: Sequence[Passage], *, is_titled: bool
    ) -> Callable[[str], bool]:
        """Whether a sentence of a briefing is not worth saying in a summary.

        It tells no more than the title, or what briefings with a title like it say as well.
        """
        title = terms_of(passages[0].title) if passages else frozenset()
        stock = await self.stock(passages[0]) if passages else frozenset()

        def leaves_out(text: str) -> bool:
            adds = len(terms_of(text) - title)
            is_empty = could_stand_anywhere(text) if is_titled else only_opens(text)
            return is_empty or shape_of(text) in stock or adds < _LEAST_ADDED

        return leaves_out

    async def stock(self, passage: Passage) -> frozenset[str]:
        """The shapes of what the briefings say whose titles are most like that of a passage."""
        search, briefing = self._reader.retriever.search, self._reader.retriever.briefing
        alike = await search(RetrievalQuery(text=passage.title, limit=_ALIKE))
        others = dict.fromkeys(p.briefing_id for p in alike if p.briefing_id != passage.briefing_id)
        read = [each for other in list(others)[:_MOST_ALIKE] for each in await briefing(other)]
        return stock_shapes(sentence.text for each in read for sentence in read_passage(each))

    async def of_briefings(self, request: Request) -> Finding:
        """Who the source of the cited briefings is, or of which day they are."""
        passages: list[Passage] = []
        pieces: list[Piece] = []
        for briefing_id in request.briefing_ids[:_MOST_BRIEFINGS]:
            found = await self._reader.retriever.briefing(briefing_id)
            sentences = lead_sentences(found, count=1)
            if sentences:
                passages.extend(found[:1])
                gap = " " if pieces else ""
                said = briefing_fact(found[0], request.asks_for)
                pieces.append(Piece(text=gap + said, support=sentences[0].support))
        return Finding(query=request.query, passages=tuple(passages), pieces=tuple(pieces))

    async def author(self, request: Request, asked: AskedAuthor) -> Finding | None:
        """Who wrote a briefing, or who its source is; None where no briefing is meant."""
        query = replace(request.query, text=asked.topic)
        passages = await self._reader.found(query)
        question = await self._reader.question(asked.topic, QuestionType.ABOUT)
        target = next((p for p in passages if is_titled(asked.topic, p.title)), None)
        if target is None and asked.is_text:
            target = _text_meant(question, passages)
        if target is None:
            return None
        whole = await self._reader.retriever.briefing(target.briefing_id)
        written_by = byline(whole)
        lead = lead_sentences(whole, count=1)
        if written_by:
            return Finding(query=query, passages=passages, pieces=paragraph([written_by]))
        if not lead:
            return None
        said = f"{briefing_fact(target, 'source')} It names no author."
        pieces = (Piece(text=said, support=lead[0].support),)
        return Finding(query=query, passages=passages, pieces=pieces)

    async def compare(self, request: Request, sides: tuple[Side, Side]) -> Finding:
        """The best sentences on each side, or what there is on one of two things."""
        found: list[tuple[str, tuple[AnswerSentence, ...]]] = []
        passages: list[Passage] = []
        for side in sides:
            hits = _told_of(side, await self._reader.found(_of_side(request, side)))
            if telling_phrases(side.label):
                of_version = await self._of_version(request, side)
                passages.extend(of_version or hits)
                if of_version:
                    found.append((side.label, await self._announced(side, of_version[0])))
                continue
            question = await self._reader.question(side.question, side.kind)
            read = await self._reader.read(hits) if side.year else hits[:_READ_OF_A_SIDE]
            scored = _telling(side, await self._reader.scored(question, read))
            passages.extend(hits)
            if should_answer(weigh(question, hits, scored), is_cited=side.year is not None):
                found.append((side.label, choose_sentences(question, scored, budget=_SIDE)))
        told = [(label, sentences) for label, sentences in found if sentences]
        lacks_year = len(told) < len(sides) and sides[0].year
        if lacks_year or _says_twice(told) or _are_compared_there(told):
            told = []
        pieces = bullets(told) if told else ()
        missing = [side.label for side in sides if side.label not in dict(told)]
        if told and missing:
            pieces = (*pieces, Piece(text=f"\n\nOur briefings say nothing on {missing[0]}."))
        return Finding(
            query=request.query,
            passages=tuple(passages),
            pieces=pieces,
            is_partial=bool(told and missing),
        )

    async def _of_version(self, request: Request, side: Side) -> tuple[Passage, ...]:
        """The passages of the briefings whose title names a version, announcing ones first.

        Or else those that name it.
        """
        pool = await self._reader.found(replace(_of_side(request, side), limit=_POOL_OF_A_VERSION))
        titled = tuple(p for p in pool if not lacks_phrase(side.label, p.title))
        if titled:
            return tuple(sorted(titled, key=lambda p: not announces(p.title)))
        return tuple(p for p in pool if not lacks_phrase(side.label, text_of(p)))

    async def _announced(self, side: Side, passage: Passage) -> tuple[AnswerSentence, ...]:
        """What a briefing on a version tells first, or what is said of it elsewhere."""
        question = await self._reader.question(side.question, QuestionType.ABOUT)
        if not lacks_phrase(side.label, passage.title):
            summary = await self.summary(question, passage.briefing_id, frozenset())
            return summary[:_SENTENCES_OF_A_VERSION]
        scored = await self._reader.scored(question, [passage])
        naming = [s for s in scored if not lacks_phrase(side.label, s.sentence.text)]
        return choose_sentences(question, naming, budget=_SIDE)


def _lead(
    passages: Sequence[Passage], leaves_out: Callable[[str], bool]
) -> tuple[AnswerSentence, ...]:
    """The first sentence that tells something, and the one after it."""
    leads = lead_sentences(passages, count=_LEADS, most_words=_LEADS_WORDS, leaves_out=leaves_out)
    first = opening_lead(passages[0].title, leads) if passages else None
    if first is None:
        return leads[:1]
    place = leads.index(first)
    both = leads[place : place + 2]
    used = sum(len(sentence.text.split()) for sentence in both)
    return both if used <= _LEAD_WORDS else (first,)


def _says_twice(told: Sequence[tuple[str, tuple[AnswerSentence, ...]]]) -> bool:
    """Whether both sides quote the same sentence: it compares them better than a list could."""
    said = [sentence.text for _, sentences in told for sentence in sentences]
    return len(set(said)) < len(said)


def _are_compared_there(told: Sequence[tuple[str, tuple[AnswerSentence, ...]]]) -> bool:
    """Whether one briefing tells of two versions, and of both in one sentence: it compares them."""
    labels = [label for label, _ in told if telling_phrases(label)]
    said = [sentence for _, sentences in told for sentence in sentences]
    if len(labels) < 2 or len({each.support.passage.briefing_id for each in said}) > 1:
        return False
    return any(not any(lacks_phrase(label, each.text) for label in labels) for each in said)


def _of_side(request: Request, side: Side) -> RetrievalQuery:
    query = replace(request.query, text=side.question, limit=_POOL_OF_A_SIDE)
    if side.year:
        return replace(query, since=None, until=None, is_period_soft=False)
    return query


def _told_of(side: Side, passages: Sequence[Passage]) -> tuple[Passage, ...]:
    """The passages on a year: those that name it in their title, or else those of that year."""
    if side.year is None:
        return tuple(passages)
    titled = tuple(p for p in passages if side.label in p.title)
    return titled or tuple(p for p in passages if p.date.year == side.year)


def _telling(side: Side, scored: Sequence[ScoredSentence]) -> tuple[ScoredSentence, ...]:
    """The sentences that may say what a year's figure is."""
    if side.year is None:
        return tuple(scored)
    return tuple(s for s in scored if s.has_answer_type and s.own >= _LEAST_OWN)


def _titled(question: Question, passages: Sequence[Passage]) -> Passage | None:
    """The passage whose briefing the topic names best."""
    return max(
        passages,
        key=lambda p: relevance_of(p) + 0.3 * question.coverage(terms_of(p.title)),
        default=None,
    )


def _text_meant(question: Question, passages: Sequence[Passage]) -> Passage | None:
    """The passage of the post on a topic: its title names that, or it is near in meaning."""
    best = _titled(question, passages)
    if best is None:
        return None
    is_named = question.coverage(terms_of(best.title)) >= _TITLE_SHARE_OF_A_TEXT
    return best if is_named or best.similarity >= _SIMILARITY_OF_A_TEXT else None


def _names_title(question: Question, passage: Passage) -> bool:
    """Whether the topic is the title, or enough of it."""
    held = terms_of(passage.title)
    shared = [term for term in question.weights if term in held]
    return question.coverage(held) >= _TITLE_SHARE and len(shared) >= _LEAST_TITLE_TERMS
