"""The router that production gives the LLM agent, loaded once for all scenarios."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from assistant.agents.classifying import Classifier
from assistant.agents.intent_classifier import IntentClassifier, RoutedRequest
from indexing.embedding import embedder_for
from indexing.settings import IndexingSettings


class RememberingClassifier:
    """Routes each message once: the scenarios ask the same things again and again."""

    def __init__(self, classifier: IntentClassifier) -> None:
        self._classifier = classifier
        self._known: dict[str, tuple[RoutedRequest, ...]] = {}

    async def classify_requests(self, text: str) -> tuple[RoutedRequest, ...]:
        """The requests of a message."""
        if text not in self._known:
            self._known[text] = await self._classifier.classify_requests(text)
        return self._known[text]


@cache
def production_classifier() -> Classifier:
    """Packaged weights on the packaged embedding model."""
    embedder = embedder_for(IndexingSettings(embedding_model=None))
    with tempfile.TemporaryDirectory() as folder:
        return RememberingClassifier(IntentClassifier.load_or_train(embedder, Path(folder)))
