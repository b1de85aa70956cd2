"""Owns the state of one turn of the LLM agent: its limits, what it has used, how it will end."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from decimal import Decimal

from assistant.agents.model import ModelMessage, ToolRequest, Usage
from assistant.agents.speaking import Evidence, Speaker
from assistant.core.events import JsonObject, Outcome
from assistant.core.toolbox import Toolbox
from assistant.core.turns import Turn

CHARACTERS_PER_TOKEN = 4
"""Of English, about; for servers that do not count."""


@dataclass(frozen=True, kw_only=True)
class LlmLimits:
    """What one turn may use."""

    steps: int = 6
    """Calls of the model."""
    requests_per_step: int = 4
    """Tools one call may ask for; the rest are left out."""
    requests_per_turn: int = 12
    """Tools all calls may ask for together, searches included."""
    tokens_per_step: int = 800
    tokens_per_turn: int = 24_000
    characters_per_step: int = 40_000
    """Of text; a provider that does not keep to its tokens is not listened to any longer."""
    unspoken_s: float = 45.0
    """A model that has said nothing until then leaves the answer to the fallback."""
    argument_characters: int = 20_000
    """Of one tool request."""


@dataclass(kw_only=True)
class Spent:
    """Tokens and money that the calls of one turn took."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    cost_usd: Decimal | None = None
    """Of the calls whose prices are known; None: of none."""
    is_estimated: bool = False
    """Whether the server left it to us to count."""

    @property
    def tokens(self) -> int:
        """All of them."""
        return self.prompt_tokens + self.completion_tokens

    def add(self, usage: Usage) -> None:
        """Count a call."""
        self.prompt_tokens += usage.prompt_tokens
        self.completion_tokens += usage.completion_tokens
        self.cached_tokens += usage.cached_tokens
        if usage.cost_usd is not None:
            self.cost_usd = (self.cost_usd or Decimal(0)) + usage.cost_usd

    def estimate(self, read_characters: int, written_characters: int) -> None:
        """Count a call whose tokens nobody told, so that it is not free."""
        self.prompt_tokens += math.ceil(read_characters / CHARACTERS_PER_TOKEN)
        self.completion_tokens += math.ceil(written_characters / CHARACTERS_PER_TOKEN)
        self.is_estimated = True

    def as_usage(self) -> dict[str, object]:
        """For `TurnCompleted.usage`; money as a decimal string."""
        usage: dict[str, object] = {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
        }
        if self.cached_tokens:
            usage["cached_tokens"] = self.cached_tokens
        if self.cost_usd is not None:
            usage["cost_usd"] = f"{self.cost_usd:f}"
        if self.is_estimated:
            usage["is_estimated"] = True
        return usage


@dataclass(kw_only=True)
class Run:
    """The state of one turn."""

    turn: Turn
    toolbox: Toolbox
    evidence: Evidence
    speaker: Speaker
    messages: list[ModelMessage]
    started: float = field(default_factory=time.perf_counter)
    spent: Spent = field(default_factory=Spent)
    steps: int = 0
    served: int = 0
    """Tool requests so far."""
    requests: list[ToolRequest] = field(default_factory=list)
    """Of the last call."""
    offered: frozenset[str] = frozenset()
    """Tools that the model was told of."""
    call_ids: set[str] = field(default_factory=set)
    question: str = ""
    """The message as a question that stands alone."""
    versions: JsonObject = field(default_factory=dict)
    """Of model, prompt and tools."""
    changes: dict[str, object] = field(default_factory=dict)
    """Of the dialogue's state."""
    refused: list[str] = field(default_factory=list)
    """Tool requests that never reached a tool, and why."""
    ending: Outcome | None = None
    """Set when a tool ends the turn: the visitor must sign in or confirm."""

    @property
    def usage(self) -> dict[str, object]:
        """For `TurnCompleted.usage`."""
        usage = {**self.versions, "steps": self.steps, **self.spent.as_usage()}
        if self.speaker.dropped:
            usage["unsupported_sentences"] = list(self.speaker.dropped)
        if self.refused:
            usage["refused_requests"] = list(self.refused)
        return usage

    @property
    def elapsed_ms(self) -> float:
        """Since the turn began."""
        return round((time.perf_counter() - self.started) * 1000, 1)

    def reply(self, request: ToolRequest, content: str) -> None:
        """Give the model what its request brought."""
        self.messages.append(ModelMessage(role="tool", content=content, call_id=request.call_id))
