"""Owns what a running server does about feeds: it starts a round for those that are due.

Which feed is whose stands in the database (`feed_schedule.py`), so any number of servers may watch.
A round runs in a process of its own (`feed_worker.py`).
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from indexing.errors import FeedFileInvalid
from indexing.feed_fetching import FeedOutcome, FeedResult
from indexing.feed_list import Feed, read_feed_file
from indexing.feed_schedule import SqlFeedSchedule
from indexing.feed_worker import order_of
from indexing.settings import IndexingSettings

_logger = logging.getLogger(__name__)
_POLL_S = 10.0
_ROUNDS = 2
"""Rounds at once: one that is slow to fetch does not keep others waiting."""
_FEEDS_OF_A_ROUND = 50
_LONGEST_ROUND_S = 3600.0
_GRACE_S = 3.0
_THREADS = 1
"""Of a round's embedding; answers need the others."""

Clock = Callable[[], datetime]
RunRound = Callable[[Sequence[Feed], Sequence[Feed]], Awaitable[int]]
"""Carries out a round of some feeds of a list; gives the exit code of its process."""


class FeedWatch:
    """Fetches listed feeds when they are due or wanted, as long as it runs.

    Args:
        engine: Connected to the database.
        settings: Name the list of feeds.
        is_automatic: Whether feeds are fetched at their intervals; else only when wanted.
        clock: Tells the present time, with a zone.
        run_round: Carries out a round; none: in a process of its own.
        poll_s: How often to look for what is due.
        ran: Told of each round, and whether it ended well.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        settings: IndexingSettings,
        *,
        is_automatic: bool,
        clock: Clock = lambda: datetime.now(UTC),
        run_round: RunRound | None = None,
        poll_s: float = _POLL_S,
        ran: Callable[[str, bool], None] = lambda _name, _ok: None,
    ) -> None:
        self.settings = settings
        self.is_automatic = is_automatic
        self.schedule = SqlFeedSchedule(engine, clock)
        self._clock = clock
        self._run_round = run_round or self._in_own_process
        self._poll_s = poll_s
        self._ran = ran
        self._woken = asyncio.Event()
        self._rounds: set[asyncio.Task[None]] = set()
        self._complaint = ""

    def listed(self) -> tuple[Feed, ...]:
        """The feeds of the list; none, if there is no list.

        Raises:
            FeedFileInvalid: The list cannot be read.
        """
        path = self.settings.feed_list
        return read_feed_file(path) if path.exists() else ()

    async def ask(self, urls: Sequence[str]) -> None:
        """Want feeds fetched now."""
        await self.schedule.ask(urls)
        self._woken.set()

    async def run(self) -> None:
        """Watch until cancelled; rounds that run are ended then."""
        try:
            while True:
                try:
                    await self._start_due()
                except FeedFileInvalid as error:
                    self._complain(str(error))
                except Exception:
                    _logger.exception("looking for feeds that are due failed; it is tried again")
                    self._ran("feeds", False)
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._poll_s):
                        await self._woken.wait()
                self._woken.clear()
        finally:
            for task in self._rounds:
                task.cancel()
            await asyncio.gather(*self._rounds, return_exceptions=True)

    async def _start_due(self) -> None:
        if len(self._rounds) >= _ROUNDS:
            return
        listed = await asyncio.to_thread(self.listed)
        self._complaint = ""
        feeds = await self.schedule.claim(
            listed, asked_only=not self.is_automatic, limit=_FEEDS_OF_A_ROUND
        )
        if feeds:
            task = asyncio.create_task(self._round(feeds, listed))
            self._rounds.add(task)
            task.add_done_callback(self._done)

    async def _round(self, feeds: Sequence[Feed], listed: Sequence[Feed]) -> None:
        started = self._clock()
        try:
            async with asyncio.timeout(_LONGEST_ROUND_S):
                problem = _ended(await self._run_round(feeds, listed))
        except asyncio.CancelledError:
            await self.schedule.give_back(feeds, claimed_at=started)
            raise
        except TimeoutError:
            problem = "took too long and was ended"
        except OSError as error:
            problem = f"could not be started: {error.strerror or error}"
        if problem:
            _logger.error("a round of %d feeds %s", len(feeds), problem)
        await self._tell(feeds, started, problem)
        self._ran("feeds", not problem)

    async def _tell(self, feeds: Sequence[Feed], started: datetime, problem: str) -> None:
        """Log what failed; a round that broke is blamed on those of which it has told nothing."""
        statuses = await self.schedule.statuses([feed.url for feed in feeds])
        for feed in feeds:
            status = statuses[feed.url]
            has_told = status.tried_at is not None and status.tried_at >= started
            if has_told and status.has_failed:
                _logger.warning(
                    "the feed %s failed (%d in a row): %s",
                    *(feed.name, status.failures, status.problem),
                )
            elif problem and not has_told:
                reason = f"the round {problem}"
                await self.schedule.record(
                    FeedOutcome(feed=feed, result=FeedResult.FAILED, problem=reason)
                )

    def _done(self, task: asyncio.Task[None]) -> None:
        self._rounds.discard(task)
        self._woken.set()
        if not task.cancelled() and (error := task.exception()):
            _logger.error("a round of feeds failed", exc_info=error)
            self._ran("feeds", False)

    def _complain(self, complaint: str) -> None:
        """Once for each new complaint, not with every look."""
        if complaint != self._complaint:
            _logger.error("no feed is fetched: %s", complaint)
            self._ran("feeds", False)
        self._complaint = complaint

    async def _in_own_process(self, feeds: Sequence[Feed], listed: Sequence[Feed]) -> int:
        settings = self.settings.model_copy(update={"embedding_threads": _THREADS})
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "indexing.feed_worker"), stdin=asyncio.subprocess.PIPE
        )
        try:
            await process.communicate(order_of(settings, feeds, listed))
            return process.returncode or 0
        finally:
            if process.returncode is None:
                process.terminate()
                try:
                    async with asyncio.timeout(_GRACE_S):
                        await process.wait()
                except TimeoutError:
                    process.kill()
                    await process.wait()


def _ended(code: int) -> str:
    """What went wrong with a process that ended so; nothing, if it ended well."""
    if code == 0:
        return ""
    how = f"by signal {-code}" if code < 0 else f"with code {code}"
    return f"ended {how}; the log says more"
