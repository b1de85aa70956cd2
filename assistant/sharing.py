"""Owns what the settings say about things that server processes share: budgets and wake-ups.

A part of the composition root, like `tooling.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant.core.errors import InvalidInput
from assistant.settings import Settings
from assistant.store.budgets import Budget, Budgets
from assistant.streaming.notifier import InProcessNotifier

if TYPE_CHECKING:
    from assistant.streaming.redis_notifier import RedisNotifier

UNFINISHED_TOKENS = 8_000
"""Of a model's turn that was stopped: about two calls with everything that they read."""


def budgets_for(settings: Settings) -> Budgets:
    """What a conversation and a day may use."""
    has_model = bool(settings.openai_api_key.get_secret_value())
    return Budgets(
        conversation=Budget(
            turns=settings.budget_conversation_turns, tokens=settings.budget_conversation_tokens
        ),
        day=Budget(
            turns=settings.budget_day_turns,
            tokens=settings.budget_day_tokens,
            cost_usd=settings.budget_day_usd,
        ),
        unfinished_tokens=UNFINISHED_TOKENS if has_model else 0,
    )


def notifier_for(settings: Settings) -> InProcessNotifier | RedisNotifier:
    """Who wakes the readers: of this process alone, or of all that share a Redis.

    Raises:
        InvalidInput: the address can't be used, or its library is missing.
    """
    if not settings.redis_url:
        return InProcessNotifier()
    try:
        # Here, since the library is an extra.
        from assistant.streaming.redis_notifier import RedisNotifier

        return RedisNotifier(settings.redis_url)
    except (ImportError, ValueError) as error:
        raise InvalidInput(
            "HEIDI_REDIS_URL can't be used.",
            field="redis_url",
            remedy="Write it like redis://host:6379/0 and install 'heidi[redis]'.",
        ) from error
