"""What processes share is chosen by settings alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.core.errors import InvalidInput
from assistant.settings import Settings
from assistant.sharing import UNFINISHED_TOKENS, budgets_for, notifier_for
from assistant.store.budgets import Budget, Budgets
from assistant.streaming.notifier import InProcessNotifier


def settings(folder: Path, **values: object) -> Settings:
    return Settings(data_dir=folder, _env_file=None, **values)


def test_budgets_are_as_the_settings_say_and_a_models_unfinished_turns_are_counted(tmp_path):
    made = budgets_for(
        settings(
            tmp_path,
            openai_api_key="key",
            budget_conversation_turns=5,
            budget_conversation_tokens=6,
            budget_day_turns=7,
            budget_day_tokens=0,
            budget_day_usd=1.5,
        )
    )

    assert made == Budgets(
        conversation=Budget(turns=5, tokens=6),
        day=Budget(turns=7, tokens=0, cost_usd=1.5),
        unfinished_tokens=UNFINISHED_TOKENS,
    )


def test_without_redis_a_process_wakes_its_own_readers(tmp_path):
    assert isinstance(notifier_for(settings(tmp_path)), InProcessNotifier)


def test_an_address_of_something_else_stops_the_start(tmp_path):
    with pytest.raises(InvalidInput) as refused:
        notifier_for(settings(tmp_path, redis_url="http://redis.example"))

    assert refused.value.field == "redis_url"
