"""The trained router: utterances, kept weights, several requests in one message."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from assistant.agents.intent_classifier import (
    IntentClassifier,
    Utterance,
    packaged_weights_folder,
    parse_utterances,
    read_utterances,
    weights_name,
)
from assistant.core.router import Intent, RouterWeights, normalise
from eval.routing import judge_routes, read_messages
from indexing.embedding import Vectors, embedder_for
from indexing.settings import IndexingSettings
from tests.fakes_embedding import HashingEmbedder

TEST_SET = Path(__file__).parents[2] / "eval" / "questions" / "routing.jsonl"
KEYWORDS = {
    Intent.BALANCE: "balance",
    Intent.ACCOUNT: "card",
    Intent.SCHEDULE: "meeting",
    Intent.NEWS: "news",
    Intent.SMALLTALK: "hello",
    Intent.OTHER: "weather",
}
FEW = tuple(
    Utterance(text=f"{word} {filler}".strip(), intent=intent, topic="only")
    for intent, word in KEYWORDS.items()
    for filler in ("", "please", "today", "now", "again", "then", "here", "tomorrow")
)


class CountingEmbedder(HashingEmbedder):
    """Counts the queries that it embeds."""

    def __init__(self, model_id: str = "hashing") -> None:
        super().__init__(model_id=model_id)
        self.embedded = 0

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        self.embedded += len(texts)
        return super().embed_queries(texts)


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> IntentClassifier:
    return IntentClassifier.load_or_train(HashingEmbedder(), tmp_path_factory.mktemp("few"), FEW)


def test_a_file_of_utterances_has_topics_as_headings() -> None:
    assert parse_utterances("# greetings\nhi\n\n  hey  \n# endings\nbye", Intent.SMALLTALK) == [
        Utterance(text="hi", intent=Intent.SMALLTALK, topic="greetings"),
        Utterance(text="hey", intent=Intent.SMALLTALK, topic="greetings"),
        Utterance(text="bye", intent=Intent.SMALLTALK, topic="endings"),
    ]


def test_the_packaged_utterances_are_many_and_every_one_stands_once() -> None:
    utterances = read_utterances()
    counts = Counter(each.intent for each in utterances)
    texts = Counter(normalise(each.text) for each in utterances)

    assert len(utterances) >= 11_000
    assert min(counts[intent] for intent in Intent) >= 600
    assert counts[Intent.OTHER] >= 3_500
    assert [text for text, count in texts.items() if count > 1] == []
    assert all(each.topic for each in utterances)


def test_the_second_start_takes_no_training(tmp_path: Path) -> None:
    IntentClassifier.load_or_train(CountingEmbedder(), tmp_path / "new" / "folder", FEW)
    second = CountingEmbedder()

    IntentClassifier.load_or_train(second, tmp_path / "new" / "folder", FEW)

    assert second.embedded == 0
    assert len(list((tmp_path / "new" / "folder").iterdir())) == 1


def test_other_utterances_or_another_model_are_trained_anew(tmp_path: Path) -> None:
    IntentClassifier.load_or_train(CountingEmbedder(), tmp_path, FEW)
    same_model, other_model = CountingEmbedder(), CountingEmbedder("another")
    more = Utterance(text="cards", intent=Intent.ACCOUNT, topic="only")

    IntentClassifier.load_or_train(same_model, tmp_path, [*FEW, more])
    IntentClassifier.load_or_train(other_model, tmp_path, FEW)

    assert (same_model.embedded, other_model.embedded) == (len(FEW) + 1, len(FEW))


def test_damaged_weights_are_trained_anew(tmp_path: Path) -> None:
    IntentClassifier.load_or_train(CountingEmbedder(), tmp_path, FEW)
    (kept,) = tmp_path.iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(whole[:100])

    IntentClassifier.load_or_train(CountingEmbedder(), tmp_path, FEW)

    assert kept.read_bytes() == whole


def test_a_folder_that_cannot_be_written_costs_only_the_next_training(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    trained = IntentClassifier.load_or_train(HashingEmbedder(), tmp_path / "file", FEW)

    assert trained.route_all(["balance"])[0].intent is Intent.BALANCE


async def test_a_message_is_routed_as_a_whole(classifier: IntentClassifier) -> None:
    assert (await classifier.classify("Balance, please!")).intent is Intent.BALANCE


@pytest.mark.parametrize("text", ["", "👍", "\ud800", "a" * 100_000])
async def test_unusual_text_is_routed_without_error(
    classifier: IntentClassifier, text: str
) -> None:
    assert 0 < (await classifier.classify(text)).probability <= 1


@pytest.mark.parametrize(
    ("message", "requests"),
    [
        (
            "what balance now and any news today",
            [("what balance now", Intent.BALANCE), ("any news today", Intent.NEWS)],
        ),
        (
            "show card now, show card today, find news now",
            [("show card now, show card today", Intent.ACCOUNT), ("find news now", Intent.NEWS)],
        ),
        (
            "is news now and is news today",
            [("is news now and is news today", Intent.NEWS)],
        ),
    ],
)
async def test_different_sure_requests_are_routed_apart(
    classifier: IntentClassifier, message: str, requests: list[tuple[str, Intent]]
) -> None:
    routed = await classifier.classify_requests(message)

    assert [(each.text, each.route.intent) for each in routed] == requests


async def test_a_courtesy_is_no_request_of_its_own(classifier: IntentClassifier) -> None:
    routed = await classifier.classify_requests("hello again, show news now")

    assert [each.text for each in routed] == ["hello again, show news now"]


def test_the_packaged_weights_are_those_of_the_packaged_utterances_and_model() -> None:
    model_id = embedder_for(IndexingSettings(embedding_model=None)).model_id
    kept = list(packaged_weights_folder().glob("*.npz"))

    # If this fails: python -m assistant.agents.intent_classifier
    assert [file.name for file in kept] == [weights_name(read_utterances(), model_id)]
    weights = RouterWeights.from_npz(kept[0].read_bytes())
    assert set(weights.topic_intents.tolist()) == set(range(6))
    assert kept[0].stat().st_size < 3_000_000


def test_the_first_start_with_packaged_utterances_takes_no_training(tmp_path: Path) -> None:
    model_id = embedder_for(IndexingSettings(embedding_model=None)).model_id
    embedder = CountingEmbedder(model_id)

    IntentClassifier.load_or_train(embedder, tmp_path)

    assert (embedder.embedded, list(tmp_path.iterdir())) == (0, [])


def test_no_message_of_our_test_set_is_learnt_from() -> None:
    learnt = {normalise(each.text) for each in read_utterances()}

    assert [each.text for each in read_messages(TEST_SET) if normalise(each.text) in learnt] == []


@pytest.mark.slow
def test_packaged_weights_and_model_route_what_the_product_promises(tmp_path: Path) -> None:
    embedder = embedder_for(IndexingSettings(embedding_model=None))
    classifier = IntentClassifier.load_or_train(embedder, tmp_path)
    expected = {
        "What is the AI skills gap about?": Intent.NEWS,
        "Latest news on robotics": Intent.NEWS,
        "What's my balance?": Intent.BALANCE,
        "Show me my last invoices": Intent.ACCOUNT,
        "Book a meeting with sales next Tuesday at 3pm": Intent.SCHEDULE,
        "Move it to 4": Intent.SCHEDULE,
        "Thank you, Heidi!": Intent.SMALLTALK,
        "How many days of leave do I have left?": Intent.OTHER,
        "Reserve a table for two at the bistro tonight": Intent.OTHER,
    }

    routes = classifier.route_all(list(expected))

    assert {text: each.intent for text, each in zip(expected, routes, strict=True)} == expected


@pytest.mark.slow
async def test_packaged_weights_route_two_requests_apart(tmp_path: Path) -> None:
    embedder = embedder_for(IndexingSettings(embedding_model=None))
    classifier = IntentClassifier.load_or_train(embedder, tmp_path)

    routed = await classifier.classify_requests("what's my balance and any news on Nvidia?")

    assert [(each.text, each.route.intent) for each in routed] == [
        ("what's my balance", Intent.BALANCE),
        ("any news on Nvidia?", Intent.NEWS),
    ]


@pytest.mark.slow
@pytest.mark.parametrize(("tier", "accuracy"), [("core", 0.95), ("hard", 0.90)])
def test_our_test_set_is_routed_well(tmp_path: Path, tier: str, accuracy: float) -> None:
    embedder = embedder_for(IndexingSettings(embedding_model=None))
    classifier = IntentClassifier.load_or_train(embedder, tmp_path)
    messages = [each for each in read_messages(TEST_SET) if each.tier == tier]

    figures = judge_routes(messages, classifier.route_all([each.text for each in messages]))

    assert figures.accuracy >= accuracy
