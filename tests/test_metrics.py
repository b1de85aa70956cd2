"""The numbers that a process tells of itself."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from assistant.core.events import (
    Feedback,
    Outcome,
    Retrieval,
    TextDelta,
    ToolResult,
    TurnCompleted,
    TurnFailed,
    TurnInterrupted,
    TurnPassedOn,
    TurnStarted,
)
from assistant.metrics import MOST_OPEN_TURNS, Metrics

USAGE = {"steps": 2, "prompt_tokens": 900, "completion_tokens": 40, "cost_usd": "0.0125"}


def started(agent: str = "built-in") -> TurnStarted:
    return TurnStarted(message="Hi", client_turn_id="c-1", agent=agent)


def completed(**usage: object) -> TurnCompleted:
    return TurnCompleted(outcome=Outcome.ANSWERED, state={}, usage=usage, elapsed_ms=12.0)


def tool_result(tool: str, *, ok: bool = True) -> ToolResult:
    return ToolResult(call_id="1", tool=tool, ok=ok, output={}, card=None, elapsed_ms=20.0)


def samples(metrics: Metrics) -> dict[tuple[str, ...], float]:
    """Values by name and values of the labels, these in the order of the labels' names."""
    families = text_string_to_metric_families(metrics.exposition().decode())
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in families
        for sample in family.samples
        if not sample.name.endswith(("_bucket", "_created"))
    }


def test_a_turn_is_counted_by_agent_and_outcome_with_its_times():
    metrics = Metrics()

    metrics.count("turn-1", [started()])
    metrics.count("turn-1", [TextDelta(text="Hello"), TextDelta(text="!")])
    metrics.count("turn-1", [completed()])

    counted = samples(metrics)
    assert counted["heidi_turns_total", "built-in", "answered"] == 1
    assert counted["heidi_first_text_seconds_count", "built-in"] == 1
    assert counted["heidi_answer_seconds_count", "built-in"] == 1


def test_every_way_a_turn_can_end_is_an_outcome():
    metrics = Metrics()
    endings = {
        "failed": TurnFailed(error="time-out", message="Too long."),
        "interrupted": TurnInterrupted(reason="Gone."),
        "passed_on": TurnPassedOn(to="Nina"),
    }

    for name, ending in endings.items():
        metrics.count(name, [started(), ending])

    counted = samples(metrics)
    assert {name: counted["heidi_turns_total", "built-in", name] for name in endings} == {
        "failed": 1,
        "interrupted": 1,
        "passed_on": 1,
    }
    assert ("heidi_answer_seconds_count", "built-in") not in counted


def test_a_turn_that_began_elsewhere_is_counted_without_times():
    metrics = Metrics()

    metrics.count("turn-of-another-process", [TextDelta(text="Hi"), completed()])

    counted = samples(metrics)
    assert counted["heidi_turns_total", "other", "answered"] == 1
    assert ("heidi_first_text_seconds_count", "other") not in counted


def test_a_model_is_counted_by_what_it_used_and_never_by_name():
    metrics = Metrics()

    metrics.count("turn-1", [started("llm:gpt-9"), completed(**USAGE, fallback="built-in")])

    counted = samples(metrics)
    assert counted["heidi_turns_total", "llm", "answered"] == 1
    assert counted["heidi_model_calls_total",] == 2
    assert counted["heidi_model_tokens_total", "read"] == 900
    assert counted["heidi_model_tokens_total", "written"] == 40
    assert counted["heidi_model_cost_usd_total",] == 0.0125
    assert counted["heidi_model_fallbacks_total",] == 1


def test_usage_that_is_no_number_counts_nothing():
    metrics = Metrics()

    metrics.count("turn-1", [started("llm:x"), completed(steps="many", prompt_tokens=-5)])

    counted = samples(metrics)
    assert counted["heidi_model_calls_total",] == 0
    assert counted["heidi_model_tokens_total", "read"] == 0


def test_a_tool_that_a_model_made_up_makes_no_new_label():
    metrics = Metrics(lambda: ["get_balance"])

    metrics.count("turn-1", [tool_result("get_balance"), tool_result("get_balance", ok=False)])
    metrics.count("turn-1", [tool_result(f"made-up-{index}", ok=False) for index in range(100)])

    counted = {key: value for key, value in samples(metrics).items() if "tool_calls" in key[0]}
    assert counted == {
        ("heidi_tool_calls_total", "ok", "get_balance"): 1,
        ("heidi_tool_calls_total", "failed", "get_balance"): 1,
        ("heidi_tool_calls_total", "failed", "other"): 100,
    }


def test_searches_judgements_refusals_and_jobs_are_counted():
    metrics = Metrics()

    metrics.count("turn-1", [Retrieval(query="x", filters={}, passages=(), elapsed_ms=5.0)])
    metrics.count("turn-1", [Feedback(rating="down")])
    metrics.refused("budget-spent", "day")
    metrics.refused("not-found")
    metrics.limited("visitor")
    metrics.job("index", False)

    counted = samples(metrics)
    assert counted["heidi_retrieval_seconds_sum",] == 0.005
    assert counted["heidi_retrieval_passages_count",] == 1
    assert counted["heidi_feedback_total", "down"] == 1
    assert counted["heidi_problems_total", "budget-spent"] == 1
    assert counted["heidi_over_budget_total", "day"] == 1
    assert counted["heidi_rate_limited_total", "visitor"] == 1
    assert counted["heidi_jobs_total", "index", "failed"] == 1


def test_a_stream_is_counted_while_it_is_open():
    metrics = Metrics()

    with metrics.stream():
        assert samples(metrics)["heidi_open_streams",] == 1
    assert samples(metrics)["heidi_open_streams",] == 0


def test_turns_that_end_elsewhere_are_forgotten_in_time():
    metrics = Metrics()

    metrics.count("the-first", [started()])
    for index in range(MOST_OPEN_TURNS):
        metrics.count(f"turn-{index}", [started()])
    metrics.count("the-first", [completed()])

    assert samples(metrics)["heidi_turns_total", "other", "answered"] == 1
