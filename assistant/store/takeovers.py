"""Owns a person's taking over of a conversation and handing it back: state and events together.

Who has taken over stands in the conversation's row, which every new turn reads in the transaction
that starts it (`conversations.py`): no process can answer a message that was meant for a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
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
from assistant.store.actions import ActionRow
from assistant.store.conversation_tables import END_TURN, ConversationRow, TurnRow
from assistant.store.conversations import lock_log
from assistant.store.database import Database
from assistant.store.event_log import EventLog, EventRow
from assistant.store.tickets import TicketRow


class Takeovers:
    """Lets members of staff speak instead of Heidi.

    Args:
        database: where conversations are kept.
        log: tells every reader of the conversation.
    """

    def __init__(self, database: Database, log: EventLog) -> None:
        self._database = database
        self._log = log

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
            name = holder.taken_over_name
            await session.execute(
                update(ConversationRow)
                .where(ConversationRow.id == conversation_id)
                .values(taken_over_by=None, taken_over_name="")
            )
            # An answer that was cut short may have proposed something that nobody was shown.
            events: list[EventBody] = [*await _withdraw_proposals(session, conversation_id)]
            events.append(StaffLeft(staff_name=name, staff_id=staff.staff_id))
            await self._append(session, conversation_id, events, now)
        await self._log.notify(conversation_id)
        return True

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
