"""Owns grouping the questions that Heidi could not answer well by what they mean.

The vectors are those of the search; groups are made by agglomerative clustering of cosine distances
with average linkage (scikit-learn), which needs no number of groups and always gives the same ones.
Everything is bounded, runs beside the event loop, and a visitor's question waits for at most one
call of the model.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from sklearn.cluster import AgglomerativeClustering

from assistant.core.passages import RetrievalQuery, Retriever
from assistant.review.list_address import MAX_IDS
from assistant.store.review_gaps import OpenQuestion
from indexing.embedding import Embedder, Vectors

MOST_GROUPS = 12
MOST_EXAMPLES = 3
_FARTHEST = 0.45
"""Cosine distance up to which groups are joined, on average of their questions."""
_NEAR = 0.35
"""Cosine similarity of a question and a passage; unrelated ones rarely have more."""
_AT_ONCE = 32
_KEPT_VECTORS = 2_000


class Meaning(Protocol):
    """What knows what questions mean: the search of the running server."""

    @property
    def embedder(self) -> Embedder:
        """Makes vectors."""
        ...

    @property
    def retriever(self) -> Retriever:
        """Finds passages."""
        ...


@dataclass(frozen=True, kw_only=True)
class Nearest:
    """The briefing that comes nearest to a question."""

    title: str
    path: str
    similarity: float

    @property
    def is_near(self) -> bool:
        """Whether it is likely to be about the question at all."""
        return self.similarity >= _NEAR


@dataclass(frozen=True, kw_only=True)
class Gap:
    """Questions that mean the same and were not answered well."""

    question: str
    """The one in their middle."""
    examples: tuple[str, ...]
    """Others of them, the latest first."""
    count: int
    judged_bad: int
    conversation_ids: tuple[str, ...]
    """Where they were asked, the latest first; at most as many as an address of the list names."""
    nearest: Nearest | None


class KnowledgeGaps:
    """Groups questions, and keeps their vectors."""

    def __init__(self) -> None:
        self._vectors: OrderedDict[tuple[str, str], Vectors] = OrderedDict()

    async def of(self, questions: Sequence[OpenQuestion], meaning: Meaning) -> tuple[Gap, ...]:
        """The largest groups, largest first, of as many the latest.

        Args:
            questions: the latest first.
            meaning: the embedder and the retriever; they load after the start.
        """
        if not questions:
            return ()
        vectors = await self._embedded([_meant(each) for each in questions], meaning.embedder)
        groups = await asyncio.to_thread(groups_of, vectors)
        groups.sort(key=lambda places: (-len(places), places[0]))
        return tuple(
            [
                await _gap([questions[place] for place in places], vectors[places], meaning)
                for places in groups[:MOST_GROUPS]
            ]
        )

    async def _embedded(self, texts: Sequence[str], embedder: Embedder) -> Vectors:
        keys = [(embedder.model_id, text) for text in texts]
        missing = list(dict.fromkeys(key for key in keys if key not in self._vectors))
        for start in range(0, len(missing), _AT_ONCE):
            part = missing[start : start + _AT_ONCE]
            # As passages: embeddings of queries are kept for visitors, who ask again.
            made = await asyncio.to_thread(embedder.embed_passages, [text for _, text in part])
            self._vectors.update(zip(part, made, strict=True))
        found = np.stack([self._vectors[key] for key in keys])
        for key in keys:
            self._vectors.move_to_end(key)
        while len(self._vectors) > _KEPT_VECTORS:
            self._vectors.popitem(last=False)
        return found


def groups_of(vectors: Vectors) -> list[list[int]]:
    """Rows that are close to each other, each group in the order of the rows.

    Args:
        vectors: one row per question, each of length one.
    """
    if len(vectors) == 1:
        return [[0]]
    clustering = AgglomerativeClustering(
        n_clusters=None, metric="cosine", linkage="average", distance_threshold=_FARTHEST
    )
    groups: dict[int, list[int]] = {}
    for place, label in enumerate(clustering.fit_predict(vectors)):
        groups.setdefault(int(label), []).append(place)
    return list(groups.values())


async def _gap(questions: Sequence[OpenQuestion], vectors: Vectors, meaning: Meaning) -> Gap:
    middle = questions[int(np.argmax(vectors @ vectors.sum(axis=0)))]
    messages = {each.message.casefold(): each.message for each in reversed(questions)}
    messages.pop(middle.message.casefold(), None)
    ids = dict.fromkeys(each.conversation_id for each in questions)
    return Gap(
        question=middle.message,
        examples=tuple(reversed(messages.values()))[:MOST_EXAMPLES],
        count=len(questions),
        judged_bad=sum(each.is_judged_bad for each in questions),
        conversation_ids=tuple(ids)[:MAX_IDS],
        nearest=await _nearest(_meant(middle), meaning.retriever),
    )


async def _nearest(text: str, retriever: Retriever) -> Nearest | None:
    for passage in await retriever.search(RetrievalQuery(text=text, limit=1)):
        return Nearest(title=passage.title, path=passage.path, similarity=passage.similarity)
    return None


def _meant(question: OpenQuestion) -> str:
    """The visitor's words, and those that a follow-up took from before."""
    known = question.message.casefold()
    added = [word for word in question.query.split() if word.casefold() not in known]
    return " ".join([question.message, *added])
