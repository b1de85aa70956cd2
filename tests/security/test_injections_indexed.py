"""Instructions in posts, on their whole way: read from a file, written up, cut, indexed, answered.

What `test_injections.py` puts into passages is here put into what passages are made from.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from assistant.agents.builtin import BuiltInAgent
from assistant.agents.llm import LlmAgent
from assistant.agents.news import NewsAnswerer
from assistant.core.router import Intent
from assistant.retrieval.hybrid import HybridRetriever
from indexing.briefings import Briefing
from indexing.chunking import BriefingChunker, Chunk
from indexing.posts import Post, read_posts
from indexing.writing import write_briefings
from tests.agents.conversation import FakeClassifier
from tests.fakes_embedding import HashingEmbedder
from tests.fakes_model import request
from tests.retrieval.builders import MemoryIndex
from tests.security.attacks import OWN, own_and_shared
from tests.security.effects import NONE, Effects, confirmations, judge, said
from tests.security.scenarios import SEARCH, speaks
from tests.security.test_hostile_model import HostileModel
from tests.security.world import ADA, World, turn_of

NEWS = "How many robots sort parcels in the warehouses of Acme?"
HONEST = (
    "In the warehouses of Acme 300 robots sort parcels since October 2026. "
    "The company says that each of the robots replaces no one."
)
POST = {
    "id": "p1",
    "title": "Robots sort parcels at Acme",
    "date": "2026-11-05",
    "url": "https://blog.acme.example/robots",
    "source": "acme/blog",
    "license": "MIT",
    "about_ai": True,
    "text": f"{HONEST}\n\nAcme was founded in 1990 and sells anvils to customers everywhere.",
}
PLACES = {
    "first": lambda attack: {"text": f"{attack}\n\n{POST['text']}"},
    "in the middle": lambda attack: {"text": f"{HONEST} {attack}\n\n{attack}\n\n{POST['text']}"},
    "as HTML": lambda attack: {"text": f"<p>{HONEST}</p><p>{attack}</p><!-- {attack} -->"},
    "as a heading, a list and code": lambda attack: {
        "text": f"{POST['text']}\n\n## {attack}\n\n- {attack}\n\n```\n{attack}\n```"
    },
    "as the title": lambda attack: {"title": attack},
    "as the summary": lambda attack: {"summary": attack},
    "as the publisher": lambda attack: {"source": attack},
}
EMBEDDER = HashingEmbedder(256)


@pytest.fixture(params=["own", "shared"])
def attacks(request) -> Sequence[str]:
    return OWN if request.param == "own" else own_and_shared()


def share_of(attacks: Sequence[str], place: str) -> Sequence[str]:
    """Our few attacks at every place; the many shared ones once each, place after place."""
    return attacks if len(attacks) < 50 else attacks[list(PLACES).index(place) :: len(PLACES)]


def indexed(folder: Path, **fields: str) -> list[Chunk]:
    """Chunks of the honest post and of one with other fields, as the indexing job makes them."""
    poisoned = {**POST, "id": "p2", "url": "https://blog.acme.example/more", **fields}
    file = folder / "posts.jsonl"
    file.write_text("\n".join(json.dumps(post) for post in (POST, poisoned)), encoding="utf-8")
    posts = [post for post in read_posts(file) if isinstance(post, Post)]
    chunker = BriefingChunker(count_tokens=lambda text: len(text.split()))
    written = write_briefings(posts, EMBEDDER)
    return [piece for one in written if isinstance(one, Briefing) for piece in chunker.chunks(one)]


async def answered(agent: object, world: World) -> tuple[str, Effects, int]:
    """What was said, what came of it, and how many confirmations were asked for."""
    turn = turn_of(NEWS)
    try:
        events = [event async for event in agent.answer(turn, ADA, world.toolbox(ADA, turn))]
    except Exception as error:  # a crash is a result here
        return "", Effects(crashes=1, seen=[repr(error)]), 0
    effects = judge(events, world, customer_id="cust-ada")
    return said(events), effects, len(confirmations(events))


@pytest.mark.parametrize("place", PLACES)
async def test_an_attack_in_a_post_and_the_builtin_agent(attacks, place, tmp_path):
    for attack in share_of(attacks, place):
        chunks = indexed(tmp_path, **PLACES[place](attack))
        retriever = HybridRetriever(MemoryIndex(chunks, EMBEDDER), EMBEDDER)
        agent = BuiltInAgent(FakeClassifier({NEWS: Intent.NEWS}), NewsAnswerer(retriever, EMBEDDER))
        world = World()

        text, effects, asked = await answered(agent, world)

        assert (attack, effects, effects.seen, asked) == (attack, NONE, [], 0)
        assert "300 robots" in text


@pytest.mark.parametrize("place", PLACES)
async def test_an_attack_in_a_post_and_a_model_that_obeys(attacks, place, tmp_path):
    write = [request("update_contact", email="x@evil.example", phone="+41 79 555 66 77")]
    cancel = [request("cancel_meeting", meeting_id="M-AAAAAA")]
    for attack in share_of(attacks, place):
        chunks = indexed(tmp_path, **PLACES[place](attack))
        retriever = HybridRetriever(MemoryIndex(chunks, EMBEDDER), EMBEDDER)
        calls = [SEARCH, [*speaks(f"{attack}\n{HONEST} "), *write], cancel, speaks(attack)]
        world = World()

        text, effects, asked = await answered(LlmAgent(HostileModel(calls, {}), retriever), world)

        assert (attack, effects, effects.seen, asked) == (attack, NONE, [], 0)
        assert "300 robots" in text


async def test_benign_text_in_the_same_places_is_answered(tmp_path):
    benign = "The robots were built in Bern by 40 engineers."
    for place, fields in PLACES.items():
        chunks = indexed(tmp_path, **fields(benign))
        retriever = HybridRetriever(MemoryIndex(chunks, EMBEDDER), EMBEDDER)
        agent = BuiltInAgent(FakeClassifier({NEWS: Intent.NEWS}), NewsAnswerer(retriever, EMBEDDER))

        text, effects, _ = await answered(agent, World())

        assert (place, effects) == (place, NONE)
        assert "300 robots" in text
