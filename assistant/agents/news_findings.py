"""Owns choosing how a news question is answered: as a fact, a summary, a comparison or a digest.

What the ways of answering find is laid out but not yet written; `news.py` streams it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from assistant.agents.news_digests import DigestFinder
from assistant.agents.news_facts import FactFinder
from assistant.agents.news_reading import Finding, NewsReader, NewsRetriever, SentenceSimilarity
from assistant.agents.news_requests import Request, about_topic, sides_of
from assistant.agents.news_summaries import SummaryFinder
from assistant.core.question_types import QuestionType
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
            return await self._digests.digest(request)
        if not content_terms(request.text):
            return replace(await self._reader.nothing(request), has_question=False)
        if request.kind is QuestionType.ABOUT:
            return await self._about(request)
        if request.kind is QuestionType.COMPARE:
            sides = sides_of(request.text)
            compared = await self._summaries.compare(request, sides) if sides else None
            if compared and compared.answers:
                return compared
        return await self._facts.fact(request)

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
