"""A `Mailer` that keeps what it is given, or refuses it."""

from __future__ import annotations

from dataclasses import dataclass, field

from assistant.backends.mail import CalendarPart, MailFailed


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A mail that was handed over."""

    to: str
    subject: str
    text: str
    calendar: CalendarPart | None = None


@dataclass(kw_only=True)
class FakeMailer:
    """Keeps every letter."""

    is_broken: bool = False
    letters: list[Letter] = field(default_factory=list)

    async def send(self, to, subject, text, calendar=None) -> None:
        if self.is_broken:
            raise MailFailed("The mail could not be sent.")
        self.letters.append(Letter(to=to, subject=subject, text=text, calendar=calendar))
