"""Owns judging the router on labelled messages that it was not trained on.

The file is JSON Lines: `text`, `intent`, and `tier` (`core` or `hard`). Does not own the router.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.core.router import Intent, Route
from eval.errors import DataInvalid
from eval.metrics import Detection, detection


@dataclass(frozen=True, kw_only=True)
class LabelledMessage:
    """A message and where it belongs."""

    text: str
    intent: Intent
    tier: str


@dataclass(frozen=True, kw_only=True)
class RoutingFigures:
    """How well messages were routed."""

    messages: int
    accuracy: float
    """Share whose most probable intent is right, rejected or not."""
    rejected: int
    rejection: Detection
    """Rejecting as a detector of wrong routes: a rejected wrong one is a true positive."""
    confusion: Mapping[tuple[Intent, Intent], int]
    """How often a message of the first intent was routed to the second."""


class _Line(BaseModel):
    model_config = ConfigDict(extra="ignore")

    text: str = Field(min_length=1)
    intent: Intent
    tier: str = "core"


def read_messages(path: Path) -> tuple[LabelledMessage, ...]:
    """Read labelled messages.

    Raises:
        DataInvalid: the file can't be read, or a line is wrong.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataInvalid(path, getattr(error, "strerror", None) or "is not UTF-8 text") from error
    found = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            read = _Line.model_validate(json.loads(line))
        except json.JSONDecodeError as error:
            raise DataInvalid(path, f"is not JSON: {error.msg}", line=number) from error
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            field = ".".join(str(part) for part in first["loc"])
            raise DataInvalid(path, f"{field}: {first['msg']}", line=number) from error
        found.append(LabelledMessage(text=read.text, intent=read.intent, tier=read.tier))
    if not found:
        raise DataInvalid(path, "holds no message")
    return tuple(found)


def judge_routes(messages: Sequence[LabelledMessage], routes: Sequence[Route]) -> RoutingFigures:
    """Compare routes with labels; both in the same order, at least one."""
    pairs = list(zip(messages, routes, strict=True))
    right = [message.intent is route.intent for message, route in pairs]
    wrong_and_rejected = [
        (not is_right, route.is_rejected) for is_right, (_, route) in zip(right, pairs, strict=True)
    ]
    return RoutingFigures(
        messages=len(pairs),
        accuracy=sum(right) / len(pairs),
        rejected=sum(route.is_rejected for route in routes),
        rejection=detection(wrong_and_rejected),
        confusion=Counter((message.intent, route.intent) for message, route in pairs),
    )
