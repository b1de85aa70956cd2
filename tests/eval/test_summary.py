"""A run is summed up in figures that were computed by hand."""

from __future__ import annotations

from assistant.core.events import Outcome
from eval.checks import Failure
from eval.questions import Expectation, Kind
from eval.summary import figures_of
from tests.eval.builders import cited, completed, record, result, retrieved, said

GAP, OTHER = "/briefings/gap", "/briefings/other"
ANSWERED = frozenset({Outcome.ANSWERED})
ABSTAINED = frozenset({Outcome.ABSTAINED})
WRONG = ((0, Failure(check="outcome", reason="no")),)


def wants_gap() -> Expectation:
    return Expectation(outcomes=ANSWERED, cites=frozenset({GAP}))


def test_figures_of_four_questions():
    found = record(
        retrieved(GAP, OTHER, GAP),
        said("A gap. It grows."),
        cited(GAP, 0, 6),
        completed(),
        expect=wants_gap(),
        first_text_ms=10.0,
        total_ms=100.0,
    )
    missed = record(
        retrieved(OTHER, GAP),
        said("No."),
        completed("abstained"),
        expect=wants_gap(),
        first_text_ms=30.0,
        total_ms=200.0,
    )
    silent = record(completed("abstained"), expect=Expectation(outcomes=ABSTAINED))
    talkative = record(completed(), expect=Expectation(outcomes=ABSTAINED))
    figures = figures_of(
        [
            result(found),
            result(missed, failures=WRONG),
            result(silent, kind=Kind.ABSTENTION),
            result(talkative, kind=Kind.ABSTENTION, failures=WRONG),
        ]
    )
    assert (figures.questions, figures.passed, figures.pass_rate) == (4, 2, 0.5)
    assert (figures.citation_hit, figures.hit_at_1, figures.hit_at_5) == (0.5, 0.5, 1)
    assert (figures.recall_at_5, figures.mrr) == (1, 0.75)
    assert round(figures.ndcg_at_10 or 0, 4) == round((1 + 0.63093) / 2, 4)
    assert (figures.grounded_share, figures.words_per_answer) == (0.5, 4)
    assert figures.abstention_precision == 0.5
    assert figures.abstention_recall == 0.5
    assert (figures.first_text_p50_ms, figures.total_p50_ms) == (20, 150)


def test_nothing_to_measure_is_none_not_zero():
    figures = figures_of([])
    assert (figures.questions, figures.passed) == (0, 0)
    assert set(list(figures.as_json().values())[3:]) == {None}
