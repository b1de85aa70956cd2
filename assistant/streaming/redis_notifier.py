"""Owns the wake-up of readers in other server processes, by Redis publish and subscribe.

Redis carries nothing but names of conversations whose log has grown, and of customers who sign out,
hashed: the database stays the truth. While Redis is away, readers look by themselves every second.
"""

from __future__ import annotations

import asyncio
import secrets
from contextlib import suppress

import structlog
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from assistant.streaming.notifier import InProcessNotifier, InProcessSubscription, Subscription

logger = structlog.get_logger(__name__)

CHANNEL = "heidi:log-grew"
POLL_WHILE_AWAY_S = 1.0
RECONNECT_S = 1.0
CONNECT_TIMEOUT_S = 2.0
HEALTH_CHECK_S = 10
"""A connection that is silent for so long is asked whether it still is one."""
_BROKEN = (RedisError, OSError, TimeoutError)


class RedisNotifier:
    """Wakes readers of this process at once and those of others through Redis.

    Args:
        url: `redis://host:6379/0` or `rediss://…`.
    """

    def __init__(self, url: str) -> None:
        self._redis: Redis = Redis.from_url(
            url,
            decode_responses=True,
            socket_connect_timeout=CONNECT_TIMEOUT_S,
            health_check_interval=HEALTH_CHECK_S,
        )
        self._local = InProcessNotifier()
        self._own_name = secrets.token_hex(8)
        self._grown: dict[str, None] = {}
        self._has_grown = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self.is_connected = asyncio.Event()
        """Set while other processes' words arrive."""

    async def start(self) -> None:
        """Begin to listen and to tell; Redis may come later."""
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._tell())]

    async def close(self) -> None:
        """Stop listening."""
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task
        with suppress(*_BROKEN):
            await self._redis.aclose()

    async def notify(self, conversation_id: str) -> None:
        """Wake the readers here; those elsewhere are told in the background.

        The writer of an answer never waits for Redis.
        """
        await self._local.notify(conversation_id)
        self._grown[conversation_id] = None
        self._has_grown.set()

    def subscribe(self, conversation_id: str, *also: str) -> RedisSubscription:
        """Start listening."""
        return RedisSubscription(self._local.subscribe(conversation_id, *also), self.is_connected)

    async def _tell(self) -> None:
        while True:
            await self._has_grown.wait()
            self._has_grown.clear()
            grown, self._grown = self._grown, {}
            try:
                for conversation_id in grown:
                    await self._redis.publish(CHANNEL, f"{self._own_name} {conversation_id}")
            except _BROKEN as error:
                # Lost for good: those who wait look by themselves while Redis is away.
                logger.warning("redis.not_told", error=str(error))
                await asyncio.sleep(RECONNECT_S)

    async def _listen(self) -> None:
        while True:
            try:
                async with self._redis.pubsub() as pubsub:
                    await pubsub.subscribe(CHANNEL)
                    await self._hear(pubsub)
            except _BROKEN as error:
                logger.warning("redis.away", error=str(error))
            finally:
                self.is_connected.clear()
            # Whoever waits shall look now, and by themselves from now on.
            await self._local.notify_all()
            await asyncio.sleep(RECONNECT_S)

    async def _hear(self, pubsub: PubSub) -> None:
        while True:
            message = await pubsub.get_message(timeout=HEALTH_CHECK_S)
            if message is None:
                continue
            if message["type"] == "subscribe":
                self.is_connected.set()
                # What was told before has not been heard.
                await self._local.notify_all()
                continue
            sender, _, conversation_id = str(message["data"]).partition(" ")
            if sender != self._own_name:
                await self._local.notify(conversation_id)


class RedisSubscription:
    """A reader's ear that does not rely on Redis being there.

    Args:
        local: hears what this process knows.
        is_connected: set while this process knows of the others.
    """

    def __init__(self, local: InProcessSubscription, is_connected: asyncio.Event) -> None:
        self._local = local
        self._is_connected = is_connected

    def __enter__(self) -> Subscription:
        self._local.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._local.__exit__(*error)

    async def wait(self, timeout_s: float) -> bool:
        """Wait until notified; while Redis is away, no longer than a second at a time."""
        if self._is_connected.is_set():
            return await self._local.wait(timeout_s)
        await self._local.wait(min(timeout_s, POLL_WHILE_AWAY_S))
        return True
