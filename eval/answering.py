"""Owns measuring answers to a collection: gold answers said, words, abstention, and how sure.

Asks the built-in agent's news answerer in this process, each query as a conversation of its own, on
the day after the query's own where it has one. The curve shows what another threshold of confidence
would have given (El-Yaniv and Wiener, "On the Foundations of Noise-free Selective Classification",
JMLR 2010).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from assistant.core.events import Outcome
from assistant.core.turns import Turn
from eval.beir import Collection, Query
from eval.collection_questions import MAX_WORDS, asked_at
from eval.metrics import Detection, detection, percentile
from eval.supported_asking import Answerer, ask
from eval.wording import count_words, says

THRESHOLDS = tuple(step / 20 for step in range(4, 19))


@dataclass(frozen=True, kw_only=True)
class Answered:
    """One query and what was said to it."""

    query_id: str
    is_answerable: bool
    is_answered: bool
    """As an answer; quoting the closest passages is no answer."""
    confidence: float
    words: int
    is_gold_said: bool | None
    """None for a query without gold answers."""
    is_gold_there: bool | None
    """Whether a relevant document says a gold answer in its own words; None likewise."""


@dataclass(frozen=True, kw_only=True)
class CurvePoint:
    """What answering from this confidence on would have given."""

    threshold: float
    abstention_f1: float
    answer_recall: float
    """Share of the answerable queries that are answered."""
    gold_said: float | None
    """Share of the answers to queries with a gold answer that say it."""


@dataclass(frozen=True, kw_only=True)
class AnsweringFigures:
    """Figures over the queries of a collection."""

    queries: int
    gold_said: float | None
    """Of queries with a gold answer: said, outright or as the closest."""
    gold_said_short: float | None
    """Of those: said within `MAX_WORDS` words."""
    gold_said_outright: float | None
    """Of those: said within as many words as an answer."""
    gold_there: float | None
    """Of those: a relevant document says it in its own words, so that an extract can."""
    words_mean: float
    words_p95: float
    abstention: Detection
    """Not answering, as a detector of queries that the collection does not answer."""
    answer_recall: float | None
    curve: tuple[CurvePoint, ...]


async def answer_all(
    collection: Collection, answerer: Answerer, on_done: Callable[[], None] = lambda: None
) -> tuple[Answered, ...]:
    """Ask every query.

    Args:
        collection: documents that the answerer knows, and queries.
        answerer: whom to ask.
        on_done: told after each query.
    """
    texts = {each.id: f"{each.title}\n{each.text}" for each in collection.documents}
    found = []
    for query in collection.queries:
        relevant = [texts[key] for key in collection.judgements.get(query.id, {}) if key in texts]
        found.append(await _ask(query, relevant, answerer))
        on_done()
    return tuple(found)


def figures_of(answers: Sequence[Answered]) -> AnsweringFigures:
    """The figures over these answers, at least one."""
    gold = [each for each in answers if each.is_gold_said is not None]
    said = [each for each in gold if each.is_gold_said]
    short = [each for each in said if each.words <= MAX_WORDS]
    words = [each.words for each in answers]
    return AnsweringFigures(
        queries=len(answers),
        gold_said=_share(len(said), len(gold)),
        gold_said_short=_share(len(short), len(gold)),
        gold_said_outright=_share(sum(each.is_answered for each in short), len(gold)),
        gold_there=_share(sum(bool(each.is_gold_there) for each in gold), len(gold)),
        words_mean=sum(words) / len(words),
        words_p95=percentile(words, 95) or 0.0,
        abstention=detection([(not each.is_answerable, not each.is_answered) for each in answers]),
        answer_recall=_recall(answers, lambda each: each.is_answered),
        curve=tuple(_point(threshold, answers) for threshold in THRESHOLDS),
    )


def _point(threshold: float, answers: Sequence[Answered]) -> CurvePoint:
    sure = [each.confidence >= threshold for each in answers]
    pairs = [
        (not each.is_answerable, not is_sure) for each, is_sure in zip(answers, sure, strict=True)
    ]
    given = [
        each
        for each, is_sure in zip(answers, sure, strict=True)
        if is_sure and each.is_gold_said is not None
    ]
    return CurvePoint(
        threshold=threshold,
        abstention_f1=detection(pairs).f1 or 0.0,
        answer_recall=_recall(answers, lambda each: each.confidence >= threshold) or 0.0,
        gold_said=_share(sum(bool(each.is_gold_said) for each in given), len(given)),
    )


async def _ask(query: Query, relevant: Sequence[str], answerer: Answerer) -> Answered:
    turn = Turn(
        id=query.id,
        conversation_id=query.id,
        message=query.text,
        history=(),
        state={},
        now=asked_at(query),
        timezone=ZoneInfo("UTC"),
    )
    said = await ask(turn, answerer)
    gold = [str(each) for each in query.metadata.get("answer") or () if str(each).strip()]
    return Answered(
        query_id=query.id,
        is_answerable=bool(query.metadata.get("answerable", True)),
        is_answered=said.outcome is Outcome.ANSWERED,
        confidence=said.confidence,
        words=count_words(said.answer),
        is_gold_said=any(says(said.answer, each) for each in gold) if gold else None,
        is_gold_there=any(says(text, each) for text in relevant for each in gold) if gold else None,
    )


def _recall(answers: Sequence[Answered], is_given: Callable[[Answered], bool]) -> float | None:
    answerable = [each for each in answers if each.is_answerable]
    return _share(sum(map(is_given, answerable)), len(answerable))


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
