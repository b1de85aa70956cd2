"""Owns digests: several briefings as a list, and what is left out when a filter leaves nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from assistant.agents.news_reading import Finding, NewsReader
from assistant.agents.news_requests import Request, introduction, relaxations
from assistant.agents.news_summaries import SummaryFinder
from assistant.core.abstention import missing_names, text_of
from assistant.core.composition import Entry, as_markdown, digest, paragraph, said_day
from assistant.core.digest_lines import telling_lead
from assistant.core.features import passage_terms, terms_of
from assistant.core.leads import lead_sentences
from assistant.core.openings import shape_of
from assistant.core.passages import Passage, RetrievalQuery, relevance_of
from assistant.core.question_types import QuestionType
from assistant.core.quotes import AnswerSentence
from assistant.core.reading import Question
from assistant.core.telling import lacks_phrase, shadowed_names, telling_phrases

_DIGEST_BRIEFINGS = 5
_POOL = 24
_VERSION_POOL = 72
"""Releases are announced in the same words, so that more stand before the one asked for."""
_RECENT_DAYS = (45, 120, 400)
_FEWEST_RECENT = 3
"""Briefings in a time for it to be enough."""
_LEADS = 8
_LEAD_WORDS = 240
"""Sentences of a briefing among which its line in a digest is chosen, and words of them in all."""
_RELEVANT_SHARE = 0.8
_SHARE_IN_A_PERIOD = 0.65
"""In a time there is less to choose from, and all of it is asked for."""
_LEAST_SIMILARITY = 0.3
_LEAST_COVERAGE = 0.4
_SURE_SIMILARITY = 0.5
_ABOUT_SIMILARITY = 0.35
_TOPIC_SHARE = 0.7
"""Share of what the best briefing holds of the topic that another must hold to be listed."""


class DigestFinder:
    """Lists briefings.

    Args:
        reader: reads briefings.
        summaries: sums up a briefing that stands alone.
    """

    def __init__(self, reader: NewsReader, summaries: SummaryFinder) -> None:
        self._reader = reader
        self._summaries = summaries

    async def digest(self, request: Request) -> Finding:
        """Several briefings as a list; filters that leave nothing are dropped and that is said."""
        understanding = request.understanding
        for query, note in relaxations(understanding):
            passages = await self._listed(query, understanding.topic, request.text)
            if passages:
                return await self._listing(request, query, passages, note)
        return await self._reader.nothing(request)

    async def _listed(self, query: RetrievalQuery, topic: str, text: str) -> tuple[Passage, ...]:
        """The newest briefings on a topic: of the last weeks if there are some, else of longer."""
        search = self._reader.retriever.search
        if query.categories or not topic:
            return await search(replace(query, text="", limit=_digest_size(query)))
        size = _digest_size(query)
        fewest = min(size, _FEWEST_RECENT)
        for since in _recent_days(query, text):
            recent = await self._on_topic(replace(query, since=since), topic, text)
            if len(recent) >= fewest:
                return _newest_first(recent)[:size]
        found = await self._on_topic(query, topic, text)
        return found[:size]

    async def _on_topic(self, query: RetrievalQuery, topic: str, text: str) -> tuple[Passage, ...]:
        """One passage of each briefing that is on a topic, best first."""
        searched = _searched(query, text)
        passages = await self._reader.retriever.search(searched)
        if not passages or missing_names(query.text, passages):
            return ()
        question = await self._reader.question(topic, QuestionType.DIGEST)
        is_titled = telling_phrases(text) and any(not lacks_phrase(text, p.title) for p in passages)
        if not (is_titled or _is_on_topic(question, passages)):
            return ()
        first: dict[str, Passage] = {}
        is_bound = query.since is not None
        for passage in await self._fitting(question, text, passages, is_bound=is_bound):
            first.setdefault(passage.briefing_id, passage)
        return tuple(first.values())

    async def _fitting(
        self, question: Question, text: str, passages: Sequence[Passage], *, is_bound: bool
    ) -> list[Passage]:
        """The passages whose briefing is on the topic, and on the version that is asked for."""
        held: dict[str, float] = {}
        for passage in passages:
            whole = await self._reader.retriever.briefing(passage.briefing_id)
            if lacks_phrase(text, " ".join(map(text_of, whole[:_POOL]))):
                continue
            said = question.literal_coverage(passage_terms(passage) | passage_terms(whole[0]))
            held[passage.briefing_id] = max(said, held.get(passage.briefing_id, 0.0))
        listed = _naming([p for p in passages if p.briefing_id in held], text)
        share = _SHARE_IN_A_PERIOD if is_bound else _RELEVANT_SHARE
        least = share * max(map(relevance_of, listed), default=0.0)
        most = max((held[p.briefing_id] for p in listed), default=0.0)
        return [
            passage
            for passage in listed
            if _is_about(question, passage)
            and relevance_of(passage) >= least
            and held[passage.briefing_id] >= _TOPIC_SHARE * most
        ]

    async def _listing(
        self, request: Request, query: RetrievalQuery, passages: Sequence[Passage], note: str
    ) -> Finding:
        entries = []
        if len(passages) == 1 and telling_phrases(request.text):
            return await self._one(request, query, passages[0])
        for passage in passages:
            whole = await self._reader.retriever.briefing(passage.briefing_id)
            leads = await self._leads(whole)
            line = telling_lead(passage.title, leads)
            if leads:
                entries.append(
                    Entry(
                        title=passage.title,
                        day=passage.date,
                        sentence=line or leads[0],
                        is_said=line is not None,
                    )
                )
        intro = introduction(request.understanding, query, note)
        pieces = digest(entries, intro=intro) if entries else ()
        return Finding(query=query, passages=tuple(passages), pieces=pieces, is_digest=True)

    async def _leads(self, whole: Sequence[Passage]) -> tuple[AnswerSentence, ...]:
        """The first sentences of a briefing; of a release without what every release says."""
        stock: frozenset[str] = frozenset()
        if whole and _NUMBERED.search(whole[0].title):
            stock = await self._summaries.stock(whole[0])
        return lead_sentences(
            whole,
            count=_LEADS,
            most_words=_LEAD_WORDS,
            leaves_out=lambda text: shape_of(text) in stock,
        )

    async def _one(self, request: Request, query: RetrievalQuery, passage: Passage) -> Finding:
        """What the one briefing on a version says, since there is nothing to list beside it."""
        question = await self._reader.question(request.text, QuestionType.ABOUT)
        summary = await self._summaries.summary(
            question, passage.briefing_id, frozenset(), is_titled=True
        )
        named = digest(
            [], intro=f"**{as_markdown(passage.title)}** ({said_day(passage.date)}):\n\n"
        )
        return Finding(query=query, passages=(passage,), pieces=(*named, *paragraph(summary)))


_NUMBERED = re.compile(r"\d\.\d")


def _naming(passages: list[Passage], text: str) -> list[Passage]:
    """The passages that name what is asked for in their titles, or else at all; all if none do."""
    names = shadowed_names(text)
    titled = [p for p in passages if not lacks_phrase(text, p.title) and _holds(p.title, names)]
    told = [p for p in passages if _holds(p.text, names)]
    return titled or told or passages


def _holds(text: str, names: Sequence[str]) -> bool:
    return all(re.search(rf"\b{re.escape(name)}\b", text) for name in names)


def _searched(query: RetrievalQuery, text: str) -> RetrievalQuery:
    """A query that also names what small words hide."""
    said = " ".join([query.text, *shadowed_names(text)])
    return replace(query, text=said, limit=_VERSION_POOL if telling_phrases(text) else _POOL)


def _recent_days(query: RetrievalQuery, text: str) -> list[date]:
    """Days since when briefings are recent, the shortest time first; none where a period is set."""
    is_bound = query.since or query.until or not query.as_of or telling_phrases(text)
    if is_bound or not query.prefers_recent or query.as_of is None:
        return []
    return [query.as_of - timedelta(days=days) for days in _RECENT_DAYS]


def _newest_first(passages: Sequence[Passage]) -> tuple[Passage, ...]:
    return tuple(sorted(passages, key=lambda passage: passage.date, reverse=True))


def _is_on_topic(question: Question, passages: Sequence[Passage]) -> bool:
    best = max(passages, key=relevance_of)
    near = best.similarity >= _LEAST_SIMILARITY
    covered = question.coverage(passage_terms(best)) >= _LEAST_COVERAGE
    return (near and covered) or best.similarity >= _SURE_SIMILARITY


def _is_about(question: Question, passage: Passage) -> bool:
    """Whether a briefing is on a topic, and does not only mention it."""
    named = terms_of(passage.title) | terms_of(passage.source_name)
    is_titled = question.coverage(named) > 0
    return is_titled or passage.similarity >= _ABOUT_SIMILARITY


def _digest_size(query: RetrievalQuery) -> int:
    """As many briefings as were asked for, else five."""
    asked_for = query.limit != RetrievalQuery(text="").limit
    return query.limit if asked_for else _DIGEST_BRIEFINGS
