"""Owns the numbers that a server process tells of itself, for Prometheus.

What happens in turns is one more reading of the log: each process counts the events that it writes,
so that the sums over all processes are right however many there are. No label ever holds what a
visitor, a model or an address could make up: agents, outcomes, tools and codes are few. Does not
own who may read the numbers (`http/metrics.py`).
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from assistant.core.events import (
    EventBody,
    Feedback,
    JsonObject,
    Retrieval,
    TextDelta,
    ToolResult,
    TurnCompleted,
    TurnFailed,
    TurnInterrupted,
    TurnPassedOn,
    TurnStarted,
)

CONTENT_TYPE = CONTENT_TYPE_LATEST
FIRST_TEXT_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
WHOLE_ANSWER_S = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 90.0)
STEP_S = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
PASSAGES = (0, 1, 2, 3, 5, 8, 12, 20)
MOST_OPEN_TURNS = 10_000
"""Turns whose beginning is remembered: one that another process ends is never taken out here."""
OTHER = "other"


class Metrics:
    """Counters, histograms and gauges of one process.

    Args:
        tools: gives the names of the tools of this site, which MCP servers add to; any other name
            is counted as `other`.
    """

    def __init__(self, tools: Callable[[], Collection[str]] = frozenset) -> None:
        self._registry = CollectorRegistry()
        self._tools = tools
        self._known_tools: frozenset[str] = frozenset()
        self._open: OrderedDict[str, _OpenTurn] = OrderedDict()
        self._turns = self._counter("turns", "Turns that ended.", "agent", "outcome")
        self._first_text = self._histogram(
            "first_text_seconds", "From a message to the first text.", FIRST_TEXT_S, "agent"
        )
        self._whole = self._histogram(
            "answer_seconds", "From a message to the end of its turn.", WHOLE_ANSWER_S, "agent"
        )
        self._retrieval = self._histogram("retrieval_seconds", "A search of the index.", STEP_S)
        self._passages = self._histogram("retrieval_passages", "Passages of a search.", PASSAGES)
        self._tool_calls = self._counter("tool_calls", "Tools that ran.", "tool", "result")
        self._tool_time = self._histogram("tool_seconds", "A tool's run.", STEP_S, "tool")
        self._model_calls = self._counter("model_calls", "Steps that a model took.")
        self._model_tokens = self._counter("model_tokens", "Tokens of a model.", "direction")
        self._model_cost = self._counter("model_cost_usd", "What a model cost, where known.")
        self._fallbacks = self._counter("model_fallbacks", "Turns left to the built-in agent.")
        self._feedback = self._counter("feedback", "Answers that visitors judged.", "rating")
        self._problems = self._counter("problems", "Requests refused by the API.", "code")
        self._limited = self._counter("rate_limited", "Requests refused as too many.", "limit")
        self._over_budget = self._counter("over_budget", "Turns refused by a budget.", "scope")
        self._streams = self._gauge("open_streams", "Event streams that are being read.")
        self._running = self._gauge("running_turns", "Turns that this process is answering.")
        self._ready = self._gauge("ready", "1 when questions are answered without waiting.")
        self._chunks = self._gauge("index_chunks", "Chunks in the index that is searched.")
        self._generation = self._gauge("index_generation", "Grows with each change of the index.")
        self._pending = self._gauge("index_pending_briefings", "Briefings that wait for the index.")
        self._tickets = self._gauge("open_tickets", "Conversations that wait for a person.")
        self._jobs = self._counter("jobs", "Runs of background work.", "job", "result")

    def count(self, turn_id: str | None, bodies: Sequence[EventBody]) -> None:
        """Count events that were written."""
        for body in bodies:
            match body:
                case TurnStarted() if turn_id:
                    self._begin(turn_id, body.agent)
                case TextDelta() if turn_id:
                    self._first(turn_id)
                case Retrieval():
                    self._retrieval.observe(body.elapsed_ms / 1000)
                    self._passages.observe(len(body.passages))
                case ToolResult():
                    self._tool(body)
                case Feedback():
                    self._feedback.labels(body.rating).inc()
                case TurnCompleted() | TurnFailed() | TurnInterrupted() | TurnPassedOn() if turn_id:
                    self._end(turn_id, body)
                case _:
                    pass

    def refused(self, code: str, scope: str = "") -> None:
        """A request was answered with a problem; `scope` is that of a budget."""
        self._problems.labels(code).inc()
        if scope:
            self._over_budget.labels(scope).inc()

    def limited(self, limit: str) -> None:
        """A request came too often: by `visitor`, `address`, `site` or `sign-in`."""
        self._limited.labels(limit).inc()

    def job(self, name: str, ok: bool) -> None:
        """A run of background work has ended, well or not."""
        self._jobs.labels(name, "ok" if ok else "failed").inc()

    @contextmanager
    def stream(self) -> Iterator[None]:
        """A stream of events is open for so long."""
        self._streams.inc()
        try:
            yield
        finally:
            self._streams.dec()

    def state(
        self,
        *,
        is_ready: bool,
        running_turns: int,
        chunks: int,
        generation: int,
        pending_briefings: float,
        open_tickets: float,
    ) -> None:
        """How things stand at the moment of a reading."""
        self._ready.set(is_ready)
        self._running.set(running_turns)
        self._chunks.set(chunks)
        self._generation.set(generation)
        self._pending.set(pending_briefings)
        self._tickets.set(open_tickets)

    def exposition(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self._registry)

    def _begin(self, turn_id: str, agent: str) -> None:
        # "llm:<model>": which model it is, is a setting and not a number.
        self._open[turn_id] = _OpenTurn(agent.partition(":")[0])
        while len(self._open) > MOST_OPEN_TURNS:
            self._open.popitem(last=False)

    def _first(self, turn_id: str) -> None:
        turn = self._open.get(turn_id)
        if turn is not None and not turn.has_text:
            turn.has_text = True
            self._first_text.labels(turn.agent).observe(turn.age_s())

    def _tool(self, result: ToolResult) -> None:
        name = self._tool_name(result.tool)
        self._tool_calls.labels(name, "ok" if result.ok else "failed").inc()
        self._tool_time.labels(name).observe(result.elapsed_ms / 1000)

    def _tool_name(self, name: str) -> str:
        if name not in self._known_tools:
            self._known_tools = frozenset(self._tools())
        return name if name in self._known_tools else OTHER

    def _end(
        self, turn_id: str, ending: TurnCompleted | TurnFailed | TurnInterrupted | TurnPassedOn
    ) -> None:
        turn = self._open.pop(turn_id, None)
        self._turns.labels(turn.agent if turn else OTHER, _outcome(ending)).inc()
        if turn is not None and isinstance(ending, TurnCompleted):
            self._whole.labels(turn.agent).observe(turn.age_s())
        if isinstance(ending, TurnCompleted):
            self._usage(ending.usage)

    def _usage(self, usage: JsonObject) -> None:
        if not usage:
            return
        self._model_calls.inc(_number(usage.get("steps")))
        self._model_tokens.labels("read").inc(_number(usage.get("prompt_tokens")))
        self._model_tokens.labels("written").inc(_number(usage.get("completion_tokens")))
        self._model_cost.inc(_number(usage.get("cost_usd")))
        if "fallback" in usage:
            self._fallbacks.inc()

    def _counter(self, name: str, meaning: str, *labels: str) -> Counter:
        return Counter(f"heidi_{name}", meaning, labels, registry=self._registry)

    def _gauge(self, name: str, meaning: str) -> Gauge:
        return Gauge(f"heidi_{name}", meaning, registry=self._registry)

    def _histogram(
        self, name: str, meaning: str, buckets: Sequence[float], *labels: str
    ) -> Histogram:
        return Histogram(f"heidi_{name}", meaning, labels, buckets=buckets, registry=self._registry)


class _OpenTurn:
    """A turn whose end has not been written."""

    __slots__ = ("_began", "agent", "has_text")

    def __init__(self, agent: str) -> None:
        self.agent = agent
        self.has_text = False
        self._began = time.perf_counter()

    def age_s(self) -> float:
        return time.perf_counter() - self._began


def _outcome(ending: TurnCompleted | TurnFailed | TurnInterrupted | TurnPassedOn) -> str:
    match ending:
        case TurnCompleted():
            return str(ending.outcome)
        case TurnFailed():
            return "failed"
        case TurnInterrupted():
            return "interrupted"
        case TurnPassedOn():
            return "passed_on"


def _number(value: object) -> float:
    """A count or an amount that a model's server has reported; 0 where it is none."""
    try:
        return max(0.0, float(str(value)))
    except ValueError:
        return 0.0
