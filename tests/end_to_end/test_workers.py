"""One conversation on two workers: asked at one, read on at the other, whoever dies meanwhile."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import jwt
import pytest

from tests.contracts.databases import empty_database_url
from tests.contracts.redis import redis_url
from tests.end_to_end.workers import Worker

pytestmark = pytest.mark.slow

QUESTION = "What can you do?"
DELAY_S = "0.15"
IDENTITY_SECRET = "another-one-that-the-host-shares-too"
SUCCESSOR = "X-Heidi-Visitor-Token"


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """A conversation that any worker may serve."""

    id: str
    headers: dict[str, str]

    def ask(self, url: str, name: str) -> int:
        """Ask without waiting for the answer; gives the number after which it comes."""
        response = httpx.post(
            f"{url}/v1/conversations/{self.id}/turns",
            json={"message": QUESTION, "client_turn_id": name},
            headers=self.headers,
        )
        accepted = response.raise_for_status().json()
        return int(accepted["after"])

    def read(self, url: str, after: int) -> Iterator[dict[str, Any]]:
        """The stream of everything after a number."""
        path = f"{url}/v1/conversations/{self.id}/events?after={after}"
        with httpx.stream("GET", path, headers=self.headers, timeout=30) as response:
            for line in response.iter_lines():
                if line.startswith("data: "):
                    yield json.loads(line.removeprefix("data: "))

    def transcript(self, url: str) -> dict[str, Any]:
        """The whole conversation."""
        response = httpx.get(f"{url}/v1/conversations/{self.id}", headers=self.headers)
        found: dict[str, Any] = response.raise_for_status().json()
        return found


@pytest.fixture(scope="module")
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Worker]]:
    """Two that start at the same moment on an empty database."""
    tmp_path = tmp_path_factory.mktemp("workers")
    settings = {
        "HEIDI_DATABASE_URL": asyncio.run(empty_database_url("postgresql", tmp_path)),
        "HEIDI_REDIS_URL": redis_url(),
        "HEIDI_SECRET": "a-secret-that-all-workers-share-32",
        "HEIDI_IDENTITY_SECRET": IDENTITY_SECRET,
        "HEIDI_VISITOR_TOKEN_MAX_AGE_S": "0.001",
        "HEIDI_VISITOR_TOKEN_GRACE_S": "1",
        "HEIDI_DELTA_DELAY_S": DELAY_S,
        "HEIDI_DEMO": "true",
    }
    started = [Worker(tmp_path / name, settings) for name in ("one", "two")]
    for worker in started:
        worker.wait_until_ready()
    yield started
    for worker in started:
        worker.kill()


@pytest.fixture
def visitor(workers: list[Worker]) -> Visitor:
    created = httpx.post(f"{workers[0].url}/v1/conversations", json={}).json()
    return Visitor(id=created["id"], headers={"Authorization": f"Bearer {created['token']}"})


def until_end(events: Iterator[dict[str, Any]]) -> list[dict[str, Any]]:
    """Events up to the end of the turn."""
    seen = []
    for event in events:
        seen.append(event)
        if event["type"] in {"turn.completed", "turn.failed", "turn.interrupted"}:
            break
    return seen


def test_an_answer_that_one_worker_gives_is_read_on_at_the_other(workers, visitor):
    one, two = workers
    after = visitor.ask(one.url, "first")
    begun = list(itertools.islice(visitor.read(one.url, after), 2))

    rest = until_end(visitor.read(two.url, begun[-1]["seq"]))

    seen = [*begun, *rest]
    assert [event["seq"] for event in seen] == list(range(1, len(seen) + 1))
    assert rest[-1]["outcome"] == "answered"
    assert visitor.transcript(one.url) == visitor.transcript(two.url)
    assert visitor.transcript(two.url)["events"] == seen


def test_the_same_question_at_both_workers_is_answered_once(workers, visitor):
    one, two = workers
    assert visitor.ask(one.url, "same") == visitor.ask(two.url, "same")

    until_end(visitor.read(two.url, 0))

    assert len(visitor.transcript(one.url)["turns"]) == 1


def test_a_stop_at_the_other_worker_stops_the_answer(workers, visitor):
    one, two = workers
    visitor.ask(one.url, "stopped")
    turn_id = next(visitor.read(two.url, 0))["turn_id"]
    stop = f"{two.url}/v1/conversations/{visitor.id}/turns/{turn_id}/cancel"
    httpx.post(stop, headers=visitor.headers).raise_for_status()

    ending = until_end(visitor.read(two.url, 0))[-1]

    assert ending["type"] == "turn.completed"
    assert ending["outcome"] in {"cancelled", "answered"}


def test_a_token_that_one_worker_has_replaced_is_refused_by_the_other(workers, visitor):
    one, two = (f"{worker.url}/v1/conversations/{visitor.id}" for worker in workers)
    handed = httpx.get(one, headers=visitor.headers).headers[SUCCESSOR]
    again = httpx.get(two, headers=visitor.headers).headers[SUCCESSOR]
    successor = {"Authorization": f"Bearer {again}"}
    assert httpx.get(one, headers=successor).status_code == 200

    deadline = time.monotonic() + 20
    while httpx.get(two, headers=visitor.headers).is_success and time.monotonic() < deadline:
        time.sleep(0.1)

    assert httpx.get(two, headers=visitor.headers).status_code == 401
    assert httpx.get(one, headers={"Authorization": f"Bearer {handed}"}).status_code == 200


def test_a_sign_out_at_one_worker_ends_a_stream_at_the_other(workers, visitor):
    one, two = (worker.url for worker in workers)
    path = f"/v1/conversations/{visitor.id}"
    now = int(time.time())
    claims = {"sub": "cust-ada", "iss": "demo-site", "aud": "heidi", "iat": now, "exp": now + 300}
    identity = {"X-Heidi-Identity": jwt.encode(claims, IDENTITY_SECRET, algorithm="HS256")}
    headers = visitor.headers | identity
    httpx.post(f"{one}{path}/identity", headers=headers).raise_for_status()

    with httpx.stream("GET", f"{two}{path}/events", headers=headers, timeout=30) as stream:
        assert stream.status_code == 200
        httpx.post(f"{one}/v1/sign-out", headers=identity).raise_for_status()
        said = [line for line in stream.iter_lines() if line and not line.startswith(":")]

    assert said == ["event: rejoin", 'data: {"type":"rejoin","reason":"credentials"}']


def test_when_a_worker_dies_the_other_says_that_its_answer_was_interrupted(workers, visitor):
    one, two = workers
    after = visitor.ask(one.url, "lost")
    next(visitor.read(two.url, after))
    one.kill()

    ending = until_end(visitor.read(two.url, after))[-1]

    assert ending["type"] in {"turn.interrupted", "turn.completed"}
    again = visitor.ask(two.url, "again")
    assert until_end(visitor.read(two.url, again))[-1]["outcome"] == "answered"
