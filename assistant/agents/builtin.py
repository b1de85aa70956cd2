"""Owns the built-in agent: answers turns without a language model.

A turn is first offered to what is open (a form, a proposal), then routed by intent; a message with
several requests is answered part by part. The parts are in `schedule.py`, `account.py`,
`smalltalk.py` and `news.py`; here they become one stream of events with one state.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from assistant.agents import account, schedule
from assistant.agents.classifying import Classifier, Request
from assistant.agents.declining import (
    EMPTY,
    ENGLISH_ONLY,
    NOT_LATIN,
    asks_for_more_news,
    decline,
    goes_on_with_news,
    may_be_in_briefings,
)
from assistant.agents.desk import Desk
from assistant.agents.handing_over import hand_over
from assistant.agents.proposing import FORM
from assistant.agents.smalltalk import answer_smalltalk
from assistant.core.account_requests import is_surely_account
from assistant.core.caller import Caller
from assistant.core.dialogue import gives_up
from assistant.core.events import (
    Citation,
    EventBody,
    Outcome,
    Status,
    Suggestions,
    TextDelta,
    TurnCompleted,
)
from assistant.core.forms import Form
from assistant.core.languages import is_other_language, is_other_script
from assistant.core.proposals import LAST_MEETING, recall
from assistant.core.replies import Reply, deltas, merge_state
from assistant.core.router import Intent, Route
from assistant.core.scheduling import is_surely_scheduling
from assistant.core.slots import Slots, read_slots
from assistant.core.toolbox import Toolbox
from assistant.core.turns import Turn

_CONFIDENT = 0.6
"""From here on a message is taken to be about something else than an open form."""
_GOOD_ENOUGH = 0.5
"""A rejected route this probable is followed: here nothing is written without confirmation, so a
wrong guess costs the visitor less than being sent away."""
_TAKEN_FOR_NEWS = frozenset({Intent.ACCOUNT, Intent.BALANCE, Intent.OTHER})
"""Where "and for companies?" is sent when nobody knows that it follows an answer."""
_WEIGHTS = (
    Outcome.SIGN_IN_REQUIRED,
    Outcome.CONFIRMATION_REQUIRED,
    Outcome.ASKED,
    Outcome.ANSWERED,
    Outcome.ABSTAINED,
    Outcome.DECLINED,
)
"""Which outcome names a turn whose parts ended differently: the one that waits for the visitor."""


class News(Protocol):
    """Answers news questions from the briefings."""

    def answer(
        self, turn: Turn, question: str, *, offset: int = 0, first_number: int = 1
    ) -> AsyncIterator[EventBody]:
        """Answer one question as events, ending with `TurnCompleted`."""
        ...


@dataclass(kw_only=True)
class _Answer:
    """What has been said so far in a turn."""

    turn: Turn
    started: float = field(default_factory=time.perf_counter)
    length: int = 0
    numbers: int = 0
    outcomes: list[Outcome] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    briefings: list[tuple[str, str]] = field(default_factory=list)

    def take(self, event: EventBody) -> EventBody | None:
        """Count what passes; what ends a part is kept back for the end of the turn."""
        match event:
            case TextDelta():
                self.length += len(event.text)
            case Citation():
                self.numbers = max(self.numbers, event.number)
            case Suggestions():
                self.questions += event.questions
                self.briefings += event.briefings
                return None
            case TurnCompleted():
                self.outcomes.append(event.outcome)
                self.turn = replace(self.turn, state=merge_state(self.turn.state, event.state))
                return None
        return event

    def ending(self) -> list[EventBody]:
        """The suggestions and the one completion."""
        questions = tuple(dict.fromkeys(self.questions))[:3]
        briefings = tuple(dict.fromkeys(self.briefings))[:3]
        outcome = min(self.outcomes, key=_WEIGHTS.index, default=Outcome.DECLINED)
        completed = TurnCompleted(
            outcome=outcome,
            state=dict(self.turn.state),
            usage={},
            elapsed_ms=round((time.perf_counter() - self.started) * 1000, 1),
        )
        if not questions and not briefings:
            return [completed]
        return [Suggestions(questions=questions, briefings=briefings), completed]


class BuiltInAgent:
    """Answers turns without a model.

    Args:
        classifier: tells what a message asks for.
        news: answers questions about the news.
    """

    name = "built-in"

    def __init__(self, classifier: Classifier, news: News) -> None:
        self._classifier = classifier
        self._news = news

    async def answer(
        self, turn: Turn, caller: Caller, toolbox: Toolbox
    ) -> AsyncIterator[EventBody]:
        """Answer one turn as a stream of events."""
        message = turn.message.strip()
        answer = _Answer(turn=replace(turn, message=message))
        requests = await self._classifier.classify_requests(message)
        yield Status(text="Thinking", detail={"requests": [_detail(each) for each in requests]})
        async for event in self._parts(answer, requests, caller, toolbox):
            shown = answer.take(event)
            if shown is not None:
                yield shown
        for event in answer.ending():
            yield event

    async def _parts(
        self, answer: _Answer, requests: Sequence[Request], caller: Caller, toolbox: Toolbox
    ) -> AsyncIterator[EventBody]:
        message, before = answer.turn.message, answer.turn.state
        desk = Desk(turn=answer.turn, toolbox=toolbox)
        reply = _fixed_reply(message) or await hand_over(desk)
        if reply is None:
            reply = await _go_on(desk, requests[0].route)
        if reply is not None:
            for event in _told(reply):
                yield event
            return
        if is_other_language(message):
            yield TextDelta(text=f"{ENGLISH_ONLY}\n\n")
        async for event in self._requests(answer, requests, caller, toolbox):
            yield event
        # A form that this very message opened has asked its question already.
        if before.get(FORM) == answer.turn.state.get(FORM):
            for delta in deltas(_way_back(answer.turn)):
                yield delta

    async def _requests(
        self, answer: _Answer, requests: Sequence[Request], caller: Caller, toolbox: Toolbox
    ) -> AsyncIterator[EventBody]:
        """Answer every request of a message, one after the other."""
        for index, request in enumerate(requests):
            if index:
                yield TextDelta(text="\n\n")
            # State and offset move on while parts are answered.
            turn = replace(answer.turn, message=request.text)
            reply = await _own_reply(Desk(turn=turn, toolbox=toolbox), caller, request.route)
            if reply is not None:
                for event in _told(reply):
                    yield event
                continue
            async for event in self._news.answer(
                turn, turn.message, offset=answer.length, first_number=answer.numbers + 1
            ):
                yield event


def _fixed_reply(message: str) -> Reply | None:
    """What is answered without looking further."""
    if not message:
        return EMPTY
    return NOT_LATIN if is_other_script(message) else None


async def _go_on(desk: Desk, route: Route) -> Reply | None:
    """Go on with what is open; None if the message is about something else."""
    state, message = desk.turn.state, desk.turn.message
    if not state:
        return None
    slots = read_slots(message, desk.today)
    is_elsewhere = (
        route.intent is not Intent.SCHEDULE
        and not route.is_rejected
        and route.probability >= _CONFIDENT
    )
    wanted = account.contact_form(state)
    if wanted is not None and account.is_for_contact(message, wanted):
        return await account.go_on_with_contact(desk, wanted)
    form = Form.from_json(state.get(FORM))
    if form is not None:
        if schedule.is_for_form(message, slots, form, is_elsewhere=is_elsewhere):
            return await schedule.go_on(desk, form, slots)
        return None
    return await _correct(desk, slots)


async def _correct(desk: Desk, slots: Slots) -> Reply | None:
    """Change what was just proposed, or the meeting spoken of last."""
    message, proposal = desk.turn.message, recall(desk.turn)
    if proposal is not None and schedule.is_correction(message, slots):
        return await schedule.correct(desk, proposal, slots)
    if LAST_MEETING in desk.turn.state and schedule.is_about_last_meeting(message, slots):
        return await schedule.change_last_meeting(desk, slots)
    return None


async def _own_reply(desk: Desk, caller: Caller, route: Route) -> Reply | None:
    """The reply to one request; None leaves it to the news."""
    message = desk.turn.message
    slots = read_slots(message, desk.today)
    match _sure_intent(desk.turn, slots, route):
        case Intent.BALANCE | Intent.ACCOUNT as intent:
            return await account.answer_account(
                desk, message, is_about_balance=intent is Intent.BALANCE
            )
        case Intent.SCHEDULE:
            return await schedule.answer_new(desk, slots)
        case Intent.SMALLTALK:
            return answer_smalltalk(desk.turn, caller, message)
        case Intent.OTHER if not may_be_in_briefings(desk.turn, route):
            return decline(desk.turn)
        case Intent.NEWS | Intent.OTHER:
            return None


def _sure_intent(turn: Turn, slots: Slots, route: Route) -> Intent:
    """What a message asks for: words that leave no doubt first, then the route if it is sure."""
    message = turn.message
    if gives_up(message):
        return Intent.SMALLTALK
    if route.intent is Intent.SMALLTALK and asks_for_more_news(turn):
        return Intent.NEWS
    if is_surely_scheduling(message, slots):
        return Intent.SCHEDULE
    if route.intent in _TAKEN_FOR_NEWS and goes_on_with_news(turn):
        return Intent.NEWS
    is_unsure = route.is_rejected and route.probability < _GOOD_ENOUGH
    if (is_unsure or route.intent is Intent.OTHER) and is_surely_account(message):
        return Intent.ACCOUNT
    return Intent.OTHER if is_unsure else route.intent


def _told(reply: Reply) -> list[EventBody]:
    """A reply as the events of a part."""
    events: list[EventBody] = [*reply.events, *deltas(reply.text)]
    if reply.questions:
        events.append(Suggestions(questions=reply.questions))
    # The marker None removes a key, which only merging with the state before can do.
    events.append(
        TurnCompleted(outcome=reply.outcome, state=reply.changes, usage={}, elapsed_ms=0.0)
    )
    return events


def _way_back(turn: Turn) -> str:
    """What leads back to something open after a digression."""
    wanted = account.contact_form(turn.state)
    if wanted is not None:
        return f"\n\n{account.say_return_to_contact(wanted)}"
    form = Form.from_json(turn.state.get(FORM))
    return f"\n\n{schedule.say_return(form)}" if form is not None else ""


def _detail(request: Request) -> Mapping[str, object]:
    route = request.route
    return {
        "text": request.text[:200],
        "intent": route.intent.value,
        "is_rejected": route.is_rejected,
        "probabilities": {
            intent.value: round(probability, 3)
            for intent, probability in route.probabilities.items()
        },
    }
