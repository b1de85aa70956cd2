"""Owns choosing how a news question is answered: as a fact, a summary, a comparison or a digest.

What the ways of answering find is laid out but not yet written; `news.py` streams it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from assistant.agents.news_digests import DigestFinder
from assistant.agents.news_facts import FactFinder
from assistant.agents.news_reading import Finding, NewsReader, NewsRetriever, SentenceSimilarity
from assistant.agents.news_requests import Request, Side, about_topic, sides_of
from assistant.agents.news_summaries import SummaryFinder
from assistant.core.features import terms_of
from assistant.core.halves import halves, second_half
from assistant.core.question_types import QuestionType, question_type
from assistant.core.terms import content_terms

__all__ = ["Finding", "NewsFinder", "NewsRetriever", "SentenceSimilarity"]


class NewsFinder:
    """Finds answers among the briefings.

    Args:
        retriever: finds passages.
        sentences: compares sentences with questions.
    """

    def __init__(self, retriever: NewsRetriever, sentences: SentenceSimilarity) -> None:
        self._retriever = retriever
        self._reader = NewsReader(retriever, sentences)
        self._summaries = SummaryFinder(self._reader)
        self._facts = FactFinder(self._reader, self._summaries)
        self._digests = DigestFinder(self._reader, self._summaries)

    async def find(self, request: Request) -> Finding:
        """The answer to a request, by the strategy for its kind."""
        if request.asks_for != "answer":
            return await self._summaries.of_briefings(request)
        if request.wants_more:
            return await self._summaries.more(request)
        if request.kind is QuestionType.DIGEST:
            return await self._listed(request)
        both = await self._both_halves(request)
        if both is not None:
            return both
        return await self._single(request)

    async def _single(self, request: Request) -> Finding:
        if not content_terms(request.text):
            return replace(await self._reader.nothing(request), has_question=False)
        if request.kind is QuestionType.ABOUT:
            return await self._about(request)
        sides = sides_of(request.text)
        if sides:
            compared = await self._summaries.compare(request, sides)
            if compared.is_partial:
                told = await self._facts.fact(request)
                return told if _tells_of_both(told, sides) else compared
            if compared.answers:
                return compared
        return await self._facts.fact(request)

    async def _both_halves(self, request: Request) -> Finding | None:
        """The answers to two questions in one; None unless both are found."""
        asked = halves(request.text)
        if asked is None or request.alone:
            return None
        first = await self._single(_asking(request, asked[0]))
        cited = tuple(
            dict.fromkeys(p.support.passage.briefing_id for p in first.pieces if p.support)
        )
        if not first.answers or not cited:
            return None
        again = replace(_asking(request, second_half(asked)), briefing_ids=cited)
        second = await self._single(replace(again, kind=question_type(asked[1])))
        told = {piece.support.quote for piece in first.pieces if piece.support}
        more = [p for p in second.pieces if p.support and p.support.quote not in told]
        if not second.answers:
            return None
        joined = [replace(piece, text=f" {piece.text.strip()}") for piece in more]
        return replace(first, pieces=(*first.pieces, *joined))

    async def _listed(self, request: Request) -> Finding:
        """A digest; a question on what is in a version may still be answered as a fact."""
        listed = await self._digests.digest(request)
        if listed.answers or request.understanding.is_digest:
            return listed
        return await self._facts.fact(replace(request, kind=question_type(request.text)))

    async def _about(self, request: Request) -> Finding:
        """A summary, or a digest where the topic is as wide as a category."""
        subject = about_topic(request.query.text)
        if not content_terms(subject):
            return await self._reader.nothing(request)
        today = request.query.as_of or date.min
        topic = await self._retriever.read(f"news about {subject}", today)
        if topic.query.categories:
            return await self._digests.digest(replace(request, understanding=topic))
        return await self._summaries.about(request)


def _tells_of_both(finding: Finding, sides: tuple[Side, Side]) -> bool:
    """Whether an answer is from a briefing whose title names both things that are compared."""
    titles = [terms_of(piece.support.passage.title) for piece in finding.pieces if piece.support]
    named = [terms_of(side.label) for side in sides]
    return finding.answers and any(all(each <= title for each in named) for title in titles)


def _asking(request: Request, text: str) -> Request:
    """A request that asks something else of the same briefings."""
    query = replace(request.understanding.query, text=text)
    understanding = replace(request.understanding, query=query)
    return replace(request, text=text, kind=question_type(text), understanding=understanding)
