"""Owns the tools of this site: the backends that the settings choose, and the tools on them.

A part of the composition root, like `knowledge.py`: nothing else opens a backend.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime

from assistant.backends.accounts import Accounts
from assistant.backends.accounts_http import HttpAccounts, open_accounts
from assistant.backends.accounts_mapping import MappingInvalid, load_mapping
from assistant.backends.accounts_sql import SqlAccounts
from assistant.backends.calendar import Calendar
from assistant.backends.calendar_sql import SqlCalendar
from assistant.backends.handoff import TicketHandoffs
from assistant.backends.invitations import Invitations
from assistant.backends.mail import SmtpMailer
from assistant.backends.mcp_settings import McpSettings, McpSettingsInvalid, load_mcp_settings
from assistant.backends.staff_file import StaffFile, StaffFileInvalid, load_staff, write_staff
from assistant.core.errors import InvalidInput
from assistant.core.handoff import SupportHours, summarise
from assistant.core.toolbox import Tool
from assistant.core.transcript import fold
from assistant.settings import Settings
from assistant.store.database import Database
from assistant.store.event_log import EventLog
from assistant.store.tickets import Tickets
from assistant.tools.mcp_tool import McpTools
from assistant.tools.registry import make_tools


class Tooling:
    """Backends and tools.

    Args:
        settings: choose the backends.
        database: keeps what no backend elsewhere keeps.
        log: the conversations, for whoever takes one over.
        clock: the time, in UTC.

    Raises:
        InvalidInput: a setting or a file that it names can't be used.
    """

    def __init__(
        self,
        settings: Settings,
        database: Database,
        log: EventLog,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._log = log
        self._background: asyncio.Task[None] | None = None
        with _explained("staff_file"):
            self._staff = load_staff(settings.staff_file) if settings.staff_file else None
            self.calendar: Calendar = _calendar(self._staff, database, clock)
        with _explained("accounts_file"):
            self.accounts = _accounts(settings, database)
        with _explained("mcp_file"):
            file = settings.mcp_file
            self._mcp = McpTools(load_mcp_settings(file) if file else McpSettings(servers={}))
        with _explained("smtp_url"):
            self._mailer = _mailer(settings)
        with _explained("support_hours"):
            hours = SupportHours.parse(settings.support_hours) if settings.support_hours else None
        self._sender = settings.mail_from
        self.tickets = Tickets(database)
        self._handoffs = TicketHandoffs(
            tickets=self.tickets,
            accounts=self.accounts,
            summarise=self._summarise,
            mailer=self._mailer,
            support_email=settings.support_email,
            hours=hours,
            conversation_url=lambda name: f"{settings.public_url}/review/conversations/{name}",
        )

    @property
    def has_own_staff(self) -> bool:
        """Whether a file says who takes meetings."""
        return self._staff is not None

    def tools(self) -> tuple[Tool, ...]:
        """Every tool; made for one turn, in which no account is read twice over HTTP."""
        accounts: Accounts = self.accounts
        if isinstance(accounts, HttpAccounts):
            accounts = accounts.for_turn()
        invitations = None
        if self._mailer is not None:
            invitations = Invitations(mailer=self._mailer, accounts=accounts, sender=self._sender)
        return make_tools(
            accounts,
            self.calendar,
            invitations=invitations,
            handoffs=self._handoffs,
            others=self._mcp.tools,
        )

    async def start(self) -> None:
        """Bring the staff's file into the database and connect to the MCP servers, in its time."""
        if self._staff is not None:
            await write_staff(self._database, self._staff)
        self._background = asyncio.create_task(self._mcp.keep_connected())

    async def close(self) -> None:
        """Close every connection."""
        if self._background is not None:
            self._background.cancel()
            with suppress(asyncio.CancelledError):
                await self._background
        await self._mcp.close()
        if isinstance(self.accounts, HttpAccounts):
            await self.accounts.close()

    async def _summarise(self, conversation_id: str) -> str:
        turns = fold(await self._log.read(conversation_id)).turns
        history = [turn.as_past_turn() for turn in turns[:-1]]
        return summarise(history, turns[-1].message if turns else "")


def _accounts(settings: Settings, database: Database) -> SqlAccounts | HttpAccounts:
    if settings.accounts_file is None:
        return SqlAccounts(database)
    return open_accounts(load_mapping(settings.accounts_file))


def _calendar(
    staff: StaffFile | None, database: Database, clock: Callable[[], datetime]
) -> Calendar:
    if staff is None or staff.caldav is None:
        return SqlCalendar(database)
    try:
        # Here, since the library is an extra.
        from assistant.backends.caldav_events import CalDavEvents
        from assistant.backends.calendar_caldav import CalDavCalendar
    except ImportError as error:
        raise StaffFileInvalid("CalDAV needs an extra: pip install 'heidi[caldav]'") from error
    return CalDavCalendar(database, CalDavEvents(staff), clock)


def _mailer(settings: Settings) -> SmtpMailer | None:
    url = settings.smtp_url.get_secret_value()
    return SmtpMailer(url, settings.mail_from) if url else None


@contextmanager
def _explained(setting: str) -> Iterator[None]:
    """Say of which setting a problem is."""
    try:
        yield
    except (MappingInvalid, McpSettingsInvalid, StaffFileInvalid, ValueError) as error:
        raise InvalidInput(
            f"HEIDI_{setting.upper()}: {error}", field=setting, remedy="See docs/backends.md."
        ) from error
