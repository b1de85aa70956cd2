"""Owns finding facts: the one to three sentences of the briefings that answer, or the closest."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from assistant.agents.news_reading import Finding, NewsReader
from assistant.agents.news_releases import announced_day
from assistant.agents.news_requests import Request
from assistant.agents.news_summaries import SummaryFinder
from assistant.core.abstention import (
    CLOSEST_FROM,
    SUM_UP_FROM,
    explains,
    should_answer,
    text_of,
    weigh,
)
from assistant.core.asked_values import Value
from assistant.core.authors import author_asked
from assistant.core.candidates import (
    answering,
    asks_figure,
    contradicting,
    newest_first,
    newest_release,
    on_subject,
)
from assistant.core.composition import (
    Piece,
    bullets,
    listing,
    otherwise,
    paragraph,
    said_on,
)
from assistant.core.definitions import APPOSITION, DESCRIBES, defines, is_definition, thing_asked
from assistant.core.doers import deed
from assistant.core.equivalents import is_held
from assistant.core.extraction import (
    Budget,
    choose_sentences,
    is_told,
)
from assistant.core.features import terms_of
from assistant.core.gathering import asks_for_doers, asks_for_several, gathered
from assistant.core.grounding import read_passage
from assistant.core.leads import lead_sentences
from assistant.core.lists import choose_list, wants_list
from assistant.core.passages import Passage, RetrievalQuery
from assistant.core.question_types import QuestionType, question_type
from assistant.core.quotes import AnswerSentence
from assistant.core.reading import Question
from assistant.core.scoring import ScoredSentence
from assistant.core.telling import (
    asks_for_newest,
    asks_for_this_moment,
    lacks_phrase,
)
from assistant.core.terms import fold

_LEAST_SIMILARITY = 0.25
"""Below it nothing is near, and no sentence need be looked at."""
_EXPLAINERS_AMONG = 5
_CLOSEST_OWN = 0.4
"""Weighted share of a question for a figure that a sentence itself says when it is shown as the
closest: the figure of something else misleads."""
_CLOSEST = Budget(sentences=2, words=40, most_behind=2.0, sure_from=0.85)
_ONE = Budget(sentences=1, words=40)
_VERSION_POOL = 40
"""Passages among which those on the version that is asked of are looked for."""
_DEFINING_POOL = 32
"""Passages whose briefings are read for a definition."""
_MOST_DEFINING = 4
_GATHERED_POOL = 24
"""Passages from which a list over several briefings is gathered."""
_SEVERAL = "Several of our briefings tell of that:"
_RELEASES = 24
"""Passages among which the newest version is looked for."""


class FactFinder:
    """Finds the sentences that answer.

    Args:
        reader: reads briefings.
        summaries: sums up a briefing that explains what is asked.
    """

    def __init__(self, reader: NewsReader, summaries: SummaryFinder) -> None:
        self._reader = reader
        self._summaries = summaries

    async def fact(self, request: Request) -> Finding:
        """One to three sentences from the passages, restricted first if the request says where."""
        if asks_for_this_moment(request.text):
            found = await self._reader.found(request.query)
            return Finding(query=request.query, passages=found)
        asked = author_asked(request.text)
        written = await self._summaries.author(request, asked) if asked else None
        if written:
            return written
        finding = await self._from(request, request.query)
        if not finding.answers and request.briefing_ids and _ASKS_REPORTER.match(request.text):
            return await self._summaries.of_briefings(replace(request, asks_for="source"))
        if not finding.answers and request.briefing_ids:
            text = request.alone or request.elsewhere or request.query.text
            finding = await self._from(
                replace(request, text=text, alone="", kind=question_type(text)),
                replace(request.query, text=text, briefing_ids=()),
            )
        if not finding.answers and _has_hard_filter(finding.query):
            finding = await self._from(request, _unfiltered(finding.query))
        return finding

    async def _from(self, request: Request, query: RetrievalQuery) -> Finding:
        passages = await self._found(_focused(query, request.focus))
        question = replace(
            await self._reader.question(request.alone or query.text, request.kind),
            focus=request.focus,
            today=query.as_of,
        )
        read, scored = await self._read(question, query, passages)
        evidence = weigh(question, passages, scored)
        finding = Finding(query=query, passages=passages, evidence=evidence)
        is_sure = bool(question.asked.relation and question.names) or should_answer(
            evidence, is_cited=bool(query.briefing_ids or question.focus)
        )
        announced = announced_day(question, scored, passages) or await self._newest(question, query)
        if not (announced or is_sure):
            titled = _titled(question, passages) if not query.briefing_ids else None
            if titled:
                return await self._summed_up(finding, question, titled, request.said)
            several = _defining(question, scored) or await self._gathered(question, query)
            if several:
                return replace(finding, pieces=several)
            return _closest(finding, question, scored, read)
        if announced:
            return replace(finding, pieces=announced)
        answers = answering(question, scored)
        if not answers:
            return _closest(finding, question, scored, read)
        if asks_for_doers(question):
            return await self._of_doers(finding, question, query, read, answers)
        explained = _explainer(question, passages, answers[0])
        if explained:
            return await self._summed_up(finding, question, explained, request.said)
        return replace(finding, pieces=_laid_out(question, answers, read, request.said))

    async def _read(
        self, question: Question, query: RetrievalQuery, passages: Sequence[Passage]
    ) -> tuple[Sequence[Passage], tuple[ScoredSentence, ...]]:
        """What is read of the passages, and its sentences that are on the subject.

        Where it says what the asked thing does, but not what it is, that is looked for as well.
        """
        is_near = any(passage.similarity >= _LEAST_SIMILARITY for passage in passages)
        read = await self._reader.read(passages) if is_near else ()
        scored = await self._on_subject(question, read)
        thing = thing_asked(question.text) if question.kind is QuestionType.DEFINITION else ""
        if not (thing and scored) or any(found.has_answer_type for found in scored):
            return read, scored
        told = await self._defining(question, replace(query, text=f"{thing} is a"))
        known = {passage.chunk_id for passage in read}
        both = (*read, *(passage for passage in told if passage.chunk_id not in known))
        return (both, await self._on_subject(question, both)) if told else (read, scored)

    async def _defining(self, question: Question, query: RetrievalQuery) -> list[Passage]:
        """The passages that say what a thing is, of the briefings that speak of it most."""
        found = await self._reader.found(replace(query, limit=_DEFINING_POOL, as_of=None))
        first: dict[str, Passage] = {}
        for passage in found:
            first.setdefault(passage.briefing_id, passage)
        told = [
            replace(passage, score=hit.score, similarity=hit.similarity)
            for hit in first.values()
            for passage in await self._reader.retriever.briefing(hit.briefing_id)
            if _defines(question, passage)
        ]
        return told[:_MOST_DEFINING]

    async def _on_subject(
        self, question: Question, read: Sequence[Passage]
    ) -> tuple[ScoredSentence, ...]:
        scored = await self._reader.scored(question, read)
        return on_subject(question, scored, await self._reader.whole(read))

    async def _found(self, query: RetrievalQuery) -> tuple[Passage, ...]:
        """What a search finds; further down where a version is named that the best do not name."""
        found = await self._reader.found(query)
        if query.briefing_ids or any(not lacks_phrase(query.text, text_of(p)) for p in found):
            return found
        pool = await self._reader.found(replace(query, limit=_VERSION_POOL))
        told = [p for p in pool if not lacks_phrase(query.text, text_of(p))]
        return tuple(told[: query.limit]) or found

    async def _summed_up(
        self, finding: Finding, question: Question, passage: Passage, said: frozenset[str]
    ) -> Finding:
        summary = await self._summaries.summary(question, passage.briefing_id, said)
        return replace(finding, pieces=paragraph(summary))

    async def _of_doers(
        self,
        finding: Finding,
        question: Question,
        query: RetrievalQuery,
        read: Sequence[Passage],
        answers: Sequence[ScoredSentence],
    ) -> Finding:
        """A list of those who do what is asked: of one briefing, or gathered, or who is named."""
        listed = choose_list(question, answers, read)
        if listed:
            pieces = listing(listed.lead_in, listed.items, is_cut=listed.is_cut)
            return replace(finding, pieces=pieces)
        several = await self._gathered(question, query)
        if several:
            return replace(finding, pieces=several)
        return _closest(finding, question, answers, read)

    async def _gathered(self, question: Question, query: RetrievalQuery) -> tuple[Piece, ...]:
        """One of what is asked for from each of several briefings."""
        if query.briefing_ids or not asks_for_several(question):
            return ()
        # Whoever does it is told of by name, seldom as one of a group.
        text = deed(question.text) if asks_for_doers(question) else query.text
        pool = await self._reader.found(replace(query, text=text, limit=_GATHERED_POOL))
        several = gathered(question, await self._on_subject(question, pool))
        chosen = [choose_sentences(question, [found], budget=_ONE) for found in several]
        told = [each for each in chosen if each]
        if len(told) == 1:
            return paragraph(told[0])
        return bullets([("", each) for each in told], intro=_SEVERAL) if told else ()

    async def _newest(self, question: Question, query: RetrievalQuery) -> tuple[Piece, ...]:
        """The briefing that announces the newest version of what is asked for."""
        if question.asked.value is not Value.VERSION or not asks_for_newest(question.text):
            return ()
        found = await self._reader.found(replace(query, limit=_RELEASES, prefers_recent=True))
        newest = newest_release(question, found)
        if newest is None:
            return ()
        whole = await self._reader.retriever.briefing(newest.briefing_id)
        return paragraph(lead_sentences(whole, count=2), as_of=newest.date)


def _explainer(
    question: Question, passages: Sequence[Passage], best: ScoredSentence
) -> Passage | None:
    """The passage of a briefing that explains just what is asked, if there is one."""
    found = next((p for p in passages[:_EXPLAINERS_AMONG] if explains(question, p)), None)
    is_aside = found is not None and _is_aside(question, found) and best.has_answer_type
    return None if is_aside else found


_MOST_OF_ASIDE = 2
"""Terms of a title beside what is asked the meaning of."""
_LONGEST_THING = 3
"""Words of what has a name; what has more of them is described, not named."""


def _is_aside(question: Question, passage: Passage) -> bool:
    """Whether the title of what explains names much beside what is asked the meaning of."""
    thing = thing_asked(question.text) if question.kind is QuestionType.DEFINITION else ""
    begins = fold(passage.title).startswith(thing)
    return not begins and len(terms_of(passage.title) - set(question.weights)) > _MOST_OF_ASIDE


def _defining(question: Question, scored: Sequence[ScoredSentence]) -> tuple[Piece, ...]:
    """The sentence that says in so many words what the asked thing is, whatever else is said."""
    thing = thing_asked(question.text) if question.kind is QuestionType.DEFINITION else ""
    if not 0 < len(thing.split()) <= _LONGEST_THING:
        return ()
    told = [found for found in scored if is_definition(question.text, found.sentence.text)]
    return paragraph(choose_sentences(question, told, budget=_ONE))


def _defines(question: Question, passage: Passage) -> bool:
    sentences = read_passage(passage)
    return any(defines(question.text, each.text) >= APPOSITION for each in sentences)


def _titled(question: Question, passages: Sequence[Passage]) -> Passage | None:
    """The passage whose title names what a follow-up put in, and something it asks of that."""
    if not question.focus:
        return None
    asked = frozenset(question.weights) - question.focus
    return next(
        (
            passage
            for passage in passages[:_EXPLAINERS_AMONG]
            if question.focus <= terms_of(passage.title)
            and not asked.isdisjoint(terms_of(passage.title))
            and passage.similarity >= _LEAST_TITLED
        ),
        None,
    )


_LEAST_TITLED = 0.4


def _closest(
    finding: Finding,
    question: Question,
    scored: Sequence[ScoredSentence],
    read: Sequence[Passage],
) -> Finding:
    """The nearest sentences of the briefings when none answers, if they are near enough.

    Where no sentence says how many there are, the list of them answers.
    """
    if not finding.evidence or finding.evidence.confidence < CLOSEST_FROM or not scored:
        return finding
    if finding.evidence.confidence >= SUM_UP_FROM:
        named = _named_not_counted(question, scored, read)
        if named:
            return replace(finding, pieces=named)
    misleads = asks_figure(question) or bool(question.asked.relation)
    telling = [found for found in scored if found.own >= _CLOSEST_OWN or not misleads]
    thing = thing_asked(question.text) if question.kind is QuestionType.DEFINITION else ""
    if 0 < len(thing.split()) <= _LONGEST_THING:
        telling = [f for f in telling if defines(question.text, f.sentence.text) >= DESCRIBES]
    nearest = choose_sentences(question, telling, budget=_CLOSEST)
    return replace(finding, pieces=paragraph(nearest), is_closest=bool(nearest))


_NO_NUMBER = "The briefing gives no number, but names these. "


def _named_not_counted(
    question: Question, scored: Sequence[ScoredSentence], read: Sequence[Passage]
) -> tuple[Piece, ...]:
    """A list of what is to be counted, where no sentence says how many there are."""
    asked = question.asked
    found = choose_list(question, scored, read) if asked.noun else None
    if found is None or not is_held(asked.noun, terms_of(found.lead_in.text)):
        return ()
    listed = listing(found.lead_in, found.items, is_cut=found.is_cut)
    return (Piece(text=_NO_NUMBER), *listed)


def _laid_out(
    question: Question,
    answers: Sequence[ScoredSentence],
    read: Sequence[Passage],
    said: frozenset[str],
) -> tuple[Piece, ...]:
    found = choose_list(question, answers, read) if wants_list(question) else None
    if found:
        return listing(found.lead_in, found.items, is_cut=found.is_cut)
    standing, as_of = newest_first(question, answers)
    sentences = choose_sentences(question, standing, said=said)
    pieces = paragraph(sentences, as_of=as_of)
    untold = [found for found in answers if not is_told(found, sentences)]
    other = contradicting(question, untold, standing)
    if other:
        return (*pieces, *otherwise(choose_sentences(question, [other], budget=_ONE)))
    return (*pieces, *_day_of_saying(question, sentences))


_ASKS_REPORTER = re.compile(r"^\W*(?:and |but |so )*who reported (?:it|this|that)\b", re.IGNORECASE)
"""Who found it, if a briefing says so; else who the news is from."""
_TODAY = re.compile(r"\b(?:today|yesterday|this (?:week|morning)|excited to announce)\b")


def _day_of_saying(question: Question, sentences: Sequence[AnswerSentence]) -> tuple[Piece, ...]:
    """Of which day "today" is, where a day is asked for."""
    if question.asked.value is not Value.DAY:
        return ()
    told = next((s for s in sentences if _TODAY.search(fold(s.text))), None)
    return (said_on(told),) if told else ()


def _focused(query: RetrievalQuery, focus: frozenset[str]) -> RetrievalQuery:
    """What a follow-up asks about instead counts twice in the search."""
    return replace(query, text=f"{' '.join(sorted(focus))} {query.text}") if focus else query


def _has_hard_filter(query: RetrievalQuery) -> bool:
    dated = (query.since or query.until) and not query.is_period_soft
    return bool(dated or query.sentiment or query.categories)


def _unfiltered(query: RetrievalQuery) -> RetrievalQuery:
    return replace(query, is_period_soft=True, sentiment=None, categories=())
