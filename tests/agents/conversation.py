"""Plays conversations with the built-in agent: the site's real tools on backends in memory.

A typed yes or no decides what is pending, as the runner of turns does it.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from assistant.agents.builtin import BuiltInAgent
from assistant.backends.accounts import Account, Invoice, Plan, Profile, Transaction
from assistant.backends.handoff import Handoffs
from assistant.core.caller import AnonymousVisitor, Caller, VerifiedCustomer
from assistant.core.dialogue import read_decision
from assistant.core.events import (
    Citation,
    ConfirmationRequired,
    EventBody,
    Outcome,
    Suggestions,
    TextDelta,
    ToolCall,
    ToolResult,
    TurnCompleted,
)
from assistant.core.money import Money
from assistant.core.router import INTENTS, Intent, Route
from assistant.core.toolbox import ToolContext
from assistant.core.turns import PastTurn, Turn
from assistant.tools.actions import run_action
from assistant.tools.registry import make_tools
from assistant.tools.toolbox import PolicyToolbox
from tests.fakes_accounts import CustomerData, InMemoryAccounts
from tests.fakes_actions import InMemoryActionStore
from tests.fakes_calendar import InMemoryCalendar

NOW = datetime(2026, 11, 24, 10, 7, tzinfo=UTC)
"""A Tuesday; 11:07 in Zurich, 05:07 in New York."""
ADA = VerifiedCustomer(visitor_id="v1", customer_id="cust-ada", name="Ada Moreau")
NOBODY = AnonymousVisitor(visitor_id="v3")

PROBABLE = 0.9


def _euro(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="EUR")


def _paid(number: int, day: date, party: str, amount: str, about: str) -> Transaction:
    return Transaction(
        id=f"t{number}",
        account_name="Everyday",
        day=day,
        counterparty=party,
        description=about,
        amount=_euro(amount),
    )


ADAS_DATA = CustomerData(
    profile=Profile(
        name="Ada Moreau",
        email="ada@old.example",
        phone="+33 1 99 00 12 34",
        address="1 Rue du Lac, 1200 Genève",
        customer_since=date(2024, 2, 1),
        plan=Plan(
            name="Professional",
            price=_euro("29.00"),
            period="month",
            renews_on=date(2026, 12, 14),
            features=("Briefings",),
        ),
    ),
    accounts=(
        Account(
            id="a1",
            name="Everyday",
            number="···1",
            balance=_euro("2480.15"),
            available=_euro("2480.15"),
        ),
        Account(
            id="a2",
            name="Savings",
            number="···2",
            balance=_euro("12350.00"),
            available=_euro("12350.00"),
        ),
    ),
    transactions=(
        _paid(1, date(2026, 10, 8), "Marché Vert", "-50.90", "Groceries"),
        _paid(2, date(2026, 10, 17), "Rhône Rail", "-38.35", "Commuting"),
        _paid(3, date(2026, 10, 25), "Atelier Lumen", "3180.00", "Salary"),
        _paid(4, date(2026, 11, 8), "Marché Vert", "-60.40", "Groceries"),
        _paid(5, date(2026, 11, 21), "Marché Vert", "-60.50", "Groceries"),
    ),
    invoices=(
        Invoice(
            number="INV-5",
            description="October",
            amount=_euro("14.50"),
            issued_on=date(2026, 10, 10),
            due_on=date(2026, 11, 10),
            paid_on=None,
            status="overdue",
        ),
        Invoice(
            number="INV-4",
            description="September",
            amount=_euro("29.00"),
            issued_on=date(2026, 9, 19),
            due_on=date(2026, 10, 19),
            paid_on=date(2026, 10, 2),
            status="paid",
        ),
    ),
)


def route_to(intent: Intent, *, probability: float = PROBABLE, is_rejected: bool = False) -> Route:
    """A route whose other intents share the rest."""
    rest = (1 - probability) / (len(INTENTS) - 1)
    return Route(
        intent=intent,
        probability=probability,
        probabilities=dict.fromkeys(INTENTS, rest) | {intent: probability},
        is_rejected=is_rejected,
    )


UNSURE = route_to(Intent.OTHER, probability=0.3, is_rejected=True)


@dataclass(frozen=True)
class FakeRequest:
    """A request with the route the test gave it."""

    text: str
    route: Route


class FakeClassifier:
    """Routes the messages it was told about; rejects all others."""

    def __init__(self, routes: Mapping[str, Intent | Route | Sequence[tuple[str, Intent]]]) -> None:
        self._routes = routes

    async def classify_requests(self, text: str) -> Sequence[FakeRequest]:
        """The requests of a message."""
        known = self._routes.get(text, UNSURE)
        match known:
            case Route():
                return [FakeRequest(text, known)]
            case str():
                return [FakeRequest(text, route_to(Intent(known)))]
            case _:
                return [FakeRequest(part, route_to(intent)) for part, intent in known]


class FakeNews:
    """Echoes the question, with one citation; remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int, int]] = []

    async def answer(
        self, turn: Turn, question: str, *, offset: int = 0, first_number: int = 1
    ) -> AsyncIterator[EventBody]:
        """Answer one question."""
        self.asked.append((question, offset, first_number))
        text = f"News: {question}."
        yield TextDelta(text=text)
        yield Citation(
            number=first_number, start=offset, end=offset + len(text), chunk_id="c", title="T",
            briefing_id="b", path="/b", date="2026-11-01", source_name="S", source_url="u",
            quote="q",
        )  # fmt: skip
        yield Suggestions(questions=("Tell me more",))
        yield TurnCompleted(
            outcome=Outcome.ANSWERED, state={"news": {"question": question}}, usage={}, elapsed_ms=0
        )


@dataclass(kw_only=True)
class Answer:
    """What a turn showed."""

    text: str = ""
    outcome: Outcome | None = None
    calls: list[str] = field(default_factory=list)
    """Tools that ran or asked for confirmation (marked `?`), with their arguments."""
    cards: list[str] = field(default_factory=list)
    choices: tuple[str, ...] = ()
    """Messages of the slots in a card."""
    suggested: tuple[str, ...] = ()
    events: list[EventBody] = field(default_factory=list)

    def take(self, event: EventBody) -> None:
        """Fold one event."""
        self.events.append(event)
        match event:
            case TextDelta():
                self.text += event.text
            case ToolCall():
                self.calls.append(_call(event.tool, event.arguments))
            case ConfirmationRequired():
                self.calls.append("? " + _call(event.tool, event.arguments))
            case ToolResult(card=card) if card:
                self.cards.append(card["kind"])
                self.choices = tuple(slot["message"] for slot in card.get("slots", ()))
            case Suggestions():
                self.suggested = event.questions
            case TurnCompleted():
                assert self.outcome is None, "completed twice"
                self.outcome = event.outcome


class Conversation:
    """One visitor talking to the built-in agent."""

    def __init__(
        self,
        routes: Mapping[str, Intent | Route | Sequence[tuple[str, Intent]]] | None = None,
        *,
        caller: Caller = ADA,
        zone: str = "Europe/Zurich",
        now: datetime = NOW,
        handoffs: Handoffs | None = None,
    ) -> None:
        self.caller = caller
        self.now = now
        self.state: Mapping[str, object] = {}
        self.history: list[PastTurn] = []
        self.news = FakeNews()
        self._zone = ZoneInfo(zone)
        self._agent = BuiltInAgent(FakeClassifier(routes or {}), self.news)
        self._tools = make_tools(
            InMemoryAccounts({"cust-ada": ADAS_DATA}), InMemoryCalendar(), handoffs=handoffs
        )
        self._actions = InMemoryActionStore()

    async def say(self, message: str) -> Answer:
        """Say something and get the whole answer."""
        turn = Turn(
            id=f"t{len(self.history)}",
            conversation_id="c1",
            message=message,
            history=tuple(self.history),
            state=self.state,
            now=self.now,
            timezone=self._zone,
        )
        answer = Answer()
        async for event in await self._events(turn):
            answer.take(event)
        completed = answer.events[-1]
        assert isinstance(completed, TurnCompleted), "not completed at the end"
        self.state = json.loads(json.dumps(completed.state, allow_nan=False))
        cited = [event.briefing_id for event in answer.events if isinstance(event, Citation)]
        self.history.append(
            PastTurn(
                message=message,
                answer=answer.text,
                briefing_ids=tuple(cited),
                outcome=str(answer.outcome),
            )
        )
        return answer

    async def play(self, *messages: str) -> Answer:
        """Say several things; gives the last answer."""
        for message in messages:
            answer = await self.say(message)
        return answer

    async def sign_in(self) -> Answer:
        """Sign in; the last question is asked again."""
        self.caller = ADA
        return await self.say(self.history[-1].message)

    async def _events(self, turn: Turn) -> AsyncIterator[EventBody]:
        pending = await self._actions.pending("c1", self.now)
        decision = read_decision(turn.message, tool=pending.tool) if pending else None
        if pending is None or decision is None:
            return self._agent.answer(turn, self.caller, self._toolbox(turn))
        status = "confirmed" if decision == "confirm" else "declined"
        action = await self._actions.settle(pending.id, "c1", status, self.now)
        context = ToolContext(
            caller=self.caller, now=self.now, timezone=self._zone, conversation_id="c1"
        )
        return run_action(action, self._tools, context, state=turn.state)

    def _toolbox(self, turn: Turn) -> PolicyToolbox:
        return PolicyToolbox(
            self._tools,
            caller=self.caller,
            now=turn.now,
            timezone=turn.timezone,
            conversation_id="c1",
            turn_id=turn.id,
            actions=self._actions,
            words=turn.visitor_words,
        )


def _call(tool: str, arguments: Mapping[str, object]) -> str:
    hidden = ("meeting_id", "host")
    shown = [f"{name}={value}" for name, value in arguments.items() if value and name not in hidden]
    return " ".join([tool, *shown])
