"""Streams end in good order when their reader's credentials do, and tell nothing after that."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from assistant.core.caller import AnonymousVisitor, VerifiedCustomer
from assistant.core.events import StaffMessage, TextDelta, TurnStarted
from assistant.http.callers import Owner
from assistant.http.readers import RECHECK, Readers
from assistant.http.rotation import RotationLimits
from assistant.http.tokens import LEEWAY, VISITOR_LIFETIME, IdentityClaims, VisitorClaims
from assistant.streaming.sse import Rejoin
from assistant.streaming.tail import Tail
from tests.fakes_agent import completed
from tests.http.conftest import Api
from tests.sse import parse_sse

ENDS_IN = timedelta(seconds=300) + LEEWAY
REJOIN = 'event: rejoin\ndata: {"type":"rejoin","reason":"credentials"}\n\n'


@dataclass(kw_only=True)
class Reading:
    """A stream that is being read; what it has given so far is `seen`."""

    api: Api
    owner: Owner
    task: asyncio.Task[None]
    seen: list[str]

    async def settle(self) -> list[str]:
        """Wake the stream until it has nothing more to say."""
        for _ in range(50):
            await self.api.notifier.notify(self.owner.conversation.id)
            await asyncio.sleep(0.002)
        return self.seen

    async def say(self, *bodies: object, turn_id: str | None = "turn-1") -> None:
        """Append to the log."""
        await self.api.log.append(self.owner.conversation.id, turn_id, bodies, self.api.clock())

    @property
    def has_ended(self) -> bool:
        return self.task.done()


async def owner_of(api: Api, *, customer: str | None = None) -> Owner:
    """The owner of a new conversation, bound to the customer if there is one."""
    conversation_id, _ = await api.start()
    conversation = await api.conversations.get(conversation_id)
    visitor = VisitorClaims(
        visitor_id=conversation.visitor_id,
        conversation_id=conversation_id,
        expires_at=api.clock() + VISITOR_LIFETIME,
    )
    if customer is None:
        caller = AnonymousVisitor(visitor_id=conversation.visitor_id)
        return Owner(caller=caller, conversation=conversation, visitor=visitor)
    await api.conversations.attach_customer(conversation_id, customer, "Ada")
    return Owner(
        caller=VerifiedCustomer(visitor_id=conversation.visitor_id, customer_id=customer),
        conversation=await api.conversations.get(conversation_id),
        visitor=replace(visitor, generation=1),
        identity=IdentityClaims(
            customer_id=customer,
            name="Ada",
            issued_at=int(api.clock().timestamp()),
            digest="d" * 64,
            expires_at=api.clock() + ENDS_IN,
        ),
    )


def read(api: Api, owner: Owner) -> Reading:
    """Begin to read."""
    seen: list[str] = []
    readers = Readers(Tail(api.log, api.notifier), api.callers, api.clock)

    async def reading() -> None:
        async with aclosing(readers.follow(owner, after=0)) as items:
            async for item in items:
                if isinstance(item, tuple):
                    seen.extend(getattr(each.body, "text", "") or each.body.type for each in item)
                elif isinstance(item, Rejoin):
                    seen.append("rejoin")

    return Reading(api=api, owner=owner, task=asyncio.create_task(reading()), seen=seen)


async def test_nothing_is_told_after_the_identity_has_expired(api: Api):
    reading = read(api, await owner_of(api, customer="cust-ada"))
    await reading.say(TextDelta(text="before"))
    assert await reading.settle() == ["before"]
    api.clock.now += ENDS_IN - timedelta(seconds=1)
    await reading.say(TextDelta(text="in time"))
    assert await reading.settle() == ["before", "in time"]

    api.clock.now += timedelta(seconds=1)
    await reading.say(TextDelta(text="too late"))

    assert await reading.settle() == ["before", "in time", "rejoin"]
    assert reading.has_ended


async def test_a_silent_stream_ends_at_that_moment_by_itself(api: Api):
    owner = await owner_of(api, customer="cust-ada")
    soon = replace(owner.identity, expires_at=api.clock() + timedelta(seconds=0.05))
    reading = read(api, replace(owner, identity=soon))
    await asyncio.sleep(0)
    api.clock.now += timedelta(seconds=0.05)

    async with asyncio.timeout(3):  # less than the interval at which silent logs are looked at
        await reading.task

    assert reading.seen == ["rejoin"]


async def test_a_stream_ends_with_the_lifetime_of_its_visitor_token(api: Api):
    reading = read(api, await owner_of(api))
    api.clock.now += VISITOR_LIFETIME - timedelta(seconds=1)
    assert await reading.settle() == []
    api.clock.now += timedelta(seconds=1)

    assert await reading.settle() == ["rejoin"]


async def test_a_stream_of_a_replaced_token_ends_after_the_grace(api: Api):
    owner = await owner_of(api)
    reading = read(api, owner)
    until = api.clock() + RotationLimits().grace
    await api.generations.begin_next(owner.conversation.id, 0, predecessor_until=until)
    await reading.say(TurnStarted(message="Hi", client_turn_id="c", agent="a"))
    assert await reading.settle() == ["turn.started"]
    api.clock.now = until
    await reading.say(StaffMessage(staff_name="Mira", text="secret"), turn_id=None)

    assert await reading.settle() == ["turn.started", "rejoin"]


async def test_who_listens_without_identity_hears_nothing_after_a_customer_signed_in(api: Api):
    eavesdropper = read(api, await owner_of(api))
    await eavesdropper.say(TextDelta(text="anybody's"))
    assert await eavesdropper.settle() == ["anybody's"]
    conversation_id = eavesdropper.owner.conversation.id

    await api.conversations.attach_customer(conversation_id, "cust-ada", "Ada")
    await eavesdropper.say(
        TurnStarted(message="What's my balance?", client_turn_id="c", agent="a"),
        TextDelta(text="CHF 1,000"),
        turn_id="turn-2",
    )

    assert await eavesdropper.settle() == ["anybody's", "rejoin"]


async def test_a_sign_out_ends_a_stream_even_in_the_middle_of_an_answer(api: Api):
    reading = read(api, await owner_of(api, customer="cust-ada"))
    await reading.say(TextDelta(text="one"))
    await reading.settle()
    identity = reading.owner.identity
    await api.revocations.revoke(
        customer_id="cust-ada",
        digest="other",
        issued_at=identity.issued_at + 1,
        now=api.clock(),
    )
    api.clock.now += RECHECK
    await reading.say(TextDelta(text="two"))

    assert await reading.settle() == ["one", "rejoin"]


async def test_a_sign_out_elsewhere_wakes_the_streams_of_all_conversations(api: Api):
    now = int(api.clock().timestamp())
    readings = [read(api, await owner_of(api, customer="cust-ada")) for _ in range(2)]
    other = read(api, await owner_of(api, customer="cust-ben"))
    for reading in (*readings, other):
        await reading.settle()

    headers = api.identity("cust-ada", iat=now + 1)
    assert (await api.client.post("/v1/sign-out", headers=headers)).status_code == 204

    async with asyncio.timeout(3):
        await asyncio.gather(*(reading.task for reading in readings))
    assert [reading.seen for reading in readings] == [["rejoin"], ["rejoin"]]
    assert await other.settle() == []
    assert not other.has_ended
    other.task.cancel()


async def test_a_reader_who_comes_again_misses_nothing(api: Api):
    conversation, headers = await api.start()
    path = f"/v1/conversations/{conversation}"
    opened = asyncio.create_task(api.client.get(f"{path}/events", headers=headers))
    while conversation not in api.notifier._events:
        await asyncio.sleep(0.001)

    signed_in = await api.client.post(f"{path}/identity", headers=headers | api.identity())
    successor = {"Authorization": f"Bearer {signed_in.headers['X-Heidi-Visitor-Token']}"}
    body = {"message": "Hi", "client_turn_id": "c-1"}
    current = successor | api.identity()
    stream = {"Accept": "text/event-stream"}
    answered = await api.client.post(f"{path}/turns", json=body, headers=current | stream)
    async with asyncio.timeout(5):
        ended = await opened

    assert ended.status_code == 200
    assert ended.text == REJOIN
    assert [event["id"] for event in parse_sse(answered.text)] == [1, 2, 3]


async def test_the_stream_of_one_answer_ends_with_its_readers_credentials_too(api: Api):
    owner = await owner_of(api, customer="cust-ada")
    readers = Readers(Tail(api.log, api.notifier), api.callers, api.clock)
    seen = []
    async with aclosing(readers.follow_turn(owner, "turn-1", after=0)) as batches:
        for body in (TextDelta(text="one"), TextDelta(text="two"), completed()):
            await api.log.append(owner.conversation.id, "turn-1", [body], api.clock())
            batch = await anext(batches)
            seen.append("rejoin" if isinstance(batch, Rejoin) else batch[0].body.type)
            api.clock.now += ENDS_IN / 2

    assert seen == ["text.delta", "text.delta", "rejoin"]


async def test_what_is_there_at_once_is_handed_over_at_once_up_to_the_end_of_the_turn(api: Api):
    owner = await owner_of(api)
    readers = Readers(Tail(api.log, api.notifier), api.callers, api.clock)
    said = [TextDelta(text="one"), TextDelta(text="two"), completed()]
    await api.log.append(owner.conversation.id, "turn-1", said, api.clock())
    await api.log.append(owner.conversation.id, "turn-2", [TextDelta(text="other")], api.clock())

    async with aclosing(readers.follow_turn(owner, "turn-1", after=0)) as batches:
        seen = [[event.body for event in batch] async for batch in batches]

    assert seen == [said]


async def test_an_answer_costs_a_look_at_its_beginning_and_no_more(
    api: Api, monkeypatch: pytest.MonkeyPatch
):
    owner = await owner_of(api)
    looks = 0
    is_still_owner = api.callers.is_still_owner

    async def counted(one: Owner) -> bool:
        nonlocal looks
        looks += 1
        return await is_still_owner(one)

    monkeypatch.setattr(api.callers, "is_still_owner", counted)
    await api.log.append(
        owner.conversation.id,
        "turn-1",
        [TurnStarted(message="Hi", client_turn_id="c", agent="a")],
        api.clock(),
    )
    readers = Readers(Tail(api.log, api.notifier), api.callers, api.clock)
    async with aclosing(readers.follow(owner, after=0)) as items:
        await anext(items)
        for number in range(3):
            delta = [TextDelta(text=str(number))]
            await api.log.append(owner.conversation.id, "turn-1", delta, api.clock())
            assert [event.body for event in await anext(items)] == delta

    assert looks == 1
