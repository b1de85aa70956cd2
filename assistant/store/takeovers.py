"""Owns a person's taking over of a conversation and handing it back: state and events together.

Who has taken over stands in the conversation's row, which every new turn reads in the transaction
that starts it (`conversations.py`): no process can answer a message that was meant for a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from assistant.core.caller import StaffMember
from assistant.core.errors import NotFound
from assistant.core.events import (
    ConfirmationResolved,
    EventBody,
    StaffJoined,
    StaffLeft,
    TurnPassedOn,
)
from assistant.core.handoff import summarise
from assistant.core.transcript import FOLDED_TYPES, fold
from assistant.store.actions import ActionRow
from assistant.store.conversation_tables import END_TURN, ConversationRow, TurnRow
from assistant.store.conversations import lock_log
from assistant.store.database import Database
from assistant.store.event_log import EventLog, EventRow
from assistant.store.staff_notes import NoteRow
from assistant.store.tickets import TicketRow, new_ticket_id
from indexing.database import upserting

IDLE = "idle"
"""Reason of a hand-back that nobody has made."""


class Takeovers:
    """Lets members of staff speak instead of Heidi.

    Args:
        database: where conversations are kept.
        log: tells every reader of the conversation.
        idle_after: how long a member may do nothing in a conversation before it goes back to
            Heidi; None: for ever.
    """

    def __init__(
        self, database: Database, log: EventLog, *, idle_after: timedelta | None = None
    ) -> None:
        self._database = database
        self._log = log
        self.idle_after = idle_after

    async def begin(self, conversation_id: str, staff: StaffMember, now: datetime) -> bool:
        """Make Heidi silent; the member answers from now on, after whoever did so before.

        A running answer ends here, except one that carries out what the visitor has confirmed.
        What Heidi has proposed is withdrawn, and the visitor waits for a person no longer.

        Returns:
            False if the member has taken over already.

        Raises:
            NotFound: there is no such conversation.
        """
        async with self._database.begin_writing() as session:
            holder = await _holder(session, conversation_id)
            if holder.taken_over_by == staff.staff_id:
                return False
            await self._end_running_turn(session, conversation_id, staff, now)
            await session.execute(
                update(ConversationRow)
                .where(ConversationRow.id == conversation_id)
                .values(taken_over_by=staff.staff_id, taken_over_name=staff.name)
            )
            await session.execute(
                update(TicketRow)
                .where(TicketRow.conversation_id == conversation_id, TicketRow.status == "open")
                .values(status="closed", closed_at=now, closed_by=staff.staff_id)
            )
            events: list[EventBody] = [*await _withdraw_proposals(session, conversation_id)]
            events.append(StaffJoined(staff_name=staff.name, staff_id=staff.staff_id))
            await self._append(session, conversation_id, events, now)
        await self._log.notify(conversation_id)
        return True

    async def end(self, conversation_id: str, staff: StaffMember, now: datetime) -> bool:
        """Hand the conversation back to Heidi; any member may, whoever has taken it over.

        Returns:
            False if nobody has taken it over.

        Raises:
            NotFound: there is no such conversation.
        """
        async with self._database.begin_writing() as session:
            holder = await _holder(session, conversation_id)
            if holder.taken_over_by is None:
                return False
            left = StaffLeft(staff_name=holder.taken_over_name, staff_id=staff.staff_id)
            await self._hand_back(session, conversation_id, left, now)
        await self._log.notify(conversation_id)
        return True

    async def release_idle(self, conversation_id: str, now: datetime) -> bool:
        """Hand a conversation back to Heidi if nobody of staff has been active in it for long.

        Whoever was left without an answer waits for a person again, so that somebody else sees it.

        Returns:
            Whether it was handed back.

        Raises:
            NotFound: there is no such conversation.
        """
        if self.idle_after is None:
            return False
        said = await self._log.read(conversation_id, types=FOLDED_TYPES)
        history = [turn.as_past_turn() for turn in fold(said).turns]
        async with self._database.begin_writing() as session:
            holder = await _holder(session, conversation_id)
            active_at = await _last_active(session, conversation_id)
            if holder.taken_over_by is None or now - (active_at or now) < self.idle_after:
                return False
            if await _is_left_alone(session, conversation_id):
                reason = f"{holder.taken_over_name} took over and has not answered."
                await _wait_again(session, holder, reason, summarise(history, ""), now)
            left = StaffLeft(staff_name=holder.taken_over_name, staff_id="", reason=IDLE)
            await self._hand_back(session, conversation_id, left, now)
        await self._log.notify(conversation_id)
        return True

    async def held(self) -> Sequence[str]:
        """Ids of the conversations that somebody has taken over."""
        query = select(ConversationRow.id).where(ConversationRow.taken_over_by.is_not(None))
        async with self._database.begin() as session:
            return (await session.scalars(query)).all()

    async def _hand_back(
        self, session: AsyncSession, conversation_id: str, left: StaffLeft, now: datetime
    ) -> None:
        await session.execute(
            update(ConversationRow)
            .where(ConversationRow.id == conversation_id)
            .values(taken_over_by=None, taken_over_name="")
        )
        # An answer that was cut short may have proposed something that nobody was shown.
        events: list[EventBody] = [*await _withdraw_proposals(session, conversation_id), left]
        await self._append(session, conversation_id, events, now)

    async def _append(
        self,
        session: AsyncSession,
        conversation_id: str,
        events: Sequence[EventBody],
        now: datetime,
        turn_id: str | None = None,
    ) -> None:
        times = [now] * len(events)
        await self._log.append_within(session, conversation_id, turn_id, events, times)

    async def _end_running_turn(
        self, session: AsyncSession, conversation_id: str, staff: StaffMember, now: datetime
    ) -> None:
        """Whoever answers it learns that it has ended when it writes next (`TurnEnded`)."""
        running = await session.scalar(
            select(TurnRow.id).where(
                TurnRow.conversation_id == conversation_id, TurnRow.status == "running"
            )
        )
        if running is None or await _is_decision(session, running):
            return
        await session.execute(END_TURN, {"turn": running, "ends_as": "completed"})
        ending = TurnPassedOn(to=staff.name)
        await self._append(session, conversation_id, [ending], now, running)


async def _holder(session: AsyncSession, conversation_id: str) -> ConversationRow:
    await lock_log(session, conversation_id)
    row = await session.get(ConversationRow, conversation_id)
    if row is None:
        raise NotFound("There is no such conversation.")
    return row


async def _last_active(session: AsyncSession, conversation_id: str) -> datetime | None:
    """When staff last joined, spoke or wrote a note."""
    spoke = select(func.max(EventRow.at)).where(
        EventRow.conversation_id == conversation_id,
        EventRow.type.in_(("staff.joined", "staff.message")),
    )
    noted = select(func.max(NoteRow.written_at)).where(NoteRow.conversation_id == conversation_id)
    moments = [await session.scalar(spoke), await session.scalar(noted)]
    return max((moment for moment in moments if moment is not None), default=None)


async def _is_left_alone(session: AsyncSession, conversation_id: str) -> bool:
    """Whether who joined last said nothing, or nothing since the visitor's last message."""
    last = select(EventRow.type, func.max(EventRow.seq)).where(
        EventRow.conversation_id == conversation_id,
        EventRow.type.in_(("staff.joined", "staff.message", "turn.passed_on")),
    )
    seqs = {kind: seq for kind, seq in await session.execute(last.group_by(EventRow.type))}
    return seqs.get("staff.message", 0) < max(
        seqs.get("staff.joined", 0), seqs.get("turn.passed_on", 0)
    )


async def _wait_again(
    session: AsyncSession, holder: ConversationRow, reason: str, summary: str, now: datetime
) -> None:
    """Open a ticket, unless there is one; the address is that of the ticket before."""
    email = await session.scalar(
        select(TicketRow.email)
        .where(TicketRow.conversation_id == holder.id)
        .order_by(TicketRow.opened_at.desc())
        .limit(1)
    )
    insert = upserting(session.get_bind().dialect.name)
    await session.execute(
        insert(TicketRow)
        .values(
            id=new_ticket_id(),
            conversation_id=holder.id,
            reason=reason[:300],
            summary=summary,
            customer_name=holder.customer_name[:120],
            email=email or "",
            status="open",
            opened_at=now,
        )
        .on_conflict_do_nothing()
    )


async def _is_decision(session: AsyncSession, turn_id: str) -> bool:
    data = await session.scalar(
        select(EventRow.data).where(EventRow.turn_id == turn_id, EventRow.type == "turn.started")
    )
    return bool(data and data.get("action_id"))


async def _withdraw_proposals(
    session: AsyncSession, conversation_id: str
) -> list[ConfirmationResolved]:
    pending = (ActionRow.conversation_id == conversation_id, ActionRow.status == "pending")
    ids = (await session.scalars(select(ActionRow.id).where(*pending))).all()
    await session.execute(update(ActionRow).where(*pending).values(status="superseded"))
    return [ConfirmationResolved(action_id=each, decision="superseded") for each in ids]
