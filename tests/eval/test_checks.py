"""A record is judged by its expectation and by the contract of the stream."""

from __future__ import annotations

from datetime import date

from assistant.core.events import Outcome
from eval.checks import Failure, judge
from eval.questions import Expectation, Kind
from eval.records import Problem
from tests.eval.builders import cited, completed, record, said, waiting

GAP = "/briefings/gap"
OTHER = "/briefings/other"
ANSWER = "59 percent see a gap."


def answered(**expect):
    return record(said(ANSWER), cited(GAP, 0, 21), completed(), expect=Expectation(**expect))


def checks(judged: tuple[Failure, ...]) -> list[str]:
    return [failure.check for failure in judged]


def test_an_answer_that_meets_every_expectation_passes():
    turn = answered(
        outcomes=frozenset({Outcome.ANSWERED}),
        cites=frozenset({GAP, OTHER}),
        cites_only=frozenset({GAP}),
        cited_since=date(2026, 9, 15),
        cited_until=date(2026, 9, 15),
        contains=(("59%", "sixty"),),
        not_contains=("60%",),
        max_words=5,
    )
    assert judge(turn) == ()


def test_another_outcome_than_expected_is_named_with_the_answer():
    turn = answered(outcomes=frozenset({Outcome.ABSTAINED, Outcome.DECLINED}))
    reason = "expected abstained or declined, came answered: 59 percent see a gap."
    assert judge(turn) == (Failure(check="outcome", reason=reason),)


def test_too_few_of_the_expected_briefings_are_cited():
    turn = answered(cites=frozenset({GAP, OTHER}), cites_at_least=2)
    reason = "expected 2 of gap, other, cited gap"
    assert judge(turn) == (Failure(check="cites", reason=reason),)


def test_a_briefing_outside_of_the_allowed_ones_or_of_the_period_is_named():
    turn = answered(
        cites_only=frozenset({OTHER}), cited_since=date(2026, 10, 1), cited_until=date(2026, 1, 1)
    )
    assert checks(judge(turn)) == ["cites_only", "cited_since", "cited_until"]


def test_missing_and_unwanted_words_are_named():
    turn = answered(contains=(("59%",), ("60%", "61%")), not_contains=("a gap",), max_words=4)
    assert judge(turn) == (
        Failure(check="contains", reason=f"expected '60%' or '61%' in: {ANSWER}"),
        Failure(check="not_contains", reason=f"says 'a gap': {ANSWER}"),
        Failure(check="max_words", reason="5 words, at most 4 are wanted"),
    )


def test_a_news_answer_without_a_citation_is_not_grounded():
    turn = record(said(ANSWER), completed())
    assert checks(judge(turn)) == ["grounded"]
    assert judge(record(said(ANSWER), completed(), kind=Kind.SMALLTALK)) == ()


def test_cards_and_confirmations_are_read_like_the_answer():
    expect = Expectation(
        contains=(("1 December 2026",), ("$3,105.00",)), proposes="book_meeting", card="facts"
    )
    card = {"kind": "facts", "title": "Your balance", "rows": [["Savings", "$3,105.00"]]}
    turn = record(
        {"type": "tool.call", "tool": "get_balance"},
        {"type": "tool.result", "tool": "get_balance", "card": card},
        waiting("book_meeting"),
        completed("confirmation_required"),
        expect=expect,
        kind=Kind.SCHEDULE,
    )
    assert judge(turn) == ()


def test_tools_cards_and_proposals_that_did_not_come_are_named():
    expect = Expectation(tools=("get_balance",), proposes="book_meeting", card="table")
    turn = record(completed(), expect=expect, kind=Kind.BALANCE)
    assert judge(turn) == (
        Failure(check="tools", reason="get_balance did not run; ran: none"),
        Failure(
            check="proposes", reason="expected book_meeting to wait for a decision, nothing does"
        ),
        Failure(check="card", reason="expected a card of table, came none"),
    )


def test_a_turn_that_failed_gives_its_message():
    turn = record({"type": "turn.failed", "error": "agent", "message": "The model is away."})
    assert judge(turn) == (Failure(check="outcome", reason="turn.failed: The model is away."),)


def test_a_stream_against_the_contract_is_found():
    turn = record(said("Yes."), cited(GAP, 2, 9), completed(), completed(), kind=Kind.NEWS)
    reasons = [failure.reason for failure in judge(turn)]
    assert reasons == ["2 events end the turn", "a citation spans 2 to 9 of 4 characters"]


def test_a_refusal_is_compared_with_the_expected_code():
    expect = Expectation(problem="invalid-input")
    refused = Problem(status=422, code="invalid-input", detail="The message is empty.")
    crashed = Problem(status=500, code="internal", detail="Unexpected error")
    assert judge(record(expect=expect, problem=refused)) == ()
    assert checks(judge(record(expect=expect, problem=crashed))) == ["problem"]
    assert checks(judge(record(completed(), expect=expect))) == ["problem"]


def test_a_refusal_or_a_broken_turn_that_was_not_expected_fails():
    refused = Problem(status=409, code="turn-running", detail="Still answering.")
    reason = "refused with 409 turn-running: Still answering."
    assert judge(record(problem=refused)) == (Failure(check="accepted", reason=reason),)
    assert judge(record(error="no answer")) == (Failure(check="driven", reason="no answer"),)
