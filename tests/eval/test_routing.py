"""Routes are judged against labels."""

from __future__ import annotations

import json

import pytest

from assistant.core.router import Intent, Route
from eval.errors import DataInvalid
from eval.metrics import Detection
from eval.routing import LabelledMessage, RoutingFigures, judge_routes, read_messages


def routed(intent: Intent, *, is_rejected: bool = False) -> Route:
    return Route(
        intent=intent, probability=0.5, probabilities={intent: 0.5}, is_rejected=is_rejected
    )


def labelled(intent: Intent) -> LabelledMessage:
    return LabelledMessage(text="x", intent=intent, tier="core")


def test_accuracy_rejection_and_confusions_of_five_messages():
    news, other = Intent.NEWS, Intent.OTHER
    messages = [labelled(each) for each in (news, news, news, other, other)]
    routes = [
        routed(news),
        routed(news, is_rejected=True),
        routed(other, is_rejected=True),
        routed(news),
        routed(other),
    ]
    assert judge_routes(messages, routes) == RoutingFigures(
        messages=5,
        accuracy=3 / 5,
        rejected=2,
        rejection=Detection(true_positives=1, false_positives=1, false_negatives=1),
        confusion={(news, news): 2, (news, other): 1, (other, news): 1, (other, other): 1},
    )


def test_messages_are_read_and_other_fields_ignored(tmp_path):
    path = tmp_path / "routing.jsonl"
    path.write_text('{"text": "hi", "intent": "smalltalk", "tier": "hard", "id": "r1"}\n\n')
    assert read_messages(path) == (
        LabelledMessage(text="hi", intent=Intent.SMALLTALK, tier="hard"),
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "holds no message"),
        ("{\n", ":1: is not JSON"),
        (json.dumps({"text": "hi", "intent": "gossip"}), ":1: intent: "),
        (json.dumps({"intent": "news"}), ":1: text: "),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(tmp_path, content, message):
    path = tmp_path / "routing.jsonl"
    path.write_text(content)
    with pytest.raises(DataInvalid) as refusal:
        read_messages(path)
    assert message in str(refusal.value)
