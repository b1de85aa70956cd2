"""Owns patience with a provider: when a model is asked again, and when it is left alone.

A call is repeated only while nothing of its answer has come: what was streamed can't be unsaid.
Does not own how a model is asked (`openai_model.py`).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, cast

import structlog
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    stop_after_attempt,
    wait_random_exponential,
)

from assistant.agents.model import (
    AnswerSchema,
    ChatModel,
    ModelMessage,
    ModelPiece,
    ModelUnavailable,
    ToolDefinition,
)
from assistant.backends.circuit import CircuitBreaker, CircuitOpen

logger = structlog.get_logger(__name__)

LEFT_ALONE = "The model's server has failed too often and is left alone for a while."
NOT_IN_TIME = "The model did not answer in time."

Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long a visitor waits for a provider."""

    attempts: int = 3
    """Calls in all."""
    first_piece_s: float = 30.0
    """From asking to the first piece, all attempts and waits together."""
    first_wait_s: float = 0.3
    """Longest wait before the second attempt; it doubles, and the real one is random below it
    (M. Brooker, Exponential Backoff and Jitter, 2015)."""
    longest_wait_s: float = 5.0
    """Whoever asks to be left alone for longer is not waited for."""


class ResilientModel:
    """A `ChatModel` that asks another one again when that may help, and spares a dead one.

    Args:
        model: the model.
        patience: how long to try.
        breaker: leaves a failing provider alone; models of one provider share it.
        sleep: waits between two attempts, in seconds.
    """

    def __init__(
        self,
        model: ChatModel,
        *,
        patience: Patience | None = None,
        breaker: CircuitBreaker | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._model = model
        self._patience = patience or Patience()
        self._breaker = breaker or CircuitBreaker(failures=3, reset_after_s=30.0)
        self._sleep = sleep

    @property
    def name(self) -> str:
        """The model's name."""
        return self._model.name

    async def stream(
        self,
        messages: Sequence[ModelMessage],
        tools: Sequence[ToolDefinition],
        *,
        max_tokens: int,
        answer: AnswerSchema | None = None,
    ) -> AsyncIterator[ModelPiece]:
        """One call, begun again as long as nothing has come.

        Raises:
            ModelUnavailable: the provider failed, or is left alone.
        """
        options: dict[str, Any] = {"answer": answer} if answer else {}

        def call() -> AsyncGenerator[ModelPiece, None]:
            stream = self._model.stream(messages, tools, max_tokens=max_tokens, **options)
            return cast("AsyncGenerator[ModelPiece, None]", stream)

        try:
            self._breaker.check()
        except CircuitOpen as error:
            raise ModelUnavailable(LEFT_ALONE) from error
        try:
            first, rest = await self._begin(call)
            async with aclosing(rest):
                if first is not None:
                    yield first
                async for piece in rest:
                    yield piece
        except ModelUnavailable as error:
            self._judge(error)
            raise
        self._breaker.succeed()

    async def _begin(
        self, call: Callable[[], AsyncGenerator[ModelPiece, None]]
    ) -> tuple[ModelPiece | None, AsyncGenerator[ModelPiece, None]]:
        """The first piece and the stream of the others."""
        retrying = AsyncRetrying(
            stop=stop_after_attempt(self._patience.attempts),
            wait=self._wait_s,
            retry=retry_if_exception(self._may_help),
            before_sleep=self._tell,
            sleep=self._sleep,
            reraise=True,
        )
        try:
            async with asyncio.timeout(self._patience.first_piece_s):
                return await retrying(_first_of, call)
        except TimeoutError as error:
            raise ModelUnavailable(NOT_IN_TIME, is_transient=True) from error

    def _may_help(self, error: BaseException) -> bool:
        if not isinstance(error, ModelUnavailable) or not error.is_transient:
            return False
        return (error.retry_after_s or 0.0) <= self._patience.longest_wait_s

    def _wait_s(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        patience = self._patience
        random_s = wait_random_exponential(patience.first_wait_s, patience.longest_wait_s)(state)
        # At the very second that was asked for, everybody would come back at once.
        asked_s = error.retry_after_s if isinstance(error, ModelUnavailable) else None
        return random_s if asked_s is None else asked_s + min(random_s, patience.first_wait_s)

    def _tell(self, state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        logger.warning(
            "model.asked_again",
            model=self.name,
            attempt=state.attempt_number,
            reason=str(error),
            wait_s=round(state.next_action.sleep if state.next_action else 0.0, 2),
        )

    def _judge(self, error: ModelUnavailable) -> None:
        # Who refuses one call, say for its length, is there for the others.
        if error.is_transient:
            self._breaker.fail()
        else:
            self._breaker.succeed()


async def _first_of(
    call: Callable[[], AsyncGenerator[ModelPiece, None]],
) -> tuple[ModelPiece | None, AsyncGenerator[ModelPiece, None]]:
    stream = call()
    try:
        return await anext(stream, None), stream
    except BaseException:
        await stream.aclose()
        raise
