"""Owns letting go of what a write kept for the visitor while they decided."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import structlog

from assistant.core.toolbox import Tool, ToolContext

log = structlog.get_logger(__name__)


@runtime_checkable
class HoldingTool(Protocol):
    """A tool whose preview keeps something for the caller until it is decided."""

    async def release(self, context: ToolContext) -> None:
        """Let go of it."""
        ...


async def release_hold(tool: Tool | None, context: ToolContext) -> None:
    """Let go of what a tool's preview kept; a failure is logged, since holds expire anyway."""
    if not isinstance(tool, HoldingTool):
        return
    try:
        await tool.release(context)
    except Exception as error:  # the outermost edge of what a tool may do
        log.warning("hold not released", tool=getattr(tool, "name", ""), exc_info=error)
