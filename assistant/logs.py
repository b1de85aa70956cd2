"""Owns the form of the log: one line for each event, for people or as JSON.

A line carries the ids of the request, the conversation and the turn in which it was written. What
visitors say, tokens, keys and query strings are never logged.
"""

from __future__ import annotations

import logging
import sys
from typing import Literal

import structlog
from structlog.types import Processor

from assistant.core.events import TERMINAL_TYPES, TurnCompleted, TurnFailed
from assistant.store.event_log import Addition

LogFormat = Literal["console", "json"]

logger = structlog.get_logger(__name__)


def set_up_logging(form: LogFormat = "console") -> None:
    """Write the log of Heidi and of her libraries to standard error, in one form."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, *_rendering(form)],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_rendering(form),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)


def log_ends(addition: Addition) -> None:
    """One line for each turn that has ended; a watcher of the event log."""
    for body in addition.bodies:
        if body.type not in TERMINAL_TYPES:
            continue
        ended = logger.bind(conversation_id=addition.conversation_id, turn_id=addition.turn_id)
        match body:
            case TurnCompleted():
                took = round(body.elapsed_ms)
                ended.info("turn.ended", outcome=str(body.outcome), elapsed_ms=took)
            case TurnFailed():
                ended.warning("turn.ended", outcome="failed", error=body.error)
            case _:
                ended.info("turn.ended", outcome=body.type.removeprefix("turn."))


def _rendering(form: LogFormat) -> list[Processor]:
    # Tracebacks as they are: with the values of variables they would tell secrets.
    if form == "json":
        tracebacks = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
        return [
            structlog.processors.ExceptionRenderer(tracebacks),
            structlog.processors.JSONRenderer(),
        ]
    return [
        structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    ]
