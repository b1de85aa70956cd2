"""Owns the running of turns: the one writer of an answer, as a task of the server.

A turn does not end with the connection that asked for it. Whatever happens, it ends with exactly
one terminal event: completed, failed, or interrupted by a server that went away. Does not own the
answer (agents) nor who reads it (`streaming/tail.py`).
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

import structlog
from structlog.contextvars import bind_contextvars

from assistant.agents.recording import Recorder
from assistant.agents.turn_endings import (
    SERVER_WENT_AWAY,
    failed,
    failed_by,
    status_after,
    stopped_by_visitor,
)
from assistant.core.actions import Action, ActionStore
from assistant.core.caller import Caller, VerifiedCustomer
from assistant.core.dialogue import read_decision
from assistant.core.errors import ActionSettled, HeidiError, NotAllowed, NotFound
from assistant.core.events import (
    ConfirmationRequired,
    ConfirmationResolved,
    EventBody,
    TurnInterrupted,
    TurnPassedOn,
    TurnStarted,
)
from assistant.core.timezones import zone
from assistant.core.toolbox import Toolbox
from assistant.core.transcript import FOLDED_TYPES, Transcript, fold
from assistant.core.turns import Agent, Turn
from assistant.store.conversation_tables import Conversation, StoredTurn
from assistant.store.conversations import (
    Conversations,
    EventWriter,
    TurnStart,
    lease_end,
)
from assistant.store.event_log import Addition, EventLog, Timed, TurnEnded
from assistant.store.uninterrupted import uninterrupted

logger = structlog.get_logger(__name__)

Decision = Literal["confirm", "decline"]
ActionRunner = Callable[[Action, Decision, Turn, Caller], AsyncIterator[EventBody]]
"""Carries out a settled action, or says that it was declined; ends with `TurnCompleted`."""
IdleRelease = Callable[[str, datetime], Awaitable[bool]]
"""Hands a conversation back to Heidi if whoever has taken it over has done nothing for long; tells
whether it did."""
ToolboxMaker = Callable[[Turn, Caller], Toolbox]


@dataclass(frozen=True, kw_only=True)
class RunnerLimits:
    """How long things may take, in seconds."""

    turn_timeout_s: float = 90.0
    lease_s: float = 15.0
    """A server that has not renewed for this long is taken for gone."""
    heartbeat_s: float = 1.0
    delta_delay_s: float = 0.0
    """Pause after each delta: only to watch streaming and reconnecting in slow motion."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a visitor sent: a message, or a decision on an action."""

    message: str
    client_turn_id: str
    action: Action | None = None
    decision: Decision | None = None
    waiting: Action | None = None
    """What the visitor may still decide when a message comes."""


class TurnRunner:
    """Starts, stops and recovers turns.

    Args:
        log: where the events go.
        conversations: where turns are kept.
        actions: where confirmations are kept.
        agent: who answers.
        make_toolbox: the tools of one turn, bound to its caller.
        run_action: who carries out confirmed writes.
        clock: the time, in UTC.
        limits: time limits.
        release_idle: lets Heidi answer where a person has stayed away; None: she never does.
    """

    def __init__(
        self,
        *,
        log: EventLog,
        conversations: Conversations,
        actions: ActionStore,
        agent: Agent,
        make_toolbox: ToolboxMaker,
        run_action: ActionRunner,
        clock: Callable[[], datetime],
        limits: RunnerLimits,
        release_idle: IdleRelease | None = None,
    ) -> None:
        self._log = log
        self._conversations = conversations
        self._actions = actions
        self._agent = agent
        self._make_toolbox = make_toolbox
        self._run_action = run_action
        self._clock = clock
        self._limits = limits
        self._release_idle = release_idle
        self._owner = secrets.token_hex(8)
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._stopped_by_visitor: set[str] = set()
        self._deciding: set[str] = set()

    async def ask(
        self, conversation: Conversation, caller: Caller, message: str, client_turn_id: str
    ) -> StoredTurn:
        """Start answering a message, or join the turn that the same client id started before.

        While a person has taken the conversation over, the message is kept for them and nothing
        answers it.

        Raises:
            ConversationPaused: it must be resumed first.
            Conflict: the last message is still being answered.
        """
        if conversation.taken_over_by and self._release_idle is not None:
            if await self._release_idle(conversation.id, self._clock()):
                conversation = replace(conversation, taken_over_by=None, taken_over_name="")
        pending, decision = None, None
        if conversation.turn_count:
            pending = await self._actions.pending(conversation.id, self._clock())
        # A "yes" to a person is no decision on what Heidi proposed.
        if pending and not conversation.taken_over_by and _may_decide(pending, caller):
            decision = read_decision(message, tool=pending.tool)
        request = Request(
            message=message,
            client_turn_id=client_turn_id,
            action=pending if decision else None,
            decision=decision,
            waiting=pending,
        )
        return await self._start(conversation, caller, request)

    async def decide(
        self,
        conversation: Conversation,
        caller: Caller,
        action_id: str,
        decision: Decision,
        client_turn_id: str,
    ) -> StoredTurn:
        """Confirm or decline a write, as a turn of its own.

        Raises:
            NotFound: no such action in this conversation.
            NotAllowed: it belongs to another customer.
            ActionSettled: it was used before, or has expired.
        """
        earlier = await self._conversations.turn_by_client_id(conversation.id, client_turn_id)
        if earlier is not None:
            return earlier
        action = await self._actions.get(action_id, conversation.id)
        if action is None:
            raise NotFound("There is no such request to confirm.")
        if not _may_decide(action, caller):
            raise NotAllowed("This request belongs to another customer.")
        if action.status != "pending" or action.expires_at <= self._clock():
            raise ActionSettled(
                "This request was answered already, or has expired.",
                remedy="Ask Heidi again to get a new one.",
            )
        request = Request(
            message="", client_turn_id=client_turn_id, action=action, decision=decision
        )
        return await self._start(conversation, caller, request)

    async def cancel(self, conversation_id: str, turn_id: str) -> None:
        """Stop answering; what was said stays. Nothing happens to a turn that has ended.

        Raises:
            NotFound: no such turn in this conversation.
        """
        turn = await self._conversations.turn(conversation_id, turn_id)
        if turn.status != "running":
            return
        await self._conversations.request_cancel(turn_id)
        self._stop(turn_id)

    @property
    def running_count(self) -> int:
        """How many turns this process is answering."""
        return len(self._tasks)

    async def recover(self, *, only_process: bool) -> int:
        """Say of every turn whose server is gone that it was interrupted; gives their number."""
        abandoned = await self._conversations.abandoned_turns(
            self._clock(), owner=self._owner, only_process=only_process
        )
        ended = [
            await self._end(turn, TurnInterrupted(reason=SERVER_WENT_AWAY)) for turn in abandoned
        ]
        return sum(ended)

    async def keep_alive(self) -> None:
        """Renew leases, obey stops asked of other processes and recover turns, for ever."""
        while True:
            await asyncio.sleep(self._limits.heartbeat_s)
            try:
                until = lease_end(self._clock(), lease_s=self._limits.lease_s)
                for turn_id in await self._conversations.renew_leases(self._owner, until):
                    self._stop(turn_id)
                await self.recover(only_process=False)
            except Exception:
                logger.exception("runner.keep_alive_failed")

    async def shut_down(self, *, grace_s: float) -> None:
        """Let running answers finish for a while; say of the rest that they were interrupted."""
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=grace_s)
        for task in list(self._tasks.values()):
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def _stop(self, turn_id: str) -> None:
        """Stop a running answer; a write that was confirmed is let through to its result."""
        task = self._tasks.get(turn_id)
        if task is not None and turn_id not in self._deciding:
            self._stopped_by_visitor.add(turn_id)
            task.cancel()

    async def _start(
        self, conversation: Conversation, caller: Caller, request: Request
    ) -> StoredTurn:
        # The first customer of a conversation stays: one who has it need not ask for it again.
        if isinstance(caller, VerifiedCustomer) and caller.customer_id != conversation.customer_id:
            await self._conversations.attach_customer(
                conversation.id, caller.customer_id, caller.name
            )
        now = self._clock()
        turn = StoredTurn(
            id=f"turn_{secrets.token_hex(10)}",
            conversation_id=conversation.id,
            client_turn_id=request.client_turn_id,
            status="running",
            after_seq=0,
            created_at=now,
        )
        started = TurnStarted(
            message=request.message,
            client_turn_id=request.client_turn_id,
            agent=self._agent.name,
            action_id=request.action.id if request.action else None,
        )
        additions = [self._log.writer(turn.conversation_id, turn.id, started, now)]
        start = self._turn_start(turn, request, additions)
        stored = await self._conversations.start_turn(turn, start)
        if stored.id == turn.id:
            for addition in additions:
                await self._log.publish(addition)
        if stored.id == turn.id and stored.status == "running":
            task = asyncio.create_task(self._run(conversation, caller, request, stored))
            self._tasks[turn.id] = task
            if request.action is not None:
                self._deciding.add(turn.id)
            task.add_done_callback(lambda _: self._forget(turn.id))
        return stored

    def _turn_start(
        self, turn: StoredTurn, request: Request, additions: list[Addition]
    ) -> TurnStart:
        """What comes with a turn; its end is added, should it be passed on to a person."""
        now = turn.created_at

        def pass_on(name: str) -> EventWriter:
            passed_on = TurnPassedOn(to=name)
            additions.append(self._log.writer(turn.conversation_id, turn.id, passed_on, now))
            return additions[-1]

        return TurnStart(
            message=request.message,
            owner=self._owner,
            lease_until=lease_end(now, lease_s=self._limits.lease_s),
            write_first_event=additions[0],
            pass_on=pass_on if request.message else None,
            is_counted=request.action is None,
        )

    def _forget(self, turn_id: str) -> None:
        self._tasks.pop(turn_id, None)
        self._stopped_by_visitor.discard(turn_id)
        self._deciding.discard(turn_id)

    async def _run(
        self, conversation: Conversation, caller: Caller, request: Request, stored: StoredTurn
    ) -> None:
        """The outermost loop of a turn: every way it can end becomes its terminal event."""
        started = time.perf_counter()
        bind_contextvars(conversation_id=conversation.id, turn_id=stored.id)
        transcript = Transcript()
        recorder = Recorder(
            self._log, conversation.id, stored.id, self._clock, delay_s=self._limits.delta_delay_s
        )
        try:
            if stored.after_seq:
                transcript = fold(await self._log.read(conversation.id, types=FOLDED_TYPES))
            turn = self._turn(conversation, request, stored, transcript)
            async with asyncio.timeout(self._limits.turn_timeout_s):
                await recorder.record(self._events(turn, caller, request))
            ending: EventBody = recorder.held_ending or failed("agent-silent")
        except asyncio.CancelledError:
            ending = self._cancelled(stored.id, transcript, started)
        except TimeoutError:
            ending = failed("time-out")
        except TurnEnded:
            logger.warning("runner.turn_taken_over")
            return
        except HeidiError as error:
            ending = failed_by(error)
        except Exception:
            logger.exception("runner.turn_failed")
            ending = failed("internal")
        await uninterrupted(self._end(stored, ending, after=recorder.unwritten))

    async def _end(
        self, turn: StoredTurn, ending: EventBody, *, after: Sequence[Timed] = ()
    ) -> bool:
        """Write what came before the end and the terminal event, unless the turn has one; tells."""
        last_events = self._log.writer_of(
            turn.conversation_id, turn.id, [*after, (ending, self._clock())]
        )
        has_ended = await self._conversations.end_turn(turn, status_after(ending), last_events)
        if has_ended:
            await self._log.publish(last_events)
        return has_ended

    def _cancelled(self, turn_id: str, transcript: Transcript, started: float) -> EventBody:
        if turn_id in self._stopped_by_visitor:
            return stopped_by_visitor(
                transcript.state, elapsed_ms=(time.perf_counter() - started) * 1000
            )
        return TurnInterrupted(reason=SERVER_WENT_AWAY)

    def _turn(
        self,
        conversation: Conversation,
        request: Request,
        stored: StoredTurn,
        transcript: Transcript,
    ) -> Turn:
        return Turn(
            id=stored.id,
            conversation_id=conversation.id,
            message=request.message,
            history=tuple(turn.as_past_turn() for turn in transcript.turns if turn.id != stored.id),
            state=transcript.state,
            now=self._clock(),
            timezone=zone(conversation.timezone),
            locale=conversation.locale,
        )

    async def _events(
        self, turn: Turn, caller: Caller, request: Request
    ) -> AsyncGenerator[EventBody, None]:
        if request.action is None or request.decision is None:
            waiting = request.waiting
            async for body in self._agent.answer(turn, caller, self._make_toolbox(turn, caller)):
                if waiting and isinstance(body, ConfirmationRequired):
                    if await self._is_superseded(waiting):
                        yield ConfirmationResolved(action_id=waiting.id, decision="superseded")
                    waiting = None
                yield body
            return
        status: Literal["confirmed", "declined"] = (
            "confirmed" if request.decision == "confirm" else "declined"
        )
        action = await self._actions.settle(
            request.action.id, turn.conversation_id, status, self._clock()
        )
        yield ConfirmationResolved(action_id=action.id, decision=status)
        async for body in self._run_action(action, request.decision, turn, caller):
            yield body

    async def _is_superseded(self, waiting: Action) -> bool:
        """Whether it was still undecided when a newer one came."""
        found = await self._actions.get(waiting.id, waiting.conversation_id)
        return found is not None and found.status in {"pending", "superseded"}


def _may_decide(action: Action, caller: Caller) -> bool:
    customer_id = caller.customer_id if isinstance(caller, VerifiedCustomer) else None
    return action.customer_id is None or action.customer_id == customer_id
