"""Owns asking a question set: every question its own conversation, a few at a time.

What goes wrong with a question becomes part of its record; the run goes on.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx
from httpx_sse import SSEError

from eval.client import Conversation, HeidiClient, NothingWaited, Reply
from eval.questions import Action, Decide, Question, QuestionSet, Say, SignIn, Step
from eval.records import Event, TurnRecord
from eval.results import QuestionResult, judge_question, skip_question

NEW_CUSTOMER = "new"
"""`signed_in_as` of a question that needs a calendar of its own."""
SHOWN = 200
"""Characters of a message that a record keeps for the reader."""


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """How to ask."""

    concurrency: int = 2
    turn_timeout_s: float = 60.0
    has_clock: bool = True
    """Whether the server believes in the set's `now`; else questions that need it are skipped."""


async def run_questions(
    questions: QuestionSet,
    client: HeidiClient,
    options: RunOptions,
    on_done: Callable[[QuestionResult], None] = lambda _: None,
) -> tuple[QuestionResult, ...]:
    """Ask every question.

    Args:
        questions: what to ask; the results have the same order, whatever finishes first.
        client: whom to ask.
        options: how.
        on_done: told of each result as it comes.
    """
    gate = asyncio.Semaphore(options.concurrency)
    run_id = secrets.token_hex(3)

    async def run_one(question: Question) -> QuestionResult:
        if question.needs_clock and not options.has_clock:
            result = skip_question(question)
        else:
            async with gate:
                result = await _Interview(question, client, options, run_id).run()
        on_done(result)
        return result

    return tuple(await asyncio.gather(*map(run_one, questions.questions)))


@dataclass(kw_only=True)
class _Progress:
    """How far a conversation has come."""

    customer: str | None
    last_seq: int = 0
    pending: Event | None = None
    records: list[TurnRecord] = field(default_factory=list)


class _Interview:
    """One question, asked step by step; stops at the first step that can't be taken."""

    def __init__(
        self, question: Question, client: HeidiClient, options: RunOptions, run_id: str
    ) -> None:
        self._question = question
        self._client = client
        self._options = options
        customer = question.signed_in_as
        if customer == NEW_CUSTOMER:
            customer = f"eval-{question.id}-{run_id}"
        self._progress = _Progress(customer=customer)

    async def run(self) -> QuestionResult:
        """Ask, and judge what came back."""
        progress = self._progress
        try:
            conversation = await self._client.start(self._question.timezone)
        except httpx.HTTPError as error:
            first = self._question.steps[0]
            progress.records.append(self._record(0, first, error=_describe(error)))
            return judge_question(self._question, progress.records)
        for number, step in enumerate(self._question.steps):
            record = await self._take(conversation, number, step)
            progress.records.append(record)
            if record.error is not None:
                break
            self._note(record)
        return judge_question(self._question, progress.records)

    def _note(self, record: TurnRecord) -> None:
        progress = self._progress
        for event in record.events:
            progress.last_seq = event["seq"]
        if next(record.of_type("confirmation.resolved"), None):
            progress.pending = None
        progress.pending = record.pending or progress.pending

    async def _take(self, conversation: Conversation, number: int, step: Step) -> TurnRecord:
        try:
            async with asyncio.timeout(self._options.turn_timeout_s):
                reply = await self._send(conversation, step.action)
        except TimeoutError:
            wait = f"{self._options.turn_timeout_s:g} s"
            return self._record(number, step, error=f"no complete answer within {wait}")
        except NothingWaited:
            return self._record(number, step, error="no question waited for sign-in")
        except (httpx.HTTPError, SSEError, ValueError, KeyError) as error:
            return self._record(number, step, error=_describe(error))
        if reply is None:
            return self._record(number, step, error="nothing waited for a decision")
        return self._record(number, step, reply=reply)

    async def _send(self, conversation: Conversation, action: Action) -> Reply | None:
        progress = self._progress
        match action:
            case Say(message=message):
                return await self._client.ask(conversation, message, progress.customer)
            case Decide(decision=decision):
                if progress.pending is None:
                    return None
                action_id = progress.pending["action_id"]
                return await self._client.decide(
                    conversation, action_id, decision, progress.customer
                )
            case SignIn(customer_id=customer_id):
                progress.customer = customer_id
                return await self._client.sign_in(conversation, customer_id, progress.last_seq)

    def _record(
        self, number: int, step: Step, *, reply: Reply | None = None, error: str | None = None
    ) -> TurnRecord:
        came = reply or Reply()
        return TurnRecord(
            question_id=self._question.id,
            kind=self._question.kind,
            step=number,
            message=_say(step.action),
            expect=step.expect,
            events=came.events,
            problem=came.problem,
            error=error,
            first_text_ms=came.first_text_ms,
            total_ms=came.total_ms,
        )


def _say(action: Action) -> str:
    match action:
        case Say(message=message):
            return message if len(message) <= SHOWN else f"{message[:SHOWN]}…"
        case Decide(decision=decision):
            return f"({decision})"
        case SignIn(customer_id=customer_id):
            return f"(signs in as {customer_id})"


def _describe(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".rstrip(": ")
