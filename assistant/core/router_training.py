"""Owns how the router learns from example utterances: two linear models and their calibration.

Share of each model, temperature and threshold are chosen on utterances held out from training.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from threadpoolctl import threadpool_limits

from assistant.core.router import (
    INTENTS,
    Intent,
    Matrix,
    RouterWeights,
    gram_features,
    normalise,
    pool,
    sum_topics,
)

FOLDS = 4
REGULARISATION = 10.0
"""`C` of scikit-learn, for both models; 3 to 30 differ by less than one point of accuracy in
cross-validation on our utterances."""
COST_OF_REJECTION = 0.3
"""What asking "did you mean …?" costs the visitor, where a wrong answer costs 1."""


def train_router(
    texts: Sequence[str],
    vectors: NDArray[np.float32],
    labels: Sequence[Intent],
    topics: Sequence[str] | None = None,
) -> RouterWeights:
    """Learn from example utterances; the same input gives the same weights.

    Args:
        texts: The utterances, several of every intent.
        vectors: Embeddings of `normalise(text)` of each, rows of length one.
        labels: Intent of each.
        topics: Finer class of each within its intent; none makes every intent one topic.
    """
    intents = np.array([INTENTS.index(label) for label in labels])
    named = zip(labels, topics or labels, strict=True)
    names, topic_of = np.unique([f"{label}/{topic}" for label, topic in named], return_inverse=True)
    topic_intents = np.array([INTENTS.index(Intent(name.split("/")[0])) for name in names])
    grams = gram_features([normalise(text) for text in texts])

    # Products this small are many times slower on several threads, above all on a busy machine.
    with threadpool_limits(1):
        by_vector, by_grams = _held_out(vectors, grams, intents, topic_of, topic_intents)
        vector_model = _fit(vectors, topic_of)
        gram_model = _fit(grams, intents)
    gram_share, temperature = _calibrate(by_vector, by_grams, intents)
    held_out = pool(by_vector, by_grams, gram_share=gram_share, temperature=temperature)
    return RouterWeights(
        topic_intents=topic_intents,
        vector_coefficients=vector_model.coef_.astype(np.float32),
        vector_intercepts=vector_model.intercept_.astype(np.float32),
        gram_coefficients=gram_model.coef_.astype(np.float32),
        gram_intercepts=gram_model.intercept_.astype(np.float32),
        gram_share=gram_share,
        temperature=temperature,
        rejection_threshold=choose_threshold(
            np.exp(held_out.max(axis=1)), held_out.argmax(axis=1) == intents
        ),
    )


def choose_threshold(
    confidences: Matrix, is_right: NDArray[np.bool_], cost_of_rejection: float = COST_OF_REJECTION
) -> float:
    """The threshold with the least total cost of wrong and of rejected routes.

    Args:
        confidences: Probability of the chosen intent, one per held-out message.
        is_right: Whether that intent was the right one.
        cost_of_rejection: Relative to a wrong route, which costs 1.
    """
    candidates = np.linspace(0.2, 0.9, 71)
    costs = [
        float(np.sum((confidences >= threshold) & ~is_right))
        + cost_of_rejection * float(np.sum(confidences < threshold))
        for threshold in candidates
    ]
    return float(candidates[int(np.argmin(costs))])


def _fit(
    features: csr_matrix | NDArray[np.float32], classes: NDArray[np.int64]
) -> LogisticRegression:
    model = LogisticRegression(C=REGULARISATION, class_weight="balanced", max_iter=2_000, tol=1e-3)
    return model.fit(features, classes)


def _held_out(
    vectors: NDArray[np.float32],
    grams: csr_matrix,
    intents: NDArray[np.int64],
    topic_of: NDArray[np.int64],
    topic_intents: NDArray[np.int64],
) -> tuple[Matrix, Matrix]:
    """Log-probabilities of both models for utterances that they were not trained on."""
    by_vector = np.zeros((len(intents), len(INTENTS)))
    by_grams = np.zeros_like(by_vector)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    for seen, unseen in folds.split(vectors, intents):
        vector_model = _fit(vectors[seen], topic_of[seen])
        by_vector[unseen] = sum_topics(
            vector_model.predict_log_proba(vectors[unseen]),
            topic_intents[vector_model.classes_],
        )
        by_grams[unseen] = _fit(grams[seen], intents[seen]).predict_log_proba(grams[unseen])
    return by_vector, by_grams


def _calibrate(
    by_vector: Matrix, by_grams: Matrix, intents: NDArray[np.int64]
) -> tuple[float, float]:
    """Share of the grams and temperature with the least log loss."""
    rows = np.arange(len(intents))
    losses = {
        (share, temperature): -float(
            pool(by_vector, by_grams, gram_share=share, temperature=temperature)[
                rows, intents
            ].mean()
        )
        for share in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
        for temperature in map(float, np.geomspace(0.25, 4.0, 41))
    }
    return min(losses, key=lambda setting: losses[setting])
