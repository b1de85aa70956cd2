"""Owns the verdict on one turn: what an expectation asks for and the record does not show. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from assistant.core.events import TERMINAL_TYPES
from eval.questions import Kind
from eval.records import TurnRecord
from eval.wording import count_words, says

SHOWN = 100
"""Characters of an answer that a reason repeats."""


@dataclass(frozen=True, kw_only=True)
class Failure:
    """One thing that is wrong with a turn."""

    check: str
    """Name of the check."""
    reason: str
    """What was expected and what came, on one line."""


Check = Callable[[TurnRecord], Iterator[Failure]]


def judge(record: TurnRecord) -> tuple[Failure, ...]:
    """Everything that is wrong with a turn; nothing for one that passes."""
    if record.expect.problem is not None:
        return tuple(_check_problem(record))
    if record.error is not None:
        return (Failure(check="driven", reason=record.error),)
    if record.problem is not None:
        refusal = record.problem
        reason = f"refused with {refusal.status} {refusal.code}: {refusal.detail}"
        return (Failure(check="accepted", reason=reason),)
    return tuple(failure for check in CHECKS for failure in check(record))


def _check_problem(record: TurnRecord) -> Iterator[Failure]:
    wanted, problem = record.expect.problem, record.problem
    if problem is None:
        came = record.error or f"outcome {record.outcome}"
        yield Failure(check="problem", reason=f"expected a refusal with {wanted}, came {came}")
    elif problem.code != wanted:
        came = f"{problem.status} {problem.code}"
        yield Failure(check="problem", reason=f"expected a refusal with {wanted}, came {came}")
    elif problem.status >= 500:
        yield Failure(check="problem", reason=f"a server error: {problem.status}")


def _check_stream(record: TurnRecord) -> Iterator[Failure]:
    """The contract of docs/http-api.md, whatever is asked."""
    numbers = [event["seq"] for event in record.events]
    if any(later <= earlier for earlier, later in pairwise(numbers)):
        yield Failure(check="stream", reason="the events' numbers do not grow")
    ends = [event["type"] for event in record.of_type(*TERMINAL_TYPES)]
    if len(ends) != 1:
        yield Failure(check="stream", reason=f"{len(ends)} events end the turn")
    length = len(record.answer)
    for span in record.citations:
        if not 0 <= span.start < span.end <= length:
            reason = f"a citation spans {span.start} to {span.end} of {length} characters"
            yield Failure(check="stream", reason=reason)


def _check_outcome(record: TurnRecord) -> Iterator[Failure]:
    terminal = record.terminal
    if terminal is not None and terminal["type"] != "turn.completed":
        detail = terminal.get("message") or terminal.get("reason", "")
        yield Failure(check="outcome", reason=f"{terminal['type']}: {detail}")
        return
    wanted = record.expect.outcomes
    if wanted and record.outcome not in wanted:
        expected = " or ".join(sorted(wanted))
        reason = f"expected {expected}, came {record.outcome}: {_shown(record.answer)}"
        yield Failure(check="outcome", reason=reason)


def _check_citations(record: TurnRecord) -> Iterator[Failure]:
    expect = record.expect
    cited = {span.path for span in record.citations}
    hits = cited & expect.cites
    if expect.cites and len(hits) < expect.cites_at_least:
        some = f"{expect.cites_at_least} of " if expect.cites_at_least > 1 else ""
        wanted = f"{some}{_paths(expect.cites)}"
        yield Failure(check="cites", reason=f"expected {wanted}, cited {_paths(cited)}")
    if expect.cites_only and (others := cited - expect.cites_only):
        yield Failure(check="cites_only", reason=f"also cited {_paths(others)}")
    for span in record.citations:
        if expect.cited_since and span.date < expect.cited_since:
            yield Failure(check="cited_since", reason=f"{span.date}: {span.path} is too old")
        if expect.cited_until and span.date > expect.cited_until:
            yield Failure(check="cited_until", reason=f"{span.date}: {span.path} is too new")


def _check_grounding(record: TurnRecord) -> Iterator[Failure]:
    """A news answer without any citation is a claim without a source."""
    if record.kind is Kind.NEWS and record.outcome == "answered" and not record.citations:
        yield Failure(check="grounded", reason=f"no citation: {_shown(record.answer)}")


def _check_words(record: TurnRecord) -> Iterator[Failure]:
    text, expect = record.visible_text, record.expect
    for group in expect.contains:
        if not any(says(text, wanted) for wanted in group):
            wanted = " or ".join(repr(each) for each in group)
            yield Failure(check="contains", reason=f"expected {wanted} in: {_shown(text)}")
    for unwanted in expect.not_contains:
        if says(text, unwanted):
            yield Failure(check="not_contains", reason=f"says {unwanted!r}: {_shown(text)}")
    words = count_words(record.answer)
    if expect.max_words is not None and words > expect.max_words:
        reason = f"{words} words, at most {expect.max_words} are wanted"
        yield Failure(check="max_words", reason=reason)


def _check_tools(record: TurnRecord) -> Iterator[Failure]:
    expect = record.expect
    if missing := [tool for tool in expect.tools if tool not in record.tools]:
        ran = ", ".join(record.tools) or "none"
        yield Failure(check="tools", reason=f"{', '.join(missing)} did not run; ran: {ran}")
    if expect.proposes is not None:
        proposed = record.pending["tool"] if record.pending else None
        if proposed != expect.proposes:
            came = proposed or "nothing"
            reason = f"expected {expect.proposes} to wait for a decision, {came} does"
            yield Failure(check="proposes", reason=reason)
    kinds = [card["kind"] for card in record.cards]
    if expect.card is not None and expect.card not in kinds:
        came = ", ".join(kinds) or "none"
        yield Failure(check="card", reason=f"expected a card of {expect.card}, came {came}")


CHECKS: tuple[Check, ...] = (
    _check_stream,
    _check_outcome,
    _check_citations,
    _check_grounding,
    _check_words,
    _check_tools,
)
"""Every check that a turn goes through; a reader of the report sees their names."""


def _paths(paths: frozenset[str] | set[str]) -> str:
    return ", ".join(path.rsplit("/", 1)[-1] for path in sorted(paths)) or "nothing"


def _shown(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else f"{line[: SHOWN - 1]}…"
