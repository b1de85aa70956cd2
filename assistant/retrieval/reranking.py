"""Owns the optional last step of a search: a model that reads question and passage together.

No such model is packaged, so it is off unless the settings name one.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder


class Reranker(Protocol):
    """Scores passages for a question. Blocking, and safe to call from several threads."""

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """How well each text answers, comparable within one question only; greater is better."""
        ...


class SentenceTransformersReranker:
    """Reranks with a cross-encoder of sentence-transformers, loaded with the first question.

    Args:
        model: its name or path.
    """

    def __init__(self, model: str) -> None:
        self._name = model
        self._model: CrossEncoder | None = None
        self._turn = threading.Lock()

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """How well each text answers the question."""
        # One at a time: fast tokenizers refuse concurrent use.
        with self._turn:
            found = self._loaded().predict(
                [(question, text) for text in texts], show_progress_bar=False
            )
        return [float(score) for score in found]

    def _loaded(self) -> CrossEncoder:
        if self._model is None:
            from sentence_transformers import CrossEncoder

            self._model = CrossEncoder(
                self._name, device="cpu", local_files_only=Path(self._name).exists()
            )
        return self._model


def reranker_for(model: str | None) -> Reranker | None:
    """The reranker that the settings ask for; none when they name no model."""
    return SentenceTransformersReranker(model) if model else None
