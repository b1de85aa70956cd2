"""Fits the weights that choose sentences and decide whether to answer, and says what they give.

    python -m bench.fit_answers --collection FOLDER [--where key=value] \
        --questions FILE=DATA_DIR --cache FOLDER

Collections are in the BEIR layout; question sets are asked of the index in a data directory. Each
collection is split by the hash of the query's id: weights are learned on one half and our own
questions, and measured on the other half, both ways round. Then they are learned on everything.
Every question with known briefings is also asked as if these did not exist.
"""

from __future__ import annotations

import argparse
import asyncio
import pickle
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, log_softmax, softmax

from assistant.core import abstention, scoring
from assistant.core.candidates import answering, on_subject
from assistant.core.features import features_of
from assistant.core.scoring import LEARNED, SET_BY_HAND
from bench.answer_samples import Sample, gathered
from eval.wording import says

Vector = NDArray[np.float64]

_L2_OF_SENTENCES = 0.004
_L2_OF_DECISION = 0.004
_WEIGHTS_OF_SENTENCES: Mapping[str, float] = {"quiz": 0.3, "own": 1.0}
_WEIGHTS_OF_DECISION: Mapping[str, float] = {"quiz": 1.0, "labelled": 4.0, "own": 2.5}
"""What a question counts, by the kind of its source."""
_WITHOUT: Mapping[str, float] = {"quiz": 0.3, "own": 0.1}
"""The share of it that the question counts without its briefings: real visitors ask of what is in
the news, and a question on one post may be answered by another."""
_THRESHOLDS = tuple(np.arange(0.4, 0.76, 0.025).round(3))


# The sentence that answers.


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The sentences read for a question, as numbers."""

    learned: Vector
    """One row per sentence, one column per learned feature."""
    by_hand: Vector
    """Score of each from what is set by hand."""
    is_right: NDArray[np.bool_]
    weight: float


def _choice(sample: Sample) -> Choice | None:
    """None where no sentence is right, or all are."""
    places = scoring.places_of(
        sample.question, sample.read, lambda texts: [sample.similarities[t] for t in texts]
    )
    wanted = sample.asked.relevant
    right = np.array(
        [
            (sample.kind == "quiz" or not wanted or place.passage.briefing_id in wanted)
            and any(says(place.sentence.text, gold) for gold in sample.asked.gold)
            for place in places
        ],
        dtype=bool,
    )
    if not right.any() or right.all():
        return None
    features = [features_of(sample.question, place) for place in places]
    hand = [sum(w * f.get(name, 0.0) for name, w in SET_BY_HAND.items()) for f in features]
    return Choice(
        learned=np.array([[float(f.get(name, 0.0)) for name in LEARNED] for f in features]),
        by_hand=np.array(hand, dtype=float),
        is_right=right,
        weight=_WEIGHTS_OF_SENTENCES[sample.kind],
    )


def fit_sentences(choices: Sequence[Choice]) -> Vector:
    """Listwise logistic regression: the softmax of the scores should fall on what is right."""
    whole = sum(choice.weight for choice in choices)

    def loss(weights: Vector) -> tuple[float, Vector]:
        total, slope = 0.0, np.zeros_like(weights)
        for choice in choices:
            logs = log_softmax(choice.learned @ weights + choice.by_hand)
            share = softmax(logs[choice.is_right])
            total -= choice.weight * float(np.log(np.exp(logs[choice.is_right]).sum()))
            expected = np.exp(logs) @ choice.learned
            slope += choice.weight * (expected - share @ choice.learned[choice.is_right])
        penalty = _L2_OF_SENTENCES * float(weights @ weights)
        return total / whole + penalty, slope / whole + 2 * _L2_OF_SENTENCES * weights

    start = np.array(list(LEARNED.values()))
    return np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B").x)


def _hits(choices: Sequence[Choice], weights: Vector) -> tuple[float, float]:
    """Share of questions whose first, and one of whose first three sentences, is right."""
    orders = [np.argsort(-(c.learned @ weights + c.by_hand), kind="stable") for c in choices]
    pairs = list(zip(choices, orders, strict=True))
    first = np.mean([c.is_right[order[0]] for c, order in pairs])
    three = np.mean([c.is_right[order[:3]].any() for c, order in pairs])
    return float(first), float(three)


# Whether to answer.


@dataclass(frozen=True, kw_only=True)
class Case:
    """A question's evidence, and whether answering it is right."""

    measures: Mapping[str, float]
    by_hand: float
    is_right: bool
    """Whether an answer from the first sentence would be one."""
    is_answerable: bool
    can_answer: bool
    """Whether a sentence is left that may answer at all."""
    sample: Sample


def _case(sample: Sample, weights: Mapping[str, float]) -> Case:
    question = sample.question
    scored = scoring.score_sentences(
        question,
        sample.read,
        lambda texts: [sample.similarities[text] for text in texts],
        weights={**SET_BY_HAND, **weights},
    )
    fitting = on_subject(question, scored, sample.whole)
    evidence = abstention.weigh(question, sample.passages, fitting)
    measures = evidence.measures
    relevant = sample.asked.relevant
    is_right = sample.asked.is_answerable and not sample.is_without
    if sample.kind != "labelled" and relevant:
        is_right = is_right and bool(fitting) and fitting[0].passage.briefing_id in relevant
    return Case(
        measures=measures,
        by_hand=sum(w * measures[name] for name, w in abstention.SET_BY_HAND.items()),
        is_right=is_right,
        is_answerable=sample.asked.is_answerable and not sample.is_without,
        can_answer=bool(answering(question, fitting)),
        sample=sample,
    )


def _matrix(cases: Sequence[Case]) -> Vector:
    return np.array([[case.measures[name] for name in abstention.LEARNED] for case in cases])


def fit_decision(cases: Sequence[Case]) -> tuple[float, Vector]:
    """Logistic regression with an L2 penalty: the intercept and the weights."""
    columns = np.column_stack([np.ones(len(cases)), _matrix(cases)])
    by_hand = np.array([case.by_hand for case in cases])
    sign = np.array([1.0 if case.is_right else -1.0 for case in cases])
    weight = np.array([_weight(case.sample) for case in cases])
    weight /= weight.sum()
    spread = columns.std(axis=0)

    def loss(values: Vector) -> tuple[float, Vector]:
        margin = sign * (columns @ values + by_hand)
        slope = columns.T @ (-weight * sign * expit(-margin))
        penalty = spread**2 * values
        value = float(weight @ np.logaddexp(0.0, -margin) + _L2_OF_DECISION * (penalty @ values))
        return value, slope + 2 * _L2_OF_DECISION * penalty

    found = minimize(loss, np.zeros(columns.shape[1]), jac=True, method="L-BFGS-B").x
    return float(found[0]), np.asarray(found[1:])


def _weight(sample: Sample) -> float:
    weight = _WEIGHTS_OF_DECISION[sample.kind]
    return weight * _WITHOUT[sample.kind] if sample.is_without else weight


def _confidences(cases: Sequence[Case], intercept: float, weights: Vector) -> Vector:
    by_hand = np.array([case.by_hand for case in cases])
    sure = expit(intercept + _matrix(cases) @ weights + by_hand)
    return np.asarray(np.where([case.can_answer for case in cases], sure, 0.0))


def _curve(cases: Sequence[Case], confidences: Vector) -> Iterator[str]:
    """What answering from each threshold on gives: a line per source, a cell per threshold."""
    groups: dict[tuple[str, bool], list[int]] = {}
    for place, case in enumerate(cases):
        groups.setdefault((case.sample.source, case.sample.is_without), []).append(place)
    yield f"| source | figure | {' | '.join(f'{t:.3g}' for t in _THRESHOLDS)} |"
    for (source, is_without), places in groups.items():
        chosen = [cases[place] for place in places]
        for name, figure in _FIGURES.items():
            cells = [figure(chosen, confidences[places] >= t) for t in _THRESHOLDS]
            if not all(np.isnan(cells)):
                label = f"{source}, without its briefings" if is_without else source
                yield f"| {label} | {name} | {' | '.join(f'{c:.3f}' for c in cells)} |"


def _f1(cases: Sequence[Case], said: NDArray[np.bool_]) -> float:
    could = np.array([case.is_answerable for case in cases])
    if could.all() or not could.any():
        return float("nan")
    return float(2 * (~said & ~could).sum() / max(1, (~said).sum() + (~could).sum()))


def _recall(cases: Sequence[Case], said: NDArray[np.bool_]) -> float:
    could = np.array([case.is_answerable for case in cases])
    return float(said[could].mean()) if could.any() else float("nan")


def _from_right(cases: Sequence[Case], said: NDArray[np.bool_]) -> float:
    right = np.array([case.is_right for case in cases])
    could = np.array([case.is_answerable for case in cases])
    return float((said & right).sum() / could.sum()) if could.any() else float("nan")


def _wrongly(cases: Sequence[Case], said: NDArray[np.bool_]) -> float:
    could = np.array([case.is_answerable for case in cases])
    return float(said[~could].mean()) if not could.all() else float("nan")


_FIGURES: Mapping[str, Callable[[Sequence[Case], NDArray[np.bool_]], float]] = {
    "F1 of abstention": _f1,
    "answered": _recall,
    "answered from the right briefing": _from_right,
    "answered though it has no answer": _wrongly,
}


# Both, and what they give.


def _named(names: Sequence[str], values: Vector) -> dict[str, float]:
    return {name: round(float(value), 2) for name, value in zip(names, values, strict=True)}


def _learned(samples: Sequence[Sample]) -> tuple[dict[str, float], float, dict[str, float]]:
    choices = [choice for sample in samples if (choice := _usable(sample))]
    sentence = _named(list(LEARNED), fit_sentences(choices))
    intercept, weights = fit_decision([_case(sample, sentence) for sample in samples])
    return sentence, intercept, _named(list(abstention.LEARNED), weights)


def _usable(sample: Sample) -> Choice | None:
    is_choice = sample.asked.gold and not sample.is_without
    return _choice(sample) if is_choice else None


def _report(samples: Sequence[Sample]) -> Iterator[str]:
    unseen: list[Case] = []
    confidences: list[Vector] = []
    for half in (0, 1):
        sentence, intercept, weights = _learned([s for s in samples if _is_seen(s, half)])
        held = [sample for sample in samples if not _is_seen(sample, half)]
        choices = [choice for sample in held if (choice := _usable(sample))]
        cases = [_case(sample, sentence) for sample in held]
        sure = _confidences(cases, intercept, np.array(list(weights.values())))
        unseen += cases
        confidences.append(sure)
        found = _hits(choices, np.array(list(sentence.values())))
        yield f"\nlearned on half {half}: first right {found[0]:.3f}, of three {found[1]:.3f}"
        yield from _curve(cases, sure)
    yield "\nboth halves, each learned without it"
    yield from _curve(unseen, np.concatenate(confidences))
    sentence, intercept, weights = _learned(samples)
    yield f"\nsentences: {sentence}\ndecision: {intercept:.2f}, {weights}"
    cases = [_case(sample, sentence) for sample in samples]
    yield from _curve(cases, _confidences(cases, intercept, np.array(list(weights.values()))))


def _is_seen(sample: Sample, half: int) -> bool:
    """Our own questions are few, and seen from both halves."""
    return sample.kind == "own" or sample.half == half


def main() -> None:
    """Read the arguments, gather, fit and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--collection", type=Path, action="append", default=[])
    parser.add_argument("--where", action="append", default=[])
    parser.add_argument("--questions", action="append", default=[])
    parser.add_argument("--cache", type=Path, required=True)
    arguments = parser.parse_args()
    kept = arguments.cache / "samples.pickle"
    if kept.exists():
        samples = pickle.loads(kept.read_bytes())
    else:
        where = dict(pair.split("=", 1) for pair in arguments.where)
        pairs = [pair.split("=", 1) for pair in arguments.questions]
        questions = {Path(file): Path(data_dir) for file, data_dir in pairs}
        samples = asyncio.run(gathered(arguments.collection, where, questions, arguments.cache))
        kept.write_bytes(pickle.dumps(samples))
    for line in _report(samples):
        sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()
