"""The LLM agent with a scripted model: tool loops, grounding, budgets, fallback."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from assistant.agents.llm import LlmAgent, LlmLimits
from assistant.agents.model import ModelUnavailable, ToolRequest
from assistant.core.caller import AnonymousVisitor, VerifiedCustomer
from assistant.core.events import (
    Citation,
    ConfirmationRequired,
    IdentityRequired,
    Outcome,
    Retrieval,
    Suggestions,
    TextDelta,
    ToolCall,
    ToolResult,
    TurnCompleted,
)
from assistant.core.passages import Passage, RetrievalQuery
from assistant.core.toolbox import SignInNeeded
from assistant.core.turns import PastTurn, Turn
from tests.fakes_agent import ScriptedAgent, completed
from tests.fakes_model import ScriptedModel, request, text

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


class FakeToolbox:
    """Gives scripted ends of calls, and records the calls."""

    def __init__(self, **ends: object) -> None:
        self.ends = ends
        self.calls: list[tuple[str, dict]] = []

    def tools(self):
        return ()

    async def call(self, name, arguments, *, call_id=None):
        self.calls.append((name, dict(arguments)))
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
        [request("search_briefings", query="AI skills gap")],
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
    assert end.usage == {"steps": 2, "prompt_tokens": 10, "completion_tokens": 5}
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
    assert ending(events) == completed()


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
