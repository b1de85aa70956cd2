"""Owns the trained router of the built-in agent: reads our utterances, finds or learns weights.

Weights for the packaged utterances and embedding model are packaged too, so that a first start
learns nothing; `python -m assistant.agents.intent_classifier` makes them anew.

Does not own the method (`core/router.py`) or the embedding model (`indexing/embedding.py`).
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import groupby
from pathlib import Path

import numpy as np
import structlog

from assistant.core.router import (
    ROUTER_VERSION,
    Intent,
    Route,
    RouterWeights,
    normalise,
    route,
    split_requests,
)
from assistant.core.router_training import train_router
from indexing.embedding import Embedder, Vectors, embedder_for
from indexing.settings import IndexingSettings

logger = structlog.get_logger(__name__)

EMBEDDED_AT_ONCE = 256


@dataclass(frozen=True, kw_only=True)
class Utterance:
    """One example message."""

    text: str
    intent: Intent
    topic: str
    """The heading it stands under."""


@dataclass(frozen=True, kw_only=True)
class RoutedRequest:
    """A message, or one of several requests in it, and where it goes."""

    text: str
    route: Route


class IntentClassifier:
    """Routes messages; blocking work runs in a thread.

    Args:
        embedder: The model whose vectors the weights were learnt from.
        weights: From `train_router`.
    """

    def __init__(self, embedder: Embedder, weights: RouterWeights) -> None:
        self._embedder = embedder
        self._weights = weights

    @classmethod
    def load_or_train(
        cls,
        embedder: Embedder,
        cache_folder: Path,
        utterances: Sequence[Utterance] | None = None,
    ) -> IntentClassifier:
        """The classifier for the example utterances; blocking.

        Weights are packaged for the packaged utterances and embedding model. For others it trains
        for up to a minute the first time, and again after the utterances, the embedding model or
        the router's code changed or when the kept file is damaged.

        Args:
            embedder: The embedding model.
            cache_folder: Where weights are kept; made if missing.
            utterances: Examples to learn from; none for the packaged ones.
        """
        utterances = utterances or read_utterances()
        name = weights_name(utterances, embedder.model_id)
        kept_in = cache_folder / name
        weights = _load(packaged_weights_folder() / name) or _load(kept_in)
        if weights is None:
            logger.info("router.training", utterances=len(utterances), model=embedder.model_id)
            weights = _train(utterances, embedder)
            _keep(weights, kept_in)
        return cls(embedder, weights)

    async def classify(self, text: str) -> Route:
        """Route one message as a whole; any text will do."""
        return (await asyncio.to_thread(self.route_all, [text]))[0]

    async def classify_requests(self, text: str) -> tuple[RoutedRequest, ...]:
        """Route a message that may ask for several things.

        Returns:
            One entry for the whole message; several, in the order asked, only if every part has
            a sure route, none is a mere courtesy, and they ask for different things.
        """
        parts = split_requests(text)
        whole, *routes = await asyncio.to_thread(
            self.route_all, [text, *parts] if len(parts) > 1 else [text]
        )
        requests = _group(parts, routes)
        return requests if len(requests) > 1 else (RoutedRequest(text=text, route=whole),)

    def route_all(self, texts: Sequence[str]) -> list[Route]:
        """Route each message as a whole; blocking."""
        vectors = self._embedder.embed_queries([normalise(text) for text in texts])
        return [
            route(text, vector, self._weights) for text, vector in zip(texts, vectors, strict=True)
        ]


def read_utterances() -> tuple[Utterance, ...]:
    """The packaged example utterances: one file per intent, `# topic` headings, one per line."""
    folder = files("assistant.core") / "data" / "utterances"
    return tuple(
        utterance
        for intent in Intent
        for utterance in parse_utterances(
            (folder / f"{intent}.txt").read_text(encoding="utf-8"), intent
        )
    )


def parse_utterances(content: str, intent: Intent) -> list[Utterance]:
    """Read one file of utterances; blank lines are skipped."""
    topic = ""
    utterances = []
    for line in filter(None, map(str.strip, content.splitlines())):
        if line.startswith("# "):
            topic = line[2:]
        else:
            utterances.append(Utterance(text=line, intent=intent, topic=topic))
    return utterances


def packaged_weights_folder() -> Path:
    """Folder of the weights that are installed with this package."""
    return Path(str(files("assistant.core"))) / "data" / "weights"


def weights_name(utterances: Sequence[Utterance], model_id: str) -> str:
    """Name of the file of weights that were learnt from these utterances with this model."""
    digest = hashlib.sha256(f"{ROUTER_VERSION}\n{model_id}\n".encode())
    for each in utterances:
        digest.update(f"{each.intent}\t{each.topic}\t{each.text}\n".encode())
    return f"router-{digest.hexdigest()[:20]}.npz"


def package_weights(embedder: Embedder, folder: Path) -> Path:
    """Learn from the packaged utterances and replace what the folder holds; blocking.

    Returns:
        The file written.
    """
    utterances = read_utterances()
    file = folder / weights_name(utterances, embedder.model_id)
    weights = _train(utterances, embedder)
    for outdated in folder.glob("router-*.npz"):
        outdated.unlink()
    _keep(weights, file)
    file.chmod(0o644)
    return file


def _group(parts: Sequence[str], routes: Sequence[Route]) -> tuple[RoutedRequest, ...]:
    """Neighbours of one intent as one request; nothing if a part is unsure or a courtesy."""
    if any(each.is_rejected or each.intent is Intent.SMALLTALK for each in routes):
        return ()
    groups = groupby(zip(parts, routes, strict=False), key=lambda pair: pair[1].intent)
    return tuple(_merge(list(group)) for _, group in groups)


def _merge(pairs: Sequence[tuple[str, Route]]) -> RoutedRequest:
    return RoutedRequest(
        text=", ".join(text for text, _ in pairs),
        route=max((each for _, each in pairs), key=lambda each: each.probability),
    )


def _train(utterances: Sequence[Utterance], embedder: Embedder) -> RouterWeights:
    return train_router(
        [each.text for each in utterances],
        _embed([normalise(each.text) for each in utterances], embedder),
        [each.intent for each in utterances],
        [each.topic for each in utterances],
    )


def _embed(texts: Sequence[str], embedder: Embedder) -> Vectors:
    # In parts, so that a visitor's question is embedded between two of them.
    starts = range(0, len(texts), EMBEDDED_AT_ONCE)
    return np.concatenate(
        [embedder.embed_queries(texts[start : start + EMBEDDED_AT_ONCE]) for start in starts]
    )


def _load(file: Path) -> RouterWeights | None:
    try:
        return RouterWeights.from_npz(file.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        logger.warning("router.weights_unreadable", file=file.name, error=str(error))
        return None


def _keep(weights: RouterWeights, file: Path) -> None:
    """Write the file whole or not at all: another process may be reading or writing it."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as temporary:
            temporary.write(weights.to_npz())
        os.replace(temporary.name, file)
    except OSError as error:
        logger.warning("router.weights_not_kept", file=file.name, error=str(error))


if __name__ == "__main__":
    package_weights(embedder_for(IndexingSettings()), packaged_weights_folder())
