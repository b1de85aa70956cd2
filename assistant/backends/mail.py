"""Owns sending mail: the port, and its adapter for SMTP."""

from __future__ import annotations

from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import make_msgid
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib

from assistant.core.errors import HeidiError

TIMEOUT_S = 4.0
"""Less than a tool may take: a mail that hangs must not make a booking look failed."""

DEFAULT_PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}


class MailFailed(HeidiError):
    """A mail could not be handed to the mail server."""


@dataclass(frozen=True, kw_only=True)
class CalendarPart:
    """What a mail program offers to put into a calendar."""

    content: bytes
    method: str
    """`REQUEST` or `CANCEL` (RFC 5546)."""


class Mailer(Protocol):
    """Hands mail to whoever delivers it."""

    async def send(
        self, to: str, subject: str, text: str, calendar: CalendarPart | None = None
    ) -> None:
        """Send one mail to one address.

        Raises:
            MailFailed: the address is none, or the mail server did not take it.
        """
        ...


class SmtpMailer(Mailer):
    """A `Mailer` that speaks SMTP.

    Args:
        url: `smtp://host:25`, `smtp+starttls://user:password@host:587` or `smtps://…:465`.
        sender: address the mail comes from.

    Raises:
        ValueError: url or sender can't be used; the message holds no password.
    """

    def __init__(self, url: str, sender: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
            raise ValueError("the SMTP URL must begin with smtp://, smtp+starttls:// or smtps://")
        self._sender = _address(sender)
        self._connection: dict[str, Any] = {
            "hostname": parts.hostname,
            "port": parts.port or DEFAULT_PORTS[parts.scheme],
            "username": unquote(parts.username) if parts.username else None,
            "password": unquote(parts.password) if parts.password else None,
            "use_tls": parts.scheme == "smtps",
            "start_tls": parts.scheme == "smtp+starttls",
            "timeout": TIMEOUT_S,
        }

    async def send(
        self, to: str, subject: str, text: str, calendar: CalendarPart | None = None
    ) -> None:
        """Send one mail to one address."""
        try:
            message = self._message(to, subject, text, calendar)
            await aiosmtplib.send(message, **self._connection)
        except (ValueError, OSError, aiosmtplib.SMTPException) as error:
            raise MailFailed("The mail could not be sent.") from error

    def _message(
        self, to: str, subject: str, text: str, calendar: CalendarPart | None
    ) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self._sender
        message["To"] = _address(to)
        message["Subject"] = subject
        message["Message-ID"] = make_msgid(domain=self._sender.domain)
        # Keeps automatic replies, such as absence notes, from answering.
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text)
        if calendar is not None:
            message.add_alternative(
                calendar.content.decode(),
                subtype="calendar",
                params={"method": calendar.method},
            )
        return message


def _address(text: str) -> Address:
    """One address and nothing else: no list, no name, no header."""
    try:
        address = Address(addr_spec=text.strip())
    except (ValueError, IndexError, MessageError) as error:
        raise ValueError("no mail address") from error
    if not (address.username and address.domain):
        raise ValueError("no mail address")
    return address
