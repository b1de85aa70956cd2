"""Builds turns for tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from assistant.core.turns import Turn


def turn(message: str = "Hello?", **changes: object) -> Turn:
    usual = Turn(
        id="turn-1",
        conversation_id="conv-1",
        message=message,
        history=(),
        state={},
        now=datetime(2026, 11, 24, 12, tzinfo=UTC),
        timezone=ZoneInfo("Europe/Zurich"),
    )
    return replace(usual, **changes)
