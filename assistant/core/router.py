"""Owns the router: which kind of help a message asks for, how sure that is, and when to ask.

Two linear models read a message. One reads its sentence embedding and tells topics apart (an
intent is far from one cloud of points, so a boundary for each of its topics fits better than one
for the intent). The other reads hashed words and letters and
catches what embeddings blur: typing errors, account words, names. The example utterances nearest
in meaning vote as well, each for its intent. The three answers are pooled geometrically (Heskes,
1998) and made honest with one temperature (Guo et al., 2017, arXiv:1706.04599); below a threshold
chosen by Chow's rule (1970) the route is rejected and the visitor is asked. Share, temperature
and threshold come from cross-validation.

Does not own how the weights are learnt (`router_training.py`), how texts are embedded, where
weights are kept, or what is done with a route.
"""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import HashingVectorizer

ROUTER_VERSION = 3
"""Raised when features or training change, so that weights of older code are not used."""

LEADING_WORDS = 90
TRAILING_WORDS = 40
"""Of a long message the beginning and the end are read: requests stand there, and the embedding
model reads about 250 word pieces anyway."""
LONGEST_WORD = 40
"""Letters read of one word."""

WORD_BUCKETS = 2**14
LETTER_BUCKETS = 2**15

DIRECTIONS = 128
"""Principal directions in which examples are compared; 96 lose accuracy, 192 gain none."""
VOTING_DISTANCE = 0.03
"""Cosine by which an example must be farther to have a vote e times smaller."""
EXAMPLES_WEIGHT = 0.5
"""Of the examples' votes in the pool, where the models together have one."""

_SLOT = re.compile(r"\[\s*\w+\s*:\s*([^\[\]]*)\]|\$([a-z_]{2,20})\$", re.IGNORECASE)
"""Marks of a filled or an open slot, "[date : tomorrow]" or "$date$", of which the text is read."""

Matrix = NDArray[np.floating[Any]]
Coefficients = NDArray[np.float32]


class Intent(StrEnum):
    """What a message asks for; `assistant/core/data/README.md` defines each."""

    BALANCE = "balance"
    ACCOUNT = "account"
    SCHEDULE = "schedule"
    NEWS = "news"
    SMALLTALK = "smalltalk"
    OTHER = "other"


INTENTS = tuple(Intent)


@dataclass(frozen=True, kw_only=True)
class Route:
    """Where a message goes."""

    intent: Intent
    """The most probable intent, also when rejected."""
    probability: float
    """How likely the intent is the right one; calibrated."""
    probabilities: Mapping[Intent, float]
    """Of every intent; they sum to one."""
    is_rejected: bool
    """True when asking the visitor is better than acting on the intent."""


@dataclass(frozen=True, kw_only=True, eq=False)
class RouterWeights:
    """Everything learnt; plain arrays, so that a file of weights can hold no code."""

    topic_intents: NDArray[np.int64]
    """Position in `INTENTS` of each topic."""
    vector_coefficients: Coefficients
    """Topics x dimension of the embedding."""
    vector_intercepts: Coefficients
    gram_coefficients: Coefficients
    """Intents x buckets of words and letters."""
    gram_intercepts: Coefficients
    projection: Coefficients
    """Principal directions of the embeddings x dimension of the embedding."""
    examples: Coefficients
    """Utterances x directions, rows of about length one, whole multiples of `example_scale`."""
    example_intents: NDArray[np.int8]
    """Position in `INTENTS` of each example."""
    example_scale: float
    gram_share: float
    """Weight of the words and letters in the pool, 0 to 1; the embedding has the rest."""
    temperature: float
    rejection_threshold: float
    """Routes less probable than this are rejected."""

    def to_npz(self) -> bytes:
        """The weights as an .npz file, coefficients in half precision, examples in bytes."""
        buffer = io.BytesIO()
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        halves = {name: values[name].astype(np.float16) for name in _HALVED}
        bytewise = {"examples": np.rint(self.examples / self.example_scale).astype(np.int8)}
        np.savez_compressed(buffer, **(values | halves | bytewise))
        return buffer.getvalue()

    @classmethod
    def from_npz(cls, content: bytes) -> RouterWeights:
        """Read what `to_npz` wrote; never unpickles.

        Raises:
            ValueError: the content is damaged or not a file of weights.
        """
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
                values: dict[str, Any] = {each.name: arrays[each.name] for each in fields(cls)}
        except Exception as error:
            # numpy and zipfile raise a dozen unrelated types for a damaged archive.
            raise ValueError("not a file of router weights") from error
        for name in ("example_scale", "gram_share", "temperature", "rejection_threshold"):
            values[name] = float(values[name])
        for name in _HALVED:
            values[name] = values[name].astype(np.float32)
        values["examples"] = values["examples"] * np.float32(values["example_scale"])
        return cls(**values)


_HALVED = ("vector_coefficients", "gram_coefficients", "projection")


def normalise(text: str) -> str:
    """The form of a message in which utterances are learnt and messages are routed.

    One line in lower case without marks of slots and closing punctuation, plain apostrophes, and
    of a long text only the beginning and the end. Empty when nothing is left.
    """
    words = [word[:LONGEST_WORD] for word in text.split()]
    if len(words) > LEADING_WORDS + TRAILING_WORDS:
        words = words[:LEADING_WORDS] + words[-TRAILING_WORDS:]
    valid = " ".join(words).encode("utf-8", "replace").decode()
    plain = unicodedata.normalize("NFKC", valid).replace("\u2019", "'").lower()
    plain = _SLOT.sub(lambda slot: slot[1] or slot[2] or "", plain)
    return " ".join(plain.split()).strip(" .!?,;:")


def route(text: str, vector: NDArray[np.float32], weights: RouterWeights) -> Route:
    """Route one message.

    Args:
        text: The message, as typed.
        vector: Embedding of `normalise(text)`, of length one.
        weights: Learnt from utterances.

    Returns:
        The route; for a text without words in Latin letters (empty, emoji, digits, other
        scripts) `other`, rejected, with no preference.
    """
    normalised = normalise(text)
    if not _is_readable(normalised):
        return _undecided()
    by_vector = _log_softmax(
        (weights.vector_coefficients @ vector + weights.vector_intercepts)[None]
    )
    grams = gram_features([normalised])
    # A product of sparse and dense matrices would copy all coefficients first: 100 times slower.
    by_grams = _log_softmax(
        (weights.gram_coefficients[:, grams.indices] @ grams.data + weights.gram_intercepts)[None]
    )
    pooled = pool(
        sum_topics(by_vector, weights.topic_intents),
        by_grams,
        count_votes(vector[None], weights.projection, weights.examples, weights.example_intents),
        gram_share=weights.gram_share,
        temperature=weights.temperature,
    )
    probabilities = np.exp(pooled[0])
    best = int(probabilities.argmax())
    return Route(
        intent=INTENTS[best],
        probability=float(probabilities[best]),
        probabilities=dict(zip(INTENTS, map(float, probabilities), strict=True)),
        is_rejected=bool(probabilities[best] < weights.rejection_threshold),
    )


_JOINT = re.compile(
    r"(?P<joint>(?<=[?!;])\s+|(?<=\w\w\.)\s+"
    r"|,?\s+(?:and\s+(?:also|then)|and|also|plus|then)\s+|,\s+)",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"(?:(?:and|also|please|then|so)\s+)*"
    r"(?:what|whats|when|where|who|whom|whose|why|how|hows|which|is|are|am|was|were|do|does|did"
    r"|can|could|will|would|should|has|have|any|anything|show|tell|give|read|list|check|find"
    r"|search|book|schedule|arrange|cancel|move|reschedule|remind|send|transfer|freeze|block"
    r"|explain|summari[sz]e|latest|let me|let's|i want|i need|i'd|i would|i also|please)\b",
    re.IGNORECASE,
)


def split_requests(text: str) -> list[str]:
    """Split a message that may ask for several things, in the order asked.

    Splits only where a new question or command opens, and never off a part of a single word, so
    "news about Nvidia and Intel" and "hi, what's my balance" stay whole. The parts may still
    belong together: act on them one by one only if each has a sure route and the routes differ.

    Returns:
        The parts; one for a plain message, none for an empty one.
    """
    pieces = _JOINT.split(text.strip())
    parts = pieces[:1]
    for joint, piece in zip(pieces[1::2], pieces[2::2], strict=True):
        if _opens_request(piece) and len(parts[-1].split()) > 1:
            parts.append(piece)
        else:
            parts[-1] += joint + piece
    stripped = [part.strip(" ,;") for part in parts]
    return [part for part in stripped if part]


def _opens_request(piece: str) -> bool:
    return len(piece.split()) > 1 and _OPENING.match(piece) is not None


def _is_readable(normalised: str) -> bool:
    letters = [letter for letter in unicodedata.normalize("NFKD", normalised) if letter.isalpha()]
    latin = sum(letter.isascii() for letter in letters)
    return bool(latin) and 2 * latin >= len(letters)


def _undecided() -> Route:
    even = 1.0 / len(INTENTS)
    return Route(
        intent=Intent.OTHER,
        probability=even,
        probabilities=dict.fromkeys(INTENTS, even),
        is_rejected=True,
    )


@cache
def _vectorizers() -> tuple[HashingVectorizer, HashingVectorizer]:
    words = HashingVectorizer(
        ngram_range=(1, 2),
        n_features=WORD_BUCKETS,
        alternate_sign=False,
        token_pattern=r"[\w']+",
        lowercase=False,
    )
    letters = HashingVectorizer(
        analyzer="char_wb",
        ngram_range=(2, 5),
        n_features=LETTER_BUCKETS,
        alternate_sign=False,
        lowercase=False,
    )
    return words, letters


def gram_features(normalised: Sequence[str]) -> csr_matrix:
    """Hashed words, pairs of words and letter sequences: one row per text."""
    return csr_matrix(hstack([each.transform(normalised) for each in _vectorizers()]))


def project(vectors: Matrix, projection: Matrix) -> Matrix:
    """Vectors in fewer dimensions, of length one again."""
    reduced = vectors @ projection.T
    lengths = np.linalg.norm(reduced, axis=1, keepdims=True)
    return np.asarray(reduced / np.maximum(lengths, 1e-9))


def count_votes(
    vectors: Matrix,
    projection: Matrix,
    examples: Matrix,
    example_intents: NDArray[np.int8],
    is_excluded: NDArray[np.bool_] | None = None,
) -> Matrix:
    """Log-shares of the votes that examples give to their intents, near ones far more than others.

    Args:
        vectors: Embeddings of messages.
        projection: From the weights, as the next two.
        examples: The examples' projected embeddings.
        example_intents: Their intents.
        is_excluded: Messages x examples, true where an example has no vote on a message.
    """
    similarities = project(vectors, projection) @ examples.T
    votes = np.exp((similarities - 1) / VOTING_DISTANCE)
    if is_excluded is not None:
        votes[is_excluded] = 0.0
    totals = np.stack(
        [np.bincount(example_intents, weights=row, minlength=len(INTENTS)) for row in votes]
    )
    # The root is between one vote for each example and an equal share for each intent.
    sizes = np.sqrt(np.bincount(example_intents, minlength=len(INTENTS)))
    shares = totals / np.maximum(sizes, 1.0) + 1e-12
    return np.asarray(np.log(shares / shares.sum(axis=1, keepdims=True) + 1e-9))


def pool(
    by_vector: Matrix,
    by_grams: Matrix,
    by_examples: Matrix,
    *,
    gram_share: float,
    temperature: float,
) -> Matrix:
    """Log-probabilities of the two models and the examples together."""
    models = (1 - gram_share) * by_vector + gram_share * by_grams
    return _log_softmax((models + EXAMPLES_WEIGHT * by_examples) / temperature)


def sum_topics(log_probabilities: Matrix, topic_intents: NDArray[np.int64]) -> Matrix:
    """Log-probabilities of intents from those of their topics."""
    return np.stack(
        [
            np.logaddexp.reduce(log_probabilities[:, topic_intents == position], axis=1)
            for position in range(len(INTENTS))
        ],
        axis=1,
    )


def _log_softmax(scores: Matrix) -> Matrix:
    scores = scores - scores.max(axis=1, keepdims=True)
    return np.asarray(scores - np.logaddexp.reduce(scores, axis=1, keepdims=True))
