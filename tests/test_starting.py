"""A server whose index can't be opened answers that it can't, and starts when it can."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from assistant import heidi
from assistant.app import create_app
from assistant.heidi import Heidi
from assistant.settings import Settings
from indexing.embedding import Vectors
from tests.fakes_agent import ScriptedAgent
from tests.fakes_embedding import HashingEmbedder


class LateEmbedder(HashingEmbedder):
    """Fails a few times, as a model or an index that is away."""

    def __init__(self, failures: int) -> None:
        super().__init__()
        self.failures = failures

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """As usual, once it can."""
        if self.failures:
            self.failures -= 1
            raise OSError("not there yet")
        return super().embed_queries(texts)


async def test_it_starts_as_soon_as_it_can(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    async def make_agent(_heidi: Heidi, _knowledge: object) -> ScriptedAgent:
        return ScriptedAgent()

    monkeypatch.setattr(heidi, "TRY_AGAIN_S", 0.01)
    monkeypatch.setattr(Heidi, "_make_agent", make_agent)
    embedder = LateEmbedder(failures=2)
    app = create_app(Settings(data_dir=tmp_path, _env_file=None), embedder=embedder)
    running: Heidi = app.state.heidi

    async with app.router.lifespan_context(app), asyncio.timeout(10):
        while not await running.is_ready():
            await asyncio.sleep(0.01)

        assert embedder.failures == 0
        assert running.knowledge is not None
