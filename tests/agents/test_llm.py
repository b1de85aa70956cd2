"""The LLM agent with a scripted model: tool loops, grounding, budgets, fallback."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import ClassVar
from zoneinfo import ZoneInfo

import pytest

from assistant.agents.llm import LlmAgent
from assistant.agents.llm_run import LlmLimits
from assistant.agents.model import ModelUnavailable, TextPiece, ToolRequest, Usage
from assistant.core.caller import AnonymousVisitor, VerifiedCustomer
from assistant.core.events import (
    Citation,
    ConfirmationRequired,
    IdentityRequired,
    Outcome,
    Retrieval,
    Status,
    Suggestions,
    TextDelta,
    ToolCall,
    ToolResult,
    TurnCompleted,
)
from assistant.core.passages import Passage, RetrievalQuery
from assistant.core.prompts import PROMPT_VERSION
from assistant.core.router import Intent, Route
from assistant.core.toolbox import SignInNeeded, ToolPolicy
from assistant.core.turns import PastTurn, Turn
from tests.fakes_agent import ScriptedAgent, completed
from tests.fakes_model import ScriptedModel, request, text

COUNTED = Usage(prompt_tokens=10, completion_tokens=5)
VISITOR = AnonymousVisitor(visitor_id="v1")
ADA = VerifiedCustomer(visitor_id="v1", customer_id="cust-ada", name="Ada")
GAP = Passage(
    chunk_id="gap:0",
    briefing_id="gap",
    title="The AI skills gap is widening",
    path="/briefings/gap",
    date=date(2026, 9, 15),
    category="Work",
    section="Analysis",
    sentiment="negative",
    source_name="DataCamp",
    source_url="https://example.org/gap",
    text=(
        "Six in ten leaders report an AI skills gap. "
        "Only 35 percent of companies have a mature training programme."
    ),
    score=0.9,
    similarity=0.7,
)


class FakeRetriever:
    """Gives the same passages for every query."""

    def __init__(self, *passages: Passage) -> None:
        self.passages = passages
        self.queries: list[str] = []

    async def understand(self, text: str, now: datetime) -> RetrievalQuery:
        return RetrievalQuery(text=text)

    async def search(self, query: RetrievalQuery) -> tuple[Passage, ...]:
        self.queries.append(query.text)
        return self.passages


class FakeTool:
    """A tool of somebody's; it writes when its name says so."""

    description = "A tool"
    schema: ClassVar = {"type": "object"}

    def __init__(self, *, name: str) -> None:
        self.name = name
        writes = name.startswith(("book", "request"))
        self.policy = ToolPolicy(
            needs_identity=name != "request_person",
            writes=writes,
            needs_confirmation=name.startswith("book"),
        )


@dataclass(frozen=True)
class Routed:
    """A request as a router reads it."""

    text: str
    route: Route


class FakeClassifier:
    """Takes every message for the same."""

    def __init__(self, intent: Intent, probability: float = 0.97, *, is_rejected=False) -> None:
        self.route = Route(
            intent=intent,
            probability=probability,
            probabilities={intent: probability},
            is_rejected=is_rejected,
        )

    async def classify_requests(self, text: str) -> tuple[Routed, ...]:
        return (Routed(text=text, route=self.route),)


class FakeToolbox:
    """Gives scripted ends of calls, and records the calls."""

    def __init__(self, **ends: object) -> None:
        self.ends = ends
        self.calls: list[tuple[str, dict]] = []
        self.running = 0
        self.most_running = 0

    def tools(self):
        return tuple(FakeTool(name=name) for name in self.ends)

    async def call(self, name, arguments, *, call_id=None):
        self.calls.append((name, dict(arguments)))
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        await asyncio.sleep(0)
        self.running -= 1
        end = self.ends[name]
        if isinstance(end, SignInNeeded):
            return (IdentityRequired(reason="sign in"),), end, ""
        if isinstance(end, ConfirmationRequired):
            return (end,), end, ""
        call = ToolCall(call_id=call_id, tool=name, arguments=arguments, label=name)
        result = ToolResult(
            call_id=call_id, tool=name, ok=True, output={"total": end}, card=None, elapsed_ms=1.0
        )
        return (call, result), result, f"Your balance is {end}."


def turn(message: str = "What is the AI skills gap?", **changes: object) -> Turn:
    values: dict = {
        "id": "t1",
        "conversation_id": "c1",
        "message": message,
        "history": (),
        "state": {"kept": 1},
        "now": datetime(2026, 11, 24, 12, tzinfo=UTC),
        "timezone": ZoneInfo("Europe/Zurich"),
        **changes,
    }
    return Turn(**values)


async def run(agent: LlmAgent, asked: Turn | None = None, caller=VISITOR, toolbox=None):
    stream = agent.answer(asked or turn(), caller, toolbox or FakeToolbox())
    return [event async for event in stream]


def said(events) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def ending(events) -> TurnCompleted:
    ends = [event for event in events if isinstance(event, TurnCompleted)]
    assert ends == [events[-1]]
    return ends[0]


async def test_a_news_answer_is_searched_spoken_and_cited():
    model = ScriptedModel(
        [request("search_briefings", query="AI skills gap"), COUNTED],
        text("Only 35 percent of companies have a ", "mature training programme."),
    )
    retriever = FakeRetriever(GAP)

    events = await run(LlmAgent(model, retriever))

    assert retriever.queries == ["AI skills gap"]
    assert said(events) == "Only 35 percent of companies have a mature training programme."
    (citation,) = [event for event in events if isinstance(event, Citation)]
    assert (citation.number, citation.start, citation.end) == (1, 0, len(said(events)))
    assert [event.query for event in events if isinstance(event, Retrieval)] == ["AI skills gap"]
    end = ending(events)
    assert (end.outcome, end.state) == (Outcome.ANSWERED, {"kept": 1})
    assert end.usage == {
        "model": "scripted",
        "prompt": PROMPT_VERSION,
        "tools": end.usage["tools"],
        "steps": 2,
        "prompt_tokens": 20,
        "completion_tokens": 10,
    }
    assert model.unused == 0


async def test_a_sentence_with_a_made_up_number_is_never_spoken():
    model = ScriptedModel(
        [request("search_briefings", query="gap")],
        text(
            "Only 35 percent of companies have a mature training programme. "
            "By 2030 it will cost 9 trillion dollars."
        ),
    )

    events = await run(LlmAgent(model, FakeRetriever(GAP)))

    assert said(events) == "Only 35 percent of companies have a mature training programme."
    assert ending(events).usage["unsupported_sentences"] == [
        "By 2030 it will cost 9 trillion dollars."
    ]


async def test_an_answer_without_support_becomes_an_abstention_with_the_nearest_briefings():
    model = ScriptedModel(
        [request("search_briefings", query="world cup")],
        text("France won the 1998 World Cup in Paris."),
    )

    events = await run(LlmAgent(model, FakeRetriever(GAP)))

    assert said(events) == "That isn't in our briefings."
    assert ending(events).outcome == Outcome.ABSTAINED
    (suggestions,) = [event for event in events if isinstance(event, Suggestions)]
    assert suggestions.briefings == (("The AI skills gap is widening", "/briefings/gap"),)


async def test_facts_without_a_search_are_not_spoken_even_when_the_model_is_sure():
    model = ScriptedModel(text("Nvidia earned 57 billion dollars last quarter."))

    events = await run(LlmAgent(model, FakeRetriever()))

    assert said(events) == "That isn't in our briefings."


async def test_markup_links_and_images_of_the_model_are_stripped():
    model = ScriptedModel(
        [request("search_briefings", query="gap")],
        text(
            "Six in ten leaders report an <b onclick=x()>AI skills gap</b> "
            "[here](https://evil.example/?q=secret) ![x](https://evil.example/p.png)."
        ),
    )

    events = await run(LlmAgent(model, FakeRetriever(GAP)))

    assert "evil" not in said(events)
    assert "<" not in said(events)


async def test_account_numbers_must_come_from_the_tool():
    model = ScriptedModel(
        [request("get_balance")],
        text("Your balance is 2,480.15 euros. You also won 1,000,000 euros."),
    )
    toolbox = FakeToolbox(get_balance="2,480.15 euros")

    events = await run(LlmAgent(model, FakeRetriever()), turn("My balance?"), ADA, toolbox)

    assert said(events) == "Your balance is 2,480.15 euros."
    assert toolbox.calls == [("get_balance", {})]


async def test_sign_in_ends_the_turn_before_the_model_is_asked_again():
    model = ScriptedModel([request("get_balance")])
    toolbox = FakeToolbox(get_balance=SignInNeeded(tool="get_balance"))

    events = await run(LlmAgent(model, FakeRetriever()), turn("My balance?"), VISITOR, toolbox)

    assert ending(events).outcome == Outcome.SIGN_IN_REQUIRED
    assert "sign in" in said(events)
    assert model.unused == 0


async def test_a_write_ends_in_a_confirmation_and_is_never_said_to_be_done():
    required = ConfirmationRequired(
        action_id="a1",
        tool="book_meeting",
        arguments={},
        arguments_hash="h",
        title="Book a meeting",
        rows=(),
        confirm_label="Book",
        expires_at=datetime(2026, 11, 24, 13, tzinfo=UTC),
    )
    model = ScriptedModel([request("book_meeting", team="sales")])

    events = await run(
        LlmAgent(model, FakeRetriever()), turn("Book it"), ADA, FakeToolbox(book_meeting=required)
    )

    assert ending(events).outcome == Outcome.CONFIRMATION_REQUIRED
    assert said(events) == "Please check the details and confirm."


async def test_broken_arguments_go_back_to_the_model():
    broken = ToolRequest(call_id="x", name="get_balance", arguments_json='{"a": ')
    model = ScriptedModel([broken], text("Could you say that again?"))
    toolbox = FakeToolbox()

    events = await run(LlmAgent(model, FakeRetriever()), toolbox=toolbox)

    assert toolbox.calls == []
    assert model.sent[1][0][-1].content == '{"error": "The arguments are no JSON object."}'
    assert said(events) == "Could you say that again?"


async def test_an_endless_tool_loop_is_cut_and_the_last_call_has_no_tools():
    calls = [[request("search_briefings", query="gap")] for _ in range(3)]
    model = ScriptedModel(*calls)

    events = await run(LlmAgent(model, FakeRetriever(GAP), limits=LlmLimits(steps=3)))

    assert [tools for _, tools in model.sent] == [["search_briefings"], ["search_briefings"], []]
    assert ending(events).outcome == Outcome.ABSTAINED


async def test_a_provider_that_is_down_leaves_the_answer_to_the_fallback():
    fallback = ScriptedAgent(TextDelta(text="From the briefings."), completed())
    model = ScriptedModel([ModelUnavailable("down")])

    events = await run(LlmAgent(model, FakeRetriever(), fallback=fallback))

    assert said(events) == "From the briefings."
    assert {**events[1].detail} == {"fallback": "scripted", "reason": "down"}
    assert (ending(events).outcome, ending(events).usage["fallback"]) == (
        completed().outcome,
        "scripted",
    )


async def test_a_provider_that_fails_in_the_middle_ends_the_turn_as_failed():
    model = ScriptedModel(
        [request("search_briefings", query="gap")],
        [*text("Six in ten leaders report an AI skills gap. And "), ModelUnavailable("gone")],
    )
    agent = LlmAgent(model, FakeRetriever(GAP), fallback=ScriptedAgent())

    with pytest.raises(ModelUnavailable):
        await run(agent)


async def test_history_and_the_clock_reach_the_model_as_messages():
    model = ScriptedModel(text("Hello!"))
    asked = turn("And in Europe?", history=(PastTurn(message="Hi", answer="Hello."),))

    await run(LlmAgent(model, FakeRetriever()), asked)

    messages = model.sent[0][0]
    assert [(message.role, message.content) for message in messages[1:]] == [
        ("user", "Hi"),
        ("assistant", "Hello."),
        ("user", "And in Europe?"),
    ]
    assert "Tuesday, 24 November 2026, 13:00 (Europe/Zurich)" in messages[0].content


NEWS = FakeClassifier(Intent.NEWS)
ANSWER = "Only 35 percent of companies have a mature training programme."


async def test_reads_of_one_message_run_together_and_come_back_in_order():
    model = ScriptedModel(
        [
            request("get_balance", call_id="a"),
            request("search_briefings", call_id="b", query="gap"),
            request("list_invoices", call_id="c"),
        ],
        text("Your balance is 5 euros."),
    )
    toolbox = FakeToolbox(get_balance="5 euros", list_invoices="none")

    events = await run(LlmAgent(model, FakeRetriever(GAP)), toolbox=toolbox, caller=ADA)

    assert toolbox.most_running == 2
    assert [message.call_id for message in model.sent[1][0][-3:]] == ["a", "b", "c"]
    kinds = [type(event).__name__ for event in events[1:7]]
    assert kinds == ["Status", "ToolCall", "ToolResult", "Retrieval", "ToolCall", "ToolResult"]


async def test_writes_of_one_message_run_one_at_a_time_and_the_first_card_ends_the_turn():
    card = ConfirmationRequired(
        action_id="a1",
        tool="book_meeting",
        arguments={},
        arguments_hash="h",
        title="Book a meeting",
        rows=(),
        confirm_label="Book",
        expires_at=datetime(2026, 11, 24, 13, tzinfo=UTC),
    )
    model = ScriptedModel(
        [request("get_balance"), request("book_meeting"), request("book_meeting")]
    )
    toolbox = FakeToolbox(get_balance="5 euros", book_meeting=card)

    events = await run(LlmAgent(model, FakeRetriever()), toolbox=toolbox, caller=ADA)

    assert [name for name, _ in toolbox.calls] == ["get_balance", "book_meeting"]
    assert toolbox.most_running == 1
    assert ending(events).outcome == Outcome.CONFIRMATION_REQUIRED


async def test_a_visitor_is_asked_to_sign_in_once_however_many_reads_need_it():
    ends = {name: SignInNeeded(tool=name) for name in ("get_balance", "list_invoices")}
    model = ScriptedModel([request("get_balance"), request("list_invoices", call_id="b")])

    events = await run(LlmAgent(model, FakeRetriever()), toolbox=FakeToolbox(**ends))

    assert len([event for event in events if isinstance(event, IdentityRequired)]) == 1
    assert ending(events).outcome == Outcome.SIGN_IN_REQUIRED


async def test_all_calls_together_may_ask_for_so_many_tools_and_no_more():
    model = ScriptedModel(
        [request("get_balance", call_id=str(n)) for n in range(3)],
        [request("get_balance", call_id=str(n)) for n in range(3, 6)],
        text("Your balance is 5 euros."),
    )
    toolbox = FakeToolbox(get_balance="5 euros")
    agent = LlmAgent(model, FakeRetriever(), limits=LlmLimits(requests_per_turn=4))

    events = await run(agent, toolbox=toolbox, caller=ADA)

    assert len(toolbox.calls) == 4
    assert model.sent[2][1] == []
    assert said(events) == "Your balance is 5 euros."


async def test_news_is_searched_for_before_the_model_is_asked_and_without_the_customers_tools():
    model, retriever = ScriptedModel(text(ANSWER)), FakeRetriever(GAP)
    toolbox = FakeToolbox(get_balance="5", book_meeting="x", request_person="x")

    events = await run(LlmAgent(model, retriever, classifier=NEWS), toolbox=toolbox)

    assert retriever.queries == ["What is the AI skills gap?"]
    assert [tools for _, tools in model.sent] == [["search_briefings", "request_person"]]
    assert "a question about the news (97%)" in model.sent[0][0][0].content
    assert said(events) == ANSWER


async def test_a_tool_that_is_not_offered_for_the_message_is_not_called():
    model = ScriptedModel([request("book_meeting", team="sales")], text(ANSWER))
    toolbox = FakeToolbox(book_meeting="x")

    events = await run(LlmAgent(model, FakeRetriever(GAP), classifier=NEWS), toolbox=toolbox)

    assert toolbox.calls == []
    assert said(events) == ANSWER
    assert ending(events).usage["refused_requests"] == [
        "book_meeting: This tool is not offered for this message."
    ]


@pytest.mark.parametrize("message", ["Book a meeting with sales tomorrow", "What is my balance?"])
async def test_words_that_leave_no_doubt_outweigh_a_router_that_takes_them_for_news(message):
    model = ScriptedModel(text("Which time suits you?"))
    toolbox = FakeToolbox(get_balance="5", book_meeting="x")

    await run(LlmAgent(model, FakeRetriever(), classifier=NEWS), turn(message), toolbox=toolbox)

    assert model.sent[0][1] == ["search_briefings", "get_balance", "book_meeting"]


FOLLOW_UP = turn(
    "And in Europe?",
    history=(
        PastTurn(message="What is the AI skills gap?", answer="A gap.", briefing_ids=("gap",)),
    ),
)


async def test_a_follow_up_is_worded_by_the_rewriting_model_and_its_tokens_count():
    price = Usage(prompt_tokens=7, completion_tokens=3, cost_usd=Decimal("0.0000021"))
    writing = ScriptedModel([TextPiece(text='{"query": "AI skills gap in Europe"}'), price])
    model, retriever = ScriptedModel(text(ANSWER)), FakeRetriever(GAP)
    agent = LlmAgent(model, retriever, classifier=NEWS, rewriting=writing)

    events = await run(agent, FOLLOW_UP)

    assert retriever.queries == ["AI skills gap in Europe"]
    usage = ending(events).usage
    assert (usage["prompt_tokens"], usage["completion_tokens"]) == (17, 8)
    assert usage["cost_usd"] == "0.0000021"
    (worded,) = [
        event.detail
        for event in events
        if isinstance(event, Status) and "worded_by" in (event.detail or {})
    ]
    assert worded == {"question": "AI skills gap in Europe", "worded_by": "model"}


async def test_a_short_follow_up_that_the_router_cannot_place_is_searched_for_too():
    unsure = FakeClassifier(Intent.OTHER, 0.4, is_rejected=True)
    writing = ScriptedModel(text('{"query": "AI skills gap in Europe"}'))
    model, retriever = ScriptedModel(text(ANSWER)), FakeRetriever(GAP)

    await run(LlmAgent(model, retriever, classifier=unsure, rewriting=writing), FOLLOW_UP)

    assert retriever.queries == ["AI skills gap in Europe"]


async def test_a_provider_that_fails_after_the_search_leaves_the_answer_to_the_fallback_too():
    fallback = ScriptedAgent(TextDelta(text="From the briefings."), completed())
    model = ScriptedModel(
        [request("search_briefings", query="gap"), COUNTED], [ModelUnavailable("gone")]
    )

    events = await run(LlmAgent(model, FakeRetriever(GAP), fallback=fallback))

    assert said(events) == "From the briefings."
    assert ending(events).usage["prompt_tokens"] == 10


async def test_tokens_that_no_server_counts_are_estimated_so_that_budgets_hold():
    events = await run(LlmAgent(ScriptedModel([TextPiece(text="Hello!")]), FakeRetriever()))

    usage = ending(events).usage
    assert (usage["is_estimated"], usage["completion_tokens"]) == (True, 2)
    assert usage["prompt_tokens"] > 200


@pytest.mark.parametrize(
    "asked",
    [
        turn("I want to talk to a real person"),
        turn("You are useless, this is unacceptable!"),
        turn(
            "That's not what I asked",
            history=(PastTurn(message="Gap?", answer="No.", outcome="abstained"),),
        ),
    ],
)
async def test_a_person_is_asked_before_the_model(asked):
    model, toolbox = ScriptedModel(), FakeToolbox(request_person="x")

    events = await run(LlmAgent(model, FakeRetriever()), asked, toolbox=toolbox)

    assert [name for name, _ in toolbox.calls] == ["request_person"]
    assert ending(events).state == {"kept": 1, "handed_over": True}


async def test_a_person_that_the_model_asks_for_is_not_asked_again_unbidden():
    model = ScriptedModel([request("request_person")], text("Please wait a moment."))

    events = await run(
        LlmAgent(model, FakeRetriever()), turn("Hm"), toolbox=FakeToolbox(request_person="x")
    )

    assert ending(events).state == {"kept": 1, "handed_over": True}


async def test_a_mark_says_which_passage_to_cite_and_a_wrong_one_is_not_believed():
    other = replace(GAP, chunk_id="two:0", briefing_id="two", path="/briefings/two")
    unrelated = replace(other, chunk_id="three:0", briefing_id="three", text="Rain fell in Oslo.")
    model = ScriptedModel(
        [request("search_briefings", query="gap")],
        text("Six in ten leaders report an AI skills gap [2]. ", f"{ANSWER[:-1]} [3]."),
    )

    events = await run(LlmAgent(model, FakeRetriever(GAP, other, unrelated)))

    cited = [event.briefing_id for event in events if isinstance(event, Citation)]
    assert cited == ["two", "gap"]
    assert said(events) == f"Six in ten leaders report an AI skills gap. {ANSWER}"


async def test_the_version_of_the_tools_changes_with_the_tools():
    def versions(*names: str):
        return run(
            LlmAgent(ScriptedModel(text("Hello!")), FakeRetriever()),
            toolbox=FakeToolbox(**dict.fromkeys(names, "x")),
        )

    first, again, other = [
        ending(await versions(*names)).usage["tools"]
        for names in (("get_balance",), ("get_balance",), ("list_invoices",))
    ]
    assert first == again != other


async def test_a_model_that_talks_on_without_saying_anything_leaves_it_to_the_fallback():
    fallback = ScriptedAgent(TextDelta(text="From the briefings."), completed())
    model = ScriptedModel(text("And ", "and ", "and "))
    agent = LlmAgent(model, FakeRetriever(), fallback=fallback, limits=LlmLimits(unspoken_s=0.0))

    events = await run(agent)

    assert said(events) == "From the briefings."


@pytest.mark.parametrize(
    ("words", "spoken", "outcome"),
    [
        ("No.", "That isn't in our briefings.", Outcome.ABSTAINED),
        (f"Yes. {ANSWER}", ANSWER, Outcome.ANSWERED),
        ("I found nothing on it.", "I found nothing on it.", Outcome.ABSTAINED),
        ("Do you mean training?", "Do you mean training?", Outcome.ASKED),
    ],
)
async def test_after_a_search_a_bare_verdict_is_no_answer(words, spoken, outcome):
    agent = LlmAgent(ScriptedModel(text(words)), FakeRetriever(GAP), classifier=NEWS)

    events = await run(agent)

    assert (said(events), ending(events).outcome) == (spoken, outcome)
