"""Owns the figures of a run, in all and by kind. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields

from assistant.core.events import Outcome
from eval.metrics import (
    bootstrap_mean,
    count_grounded,
    detection,
    hit_at,
    ndcg_at,
    percentile,
    recall_at,
    reciprocal_rank,
)
from eval.questions import Kind
from eval.records import TurnRecord
from eval.results import EvalRun, QuestionResult
from eval.wording import count_words

ABSTAINING = frozenset({Outcome.ABSTAINED, Outcome.DECLINED})
ABSTENTION_KINDS = frozenset({Kind.NEWS, Kind.ABSTENTION, Kind.MULTI_TURN})
"""Where answering and abstaining are the two choices."""


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Figures over some questions; None where nothing was there to measure."""

    questions: int
    skipped: int
    passed: int
    pass_rate: float | None
    pass_rate_low: float | None
    pass_rate_high: float | None
    """95 % bootstrap interval."""
    citation_hit: float | None
    """Share of turns with expected briefings that cite one of them."""
    hit_at_1: float | None
    hit_at_5: float | None
    """Share of turns with expected briefings that retrieved one of them among the first."""
    recall_at_5: float | None
    mrr: float | None
    ndcg_at_10: float | None
    grounded_share: float | None
    """Share of factual sentences of cited answers that a citation covers."""
    words_per_answer: float | None
    """Of answers with citations."""
    abstention_precision: float | None
    abstention_recall: float | None
    abstention_f1: float | None
    first_text_p50_ms: float | None
    first_text_p95_ms: float | None
    first_text_p99_ms: float | None
    total_p50_ms: float | None
    total_p95_ms: float | None
    total_p99_ms: float | None

    def as_json(self) -> dict[str, float | int | None]:
        """Rounded to four places."""
        return {
            name: round(value, 4) if isinstance(value, float) else value
            for name, value in asdict(self).items()
        }


FIGURE_NAMES = tuple(field.name for field in fields(Figures))


@dataclass(frozen=True, kw_only=True)
class Summary:
    """A run in figures."""

    total: Figures
    by_kind: tuple[tuple[Kind, Figures], ...]
    """In the order of `Kind`, only those that were asked."""


def summarise(run: EvalRun) -> Summary:
    """The figures of a run."""
    by_kind = []
    for kind in Kind:
        chosen = [result for result in run.results if result.kind is kind]
        if chosen:
            by_kind.append((kind, figures_of(chosen)))
    return Summary(total=figures_of(run.results), by_kind=tuple(by_kind))


def figures_of(results: Sequence[QuestionResult]) -> Figures:
    """The figures of some questions."""
    asked = [result for result in results if not result.is_skipped]
    records = [record for result in asked for record in result.records]
    passes = [float(result.has_passed) for result in asked]
    rate = bootstrap_mean(passes) if passes else None
    cited = [
        record for record in records if record.citations and record.outcome == Outcome.ANSWERED
    ]
    decided = detection([pair for record in records if (pair := _decision(record)) is not None])
    return Figures(
        questions=len(asked),
        skipped=len(results) - len(asked),
        passed=sum(result.has_passed for result in asked),
        pass_rate=rate.value if rate else None,
        pass_rate_low=rate.low if rate else None,
        pass_rate_high=rate.high if rate else None,
        citation_hit=_mean(
            not record.expect.cites.isdisjoint(span.path for span in record.citations)
            for record in records
            if record.expect.cites
        ),
        **_ranking([record for record in records if record.expect.cites]),
        grounded_share=_grounded_share(cited),
        words_per_answer=_mean(count_words(record.answer) for record in cited),
        abstention_precision=decided.precision,
        abstention_recall=decided.recall,
        abstention_f1=decided.f1,
        **_latency(records),
    )


def _ranking(records: Sequence[TurnRecord]) -> dict[str, float | None]:
    """Over turns with expected briefings; one that retrieved nothing has found nothing."""
    ranked = [(record.retrieved, record.expect.cites) for record in records]
    return {
        "hit_at_1": _mean(hit_at(found, wanted, 1) for found, wanted in ranked),
        "hit_at_5": _mean(hit_at(found, wanted, 5) for found, wanted in ranked),
        "recall_at_5": _mean(recall_at(found, wanted, 5) for found, wanted in ranked),
        "mrr": _mean(reciprocal_rank(found, wanted) for found, wanted in ranked),
        "ndcg_at_10": _mean(
            ndcg_at(found, dict.fromkeys(wanted, 1.0), 10) for found, wanted in ranked
        ),
    }


def _latency(records: Sequence[TurnRecord]) -> dict[str, float | None]:
    firsts = [record.first_text_ms for record in records if record.first_text_ms is not None]
    totals = [record.total_ms for record in records if record.total_ms is not None]
    return {
        f"{name}_p{percent}_ms": percentile(values, percent)
        for name, values in (("first_text", firsts), ("total", totals))
        for percent in (50, 95, 99)
    }


def _grounded_share(cited: Sequence[TurnRecord]) -> float | None:
    counts = [
        count_grounded(record.answer, [(span.start, span.end) for span in record.citations])
        for record in cited
    ]
    factual = sum(every for _, every in counts)
    return sum(covered for covered, _ in counts) / factual if factual else None


def _decision(record: TurnRecord) -> tuple[bool, bool] | None:
    """Whether the turn should have abstained and whether it did; None where that is no question."""
    wanted = record.expect.outcomes
    if record.kind not in ABSTENTION_KINDS or not wanted or record.outcome is None:
        return None
    if wanted <= ABSTAINING:
        return True, record.outcome in ABSTAINING
    if wanted == {Outcome.ANSWERED} and record.expect.cites:
        return False, record.outcome in ABSTAINING
    return None


def _mean(values: Iterable[float]) -> float | None:
    listed = list(values)
    return sum(listed) / len(listed) if listed else None
