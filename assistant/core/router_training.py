"""Owns how the router learns from example utterances: two linear models and their calibration.

Share of each model, temperature and threshold are chosen on utterances held out from training.
Close paraphrases are held out together: a visitor's wording has no twin among the utterances, and
a router that was calibrated with twins would be too sure of itself.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import connected_components
from sklearn.cluster import KMeans
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from threadpoolctl import threadpool_limits

from assistant.core.router import (
    DIRECTIONS,
    INTENTS,
    Intent,
    Matrix,
    RouterWeights,
    count_votes,
    gram_features,
    normalise,
    pool,
    project,
    sum_topics,
)

FOLDS = 3
REGULARISATION = 10.0
"""`C` of scikit-learn, for both models; 5 to 30 differ by less than one point of accuracy in
cross-validation on our utterances."""
COST_OF_REJECTION = 0.3
"""What asking "did you mean …?" costs the visitor, where a wrong answer costs 1."""
TOPIC_SIZE = 80
"""Utterances of one topic; larger headings are divided by meaning. Worth one point of accuracy in
cross-validation on our utterances."""
PARAPHRASE_SIMILARITY = 0.85
"""Cosine from which two utterances count as paraphrases."""
TOLERANCE = 2e-4
"""Of the fit. With scikit-learn's own a fit takes twice as long for the same accuracy; with 1e-3
and many topics it ends before it has begun."""
IMPOSSIBLE = -20.0
"""Log-probability of an intent that a part of the utterances held no example of."""
_ROWS_AT_ONCE = 1_000


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
    names, heading_of = np.unique(
        [f"{label}/{topic}" for label, topic in named], return_inverse=True
    )
    heading_intents = np.array([INTENTS.index(Intent(name.split("/")[0])) for name in names])
    grams = gram_features([normalise(text) for text in texts])

    # Products this small are many times slower on several threads, above all on a busy machine.
    with threadpool_limits(1):
        topic_of, topic_headings = divide_topics(vectors, heading_of)
        topic_intents = heading_intents[topic_headings]
        by_vector, by_grams = _held_out(vectors, grams, intents, topic_of, topic_intents)
        vector_model = _fit(vectors, topic_of)
        gram_model = _fit(grams, intents)
        projection = _rounded(_principal_directions(vectors))
        examples, example_scale = _in_bytes(project(vectors, projection))
        by_examples = _held_out_votes(vectors, projection, examples, intents)
    gram_share, temperature = _calibrate(by_vector, by_grams, by_examples, intents)
    held_out = pool(
        by_vector, by_grams, by_examples, gram_share=gram_share, temperature=temperature
    )
    return RouterWeights(
        topic_intents=topic_intents[vector_model.classes_],
        vector_coefficients=_rounded(vector_model.coef_),
        vector_intercepts=vector_model.intercept_.astype(np.float32),
        gram_coefficients=_rounded(gram_model.coef_),
        gram_intercepts=gram_model.intercept_.astype(np.float32),
        projection=projection,
        examples=examples,
        example_intents=intents.astype(np.int8),
        example_scale=example_scale,
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


def divide_topics(
    vectors: NDArray[np.float32], heading_of: NDArray[np.int64], size: int = TOPIC_SIZE
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Divide headings into topics of utterances that mean something similar.

    Args:
        vectors: Embeddings of the utterances.
        heading_of: Position of each utterance's heading, from zero without gaps.
        size: Utterances that a topic should have.

    Returns:
        Topic of each utterance, and heading of each topic.
    """
    topic_of = np.zeros_like(heading_of)
    topic_headings: list[int] = []
    for heading in range(int(heading_of.max()) + 1):
        members = heading_of == heading
        count = max(1, round(int(members.sum()) / size))
        clusters = KMeans(count, n_init=1, random_state=0).fit_predict(vectors[members])
        topic_of[members] = len(topic_headings) + clusters
        topic_headings += [heading] * count
    return topic_of, np.array(topic_headings)


def group_paraphrases(
    vectors: NDArray[np.float32], similarity: float = PARAPHRASE_SIMILARITY
) -> NDArray[np.int64]:
    """Number of the group of paraphrases to which each utterance belongs."""
    rows, columns = [], []
    for start in range(0, len(vectors), _ROWS_AT_ONCE):
        near = vectors[start : start + _ROWS_AT_ONCE] @ vectors.T >= similarity
        row, column = np.nonzero(near)
        rows.append(row + start)
        columns.append(column)
    row, column = np.concatenate(rows), np.concatenate(columns)
    pairs = coo_matrix((np.ones(len(row)), (row, column)), shape=(len(vectors),) * 2)
    return np.asarray(connected_components(pairs, directed=False)[1])


def _fit(
    features: csr_matrix | NDArray[np.float32], classes: NDArray[np.int64]
) -> LogisticRegression:
    model = LogisticRegression(
        C=REGULARISATION, class_weight="balanced", max_iter=2_000, tol=TOLERANCE
    )
    return model.fit(features, classes)


def _rounded(coefficients: Matrix) -> NDArray[np.float32]:
    """As a file of weights keeps them, so that a kept router answers as the trained one."""
    return coefficients.astype(np.float16).astype(np.float32)


def _held_out(
    vectors: NDArray[np.float32],
    grams: csr_matrix,
    intents: NDArray[np.int64],
    topic_of: NDArray[np.int64],
    topic_intents: NDArray[np.int64],
) -> tuple[Matrix, Matrix]:
    """Log-probabilities of both models for utterances that they were not trained on."""
    by_vector = np.full((len(intents), len(INTENTS)), IMPOSSIBLE)
    by_grams = by_vector.copy()
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0)
    for seen, unseen in folds.split(vectors, intents, group_paraphrases(vectors)):
        if len(unseen) == 0 or len(np.unique(intents[seen])) == 1:
            continue
        vector_model = _fit(vectors[seen], topic_of[seen])
        summed = sum_topics(
            vector_model.predict_log_proba(vectors[unseen]), topic_intents[vector_model.classes_]
        )
        by_vector[unseen] = np.maximum(summed, IMPOSSIBLE)
        gram_model = _fit(grams[seen], intents[seen])
        by_grams[np.ix_(unseen, gram_model.classes_)] = gram_model.predict_log_proba(grams[unseen])
    return by_vector, by_grams


def _principal_directions(vectors: NDArray[np.float32]) -> Matrix:
    _, directions = np.linalg.eigh(vectors.T @ vectors)
    return np.asarray(directions[:, ::-1][:, :DIRECTIONS].T)


def _in_bytes(examples: Matrix) -> tuple[NDArray[np.float32], float]:
    """As a file of weights keeps them: whole multiples of a scale, and the scale."""
    scale = np.float32(np.abs(examples).max() / 127)
    return (np.rint(examples / scale).astype(np.int8) * scale).astype(np.float32), float(scale)


def _held_out_votes(
    vectors: NDArray[np.float32],
    projection: Matrix,
    examples: Matrix,
    intents: NDArray[np.int64],
) -> Matrix:
    """Votes on each utterance of those that are no paraphrases of it."""
    group_of = group_paraphrases(vectors)
    parts = []
    for start in range(0, len(vectors), _ROWS_AT_ONCE):
        rows = slice(start, start + _ROWS_AT_ONCE)
        is_excluded = group_of[rows, None] == group_of[None]
        parts.append(
            count_votes(vectors[rows], projection, examples, intents.astype(np.int8), is_excluded)
        )
    return np.concatenate(parts)


def _calibrate(
    by_vector: Matrix, by_grams: Matrix, by_examples: Matrix, intents: NDArray[np.int64]
) -> tuple[float, float]:
    """Share of the grams and temperature with the least log loss."""
    rows = np.arange(len(intents))
    losses = {
        (share, temperature): -float(
            pool(by_vector, by_grams, by_examples, gram_share=share, temperature=temperature)[
                rows, intents
            ].mean()
        )
        for share in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
        for temperature in map(float, np.geomspace(0.25, 4.0, 41))
    }
    return min(losses, key=lambda setting: losses[setting])
