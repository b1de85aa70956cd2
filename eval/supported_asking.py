"""Owns asking a question set of the built-in news answerer, in this process, at a set moment.

No server and no router in between: what is measured is finding and saying, not sending on.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from assistant.core.events import (
    Citation,
    EventBody,
    JsonObject,
    Outcome,
    Retrieval,
    TextDelta,
    TurnCompleted,
)
from assistant.core.passages import Passage
from assistant.core.turns import PastTurn, Turn
from eval.questions import Question, QuestionSet, Say
from eval.supported import AskedTurn


class Answerer(Protocol):
    """Answers news questions."""

    def answer(self, turn: Turn, question: str) -> AsyncIterator[EventBody]:
        """Answer one question as events, ending with `TurnCompleted`."""
        ...


class Briefings(Protocol):
    """Hands out the text that is indexed."""

    async def briefing(self, briefing_id: str) -> tuple[Passage, ...]:
        """Every passage of a briefing in reading order."""
        ...


@dataclass
class Said:
    """A fold of one turn's events."""

    answer: str = ""
    citations: list[Citation] = field(default_factory=list)
    retrieved: dict[str, None] = field(default_factory=dict)
    confidence: float = 0.0
    """Of the retrieval that came last."""
    outcome: Outcome | None = None
    state: JsonObject = field(default_factory=dict)

    def take(self, event: EventBody) -> None:
        """Fold one more event."""
        match event:
            case TextDelta(text=text):
                self.answer += text
            case Citation():
                self.citations.append(event)
            case Retrieval(passages=passages, filters=filters):
                self.confidence = float(filters.get("confidence", 0.0))
                self.retrieved |= dict.fromkeys(passage.briefing_id for passage in passages)
            case TurnCompleted(outcome=outcome, state=state):
                self.outcome, self.state = outcome, state
            case _:
                pass


async def ask(turn: Turn, answerer: Answerer) -> Said:
    """What is said to one turn's message."""
    said = Said()
    async for event in answerer.answer(turn, turn.message):
        said.take(event)
    return said


async def ask_all(
    questions: QuestionSet,
    answerer: Answerer,
    briefings: Briefings,
    now: datetime,
    on_done: Callable[[], None] = lambda: None,
) -> tuple[AskedTurn, ...]:
    """Ask every question, each as a conversation of its own.

    Args:
        questions: what to ask; the turns come in their order.
        answerer: whom to ask.
        briefings: where cited and expected briefings are read.
        now: the clock.
        on_done: told after each question.
    """
    turns: list[AskedTurn] = []
    for question in questions.questions:
        turns += await _ask(question, answerer, briefings, now)
        on_done()
    return tuple(turns)


async def _ask(
    question: Question, answerer: Answerer, briefings: Briefings, now: datetime
) -> list[AskedTurn]:
    history: list[PastTurn] = []
    state: JsonObject = {}
    asked: list[AskedTurn] = []
    for number, step in enumerate(question.steps):
        if not isinstance(step.action, Say):
            continue
        message = step.action.message
        turn = Turn(
            id=f"{question.id}-{number}",
            conversation_id=question.id,
            message=message,
            history=tuple(history),
            state=state,
            now=now,
            timezone=ZoneInfo(question.timezone),
        )
        started = time.perf_counter()
        said = await ask(turn, answerer)
        asked.append(
            AskedTurn(
                question_id=question.id,
                step=number,
                message=message,
                expect=step.expect,
                note=question.note,
                outcome=said.outcome,
                answer=said.answer,
                citations=tuple(said.citations),
                retrieved=tuple(said.retrieved),
                passages=await _passages(said.citations, briefings),
                expected_text=await _text_of(step.expect.cites, briefings),
                elapsed_ms=(time.perf_counter() - started) * 1000,
            )
        )
        history.append(_past(message, said))
        state = said.state
    return asked


def _past(message: str, said: Said) -> PastTurn:
    numbered = {citation.number: citation.briefing_id for citation in said.citations}
    return PastTurn(
        message=message,
        answer=said.answer,
        briefing_ids=tuple(numbered[number] for number in sorted(numbered)),
        outcome=str(said.outcome or ""),
    )


async def _passages(citations: list[Citation], briefings: Briefings) -> Mapping[str, Passage]:
    cited = {citation.chunk_id for citation in citations}
    found: dict[str, Passage] = {}
    for briefing_id in dict.fromkeys(citation.briefing_id for citation in citations):
        passages = await briefings.briefing(briefing_id)
        found |= {each.chunk_id: each for each in passages if each.chunk_id in cited}
    return found


async def _text_of(briefing_ids: frozenset[str], briefings: Briefings) -> str:
    texts = [
        f"{passage.title}\n{passage.text}\n{passage.date.day} {passage.date:%B %Y}"
        for briefing_id in sorted(briefing_ids)
        for passage in await briefings.briefing(briefing_id)
    ]
    return "\n".join(texts)
