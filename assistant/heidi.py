"""Owns Heidi: every part of one server process, made from the settings and run together.

Nothing else in the assistant creates an engine, a client or a clock. Does not own how the parts are
reached over HTTP (`app.py`).
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

import structlog
from threadpoolctl import threadpool_limits

from assistant.agents.builtin import BuiltInAgent
from assistant.agents.deferred import DeferredAgent
from assistant.agents.intent_classifier import IntentClassifier
from assistant.agents.llm import LlmAgent
from assistant.agents.llm_run import LlmLimits
from assistant.agents.news import NewsAnswerer
from assistant.agents.runner import Decision, RunnerLimits, TurnRunner
from assistant.backends.demo_accounts import seed_demo_accounts
from assistant.backends.demo_calendar import seed_demo_calendar
from assistant.core.actions import Action
from assistant.core.caller import Caller
from assistant.core.events import EventBody
from assistant.core.toolbox import Tool, Toolbox, ToolContext
from assistant.core.turns import Agent, Turn
from assistant.idle_takeovers import keep_released
from assistant.knowledge import Knowledge
from assistant.logs import log_ends
from assistant.metrics import Metrics
from assistant.models import Models
from assistant.retention import keep_retention
from assistant.retrieval.reranking import reranker_for
from assistant.retrieval.sentence_vectors import SentenceVectors
from assistant.retrieval.vector_file import VectorFile
from assistant.settings import Settings, load_secrets
from assistant.sharing import budgets_for, notifier_for
from assistant.store.actions import SqlActionStore
from assistant.store.budgets import Ledger
from assistant.store.conversations import Conversations
from assistant.store.database import Database, count_if_there
from assistant.store.erasure import Erasure
from assistant.store.event_log import EventLog
from assistant.store.migrate import migrate
from assistant.store.staff import Staff
from assistant.store.takeovers import Takeovers
from assistant.tooling import Tooling
from assistant.tools.actions import run_action
from assistant.tools.toolbox import PolicyToolbox
from indexing.briefings import Briefing
from indexing.demo_newsroom import with_demo_feeds
from indexing.embedding import Embedder, embedder_for
from indexing.feed_watch import FeedWatch
from indexing.repository import SqlBriefings

logger = structlog.get_logger(__name__)


def utc_now() -> datetime:
    """The clock of the running server."""
    return datetime.now(UTC)


TRY_AGAIN_S = 10.0
"""After the index could not be opened."""
_PREPARED_BRIEFINGS = 1_000
"""Newest briefings whose sentences are embedded before anybody asks, about as many as
`SentenceVectors` has room for; older ones when asked for."""


class Heidi:
    """Every part of one server process.

    Args:
        settings: what to make them from.
        embedder: the embedding model, if it is loaded already; None: as the settings say.
    """

    def __init__(self, settings: Settings, embedder: Embedder | None = None) -> None:
        self.settings = settings
        self._embedder = embedder or embedder_for(settings)
        self.secret, self.identity_secret = load_secrets(settings)
        self.database = Database(settings.database)
        self.briefings = SqlBriefings(self.database.engine)
        self.ledger = Ledger(budgets_for(settings))
        self.conversations = Conversations(self.database, self.ledger)
        self.actions = SqlActionStore(self.database)
        self.staff = Staff(self.database)
        self.notifier = notifier_for(settings)
        self.log = EventLog(self.database, self.notifier, self.ledger)
        self.takeovers = Takeovers(self.database, self.log, idle_after=_idle_after(settings))
        self.tooling = Tooling(settings, self.database, self.log, utc_now)
        self.metrics = Metrics(lambda: [tool.name for tool in self.tooling.tools()])
        self.feeds = FeedWatch(
            self.database.engine,
            with_demo_feeds(settings) if settings.demo else settings,
            is_automatic=settings.feeds_fetch,
            clock=utc_now,
            ran=self.metrics.job,
        )
        self.log.watch(lambda added: self.metrics.count(added.turn_id, added.bodies))
        self.log.watch(log_ends)
        self.agent = DeferredAgent(_agent_name(settings))
        self.knowledge: Knowledge | None = None
        self._news: NewsAnswerer | None = None
        self._sentences: VectorFile | None = None
        self._models: Models | None = None
        self.runner = TurnRunner(
            log=self.log,
            conversations=self.conversations,
            actions=self.actions,
            agent=self.agent,
            make_toolbox=self._make_toolbox,
            run_action=self._run_action,
            clock=utc_now,
            limits=RunnerLimits(
                turn_timeout_s=settings.turn_timeout_s, delta_delay_s=settings.delta_delay_s
            ),
            release_idle=self.takeovers.release_idle,
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Migrate, recover, start the background work; stop it in order at the end."""
        # One small product at a time: BLAS's threads would spin for the next one, on a core that
        # other answers need.
        threadpool_limits(limits=1, user_api="blas")
        await migrate(self.database)
        await self.notifier.start()
        if self.settings.demo:
            await seed_demo_accounts(self.database, utc_now())
            if not self.tooling.has_own_staff:
                await seed_demo_calendar(self.database, utc_now())
        await self.tooling.start()
        recovered = await self.runner.recover(only_process=self.database.is_sqlite)
        if recovered:
            logger.warning("turns.interrupted", count=recovered)
        background = [
            asyncio.create_task(self.feeds.run()),
            asyncio.create_task(self._keep_knowledge()),
            asyncio.create_task(self.runner.keep_alive()),
            *self._retention(),
            asyncio.create_task(keep_released(self.takeovers, utc_now, ran=self.metrics.job)),
        ]
        try:
            yield
        finally:
            await self.runner.shut_down(grace_s=self.settings.shutdown_grace_s)
            await _stop(background)
            if self.knowledge:
                await self.knowledge.close()
            if self._sentences:
                self._sentences.close()
            if self._models:
                await self._models.close()
            await self.tooling.close()
            await self.notifier.close()
            await self.database.close()
            gc.unfreeze()

    def _retention(self) -> list[asyncio.Task[None]]:
        days = self.settings.retention_days
        if not days:
            return []
        erasure = Erasure(self.database, self.log)
        work = keep_retention(erasure, days=days, clock=utc_now, ran=self.metrics.job)
        return [asyncio.create_task(work)]

    async def is_ready(self) -> bool:
        """Whether questions are answered without waiting."""
        return self.agent.is_ready

    async def read_metrics(self) -> bytes:
        """What this process has counted, and how things stand now, as Prometheus reads it."""
        self.metrics.state(
            is_ready=self.agent.is_ready,
            running_turns=self.runner.running_count,
            # As it is in memory: a Chroma server that is away hides no other number.
            chunks=self.knowledge.retriever.size if self.knowledge else 0,
            generation=self.knowledge.index.generation if self.knowledge else 0,
            pending_briefings=await count_if_there(self.briefings.pending_count),
            open_tickets=await count_if_there(self.tooling.tickets.open_count),
        )
        return self.metrics.exposition()

    async def search_site(self, text: str, limit: int) -> Sequence[tuple[Briefing, str]]:
        """The site's search: hybrid retrieval, or the database's text filter while it loads."""
        if self.knowledge:
            return await self.knowledge.search_briefings(text, limit)
        found = await self.briefings.page(query=text, limit=limit)
        return [(briefing, briefing.summary) for briefing in found.items]

    async def _keep_knowledge(self) -> None:
        while (knowledge := await self._open_knowledge()) is None:
            # A Chroma server may come back, and an outdated index be rebuilt meanwhile.
            await asyncio.sleep(TRY_AGAIN_S)
        logger.info("agent.ready", agent=self.agent.name)
        await knowledge.keep_indexed(
            self.settings.index_poll_s, after_update=self._warm, ran=self.metrics.job
        )

    async def _open_knowledge(self) -> Knowledge | None:
        """Open the index and make the agent; None if that failed, which is logged."""
        try:
            self.knowledge = await Knowledge.open(
                self.settings,
                self.briefings,
                self._embedder,
                reranker_for(self.settings.rerank_model),
            )
            self.agent.set(await self._make_agent(self.knowledge))
        except Exception as error:
            logger.exception("agent.failed_to_start", again_in_s=TRY_AGAIN_S)
            self.agent.fail(error)
            if self.knowledge:
                await self.knowledge.close()
            self.knowledge = None
        return self.knowledge

    async def _warm(self) -> None:
        """Prepare what the first answers need."""
        if self._news:
            await self._news.warm(most_briefings=_PREPARED_BRIEFINGS)
        # What is loaded now stays: the collector need not look at all of it again and again, which
        # with a large index stops every answer for a tenth of a second.
        await asyncio.to_thread(gc.collect)
        gc.freeze()

    async def _make_agent(self, knowledge: Knowledge) -> Agent:
        classifier = await asyncio.to_thread(
            IntentClassifier.load_or_train,
            knowledge.embedder,
            self.settings.router_folder,
        )
        self._sentences = VectorFile(
            self.settings.data_dir / "sentences.sqlite3", knowledge.embedder.model_id
        )
        self._news = NewsAnswerer(
            knowledge.retriever, sentences=SentenceVectors(knowledge.embedder, self._sentences)
        )
        builtin = BuiltInAgent(classifier, self._news)
        if not self.settings.has_model:
            return builtin
        self._models = Models(self.settings)
        return LlmAgent(
            self._models.answering,
            knowledge.retriever,
            fallback=builtin,
            limits=LlmLimits(
                tokens_per_step=self.settings.model_max_tokens,
                unspoken_s=self.settings.turn_timeout_s / 2,
            ),
            classifier=classifier,
            rewriting=self._models.rewriting,
        )

    def make_public_toolbox(self, turn: Turn, caller: Caller) -> Toolbox:
        """Tools of a turn without a conversation: none that anybody may write with."""
        tools = self.tooling.tools()
        kept = [tool for tool in tools if tool.policy.needs_identity or not tool.policy.writes]
        return self._toolbox_of(kept, turn, caller)

    def _make_toolbox(self, turn: Turn, caller: Caller) -> Toolbox:
        return self._toolbox_of(self.tooling.tools(), turn, caller)

    def _toolbox_of(self, tools: Sequence[Tool], turn: Turn, caller: Caller) -> Toolbox:
        return PolicyToolbox(
            tools,
            caller=caller,
            now=turn.now,
            timezone=turn.timezone,
            conversation_id=turn.conversation_id,
            turn_id=turn.id,
            actions=self.actions,
            words=turn.visitor_words,
        )

    def _run_action(
        self, action: Action, _decision: Decision, turn: Turn, caller: Caller
    ) -> AsyncIterator[EventBody]:
        context = ToolContext(
            caller=caller,
            now=turn.now,
            timezone=turn.timezone,
            conversation_id=turn.conversation_id,
        )
        return run_action(action, self.tooling.tools(), context, state=turn.state)


def _idle_after(settings: Settings) -> timedelta | None:
    return timedelta(seconds=settings.takeover_idle_s) if settings.takeover_idle_s else None


def _agent_name(settings: Settings) -> str:
    return f"llm:{settings.model}" if settings.has_model else "built-in"


async def _stop(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError):
            await task
