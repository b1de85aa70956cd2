"""Mail reaches a real SMTP server on loopback, whole, or fails in words."""

from __future__ import annotations

from email import message_from_bytes, policy
from types import SimpleNamespace

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from assistant.backends.mail import CalendarPart, MailFailed, SmtpMailer
from tests.servers import free_port

SENDER = "heidi@news.example"


class Inbox:
    """Keeps what the server receives."""

    def __init__(self) -> None:
        self.received = []

    async def handle_DATA(self, server, session, envelope):
        self.received.append(
            SimpleNamespace(
                sender=envelope.mail_from,
                to=envelope.rcpt_tos,
                message=message_from_bytes(envelope.content, policy=policy.default),
            )
        )
        return "250 kept"


class Refusing(Inbox):
    """Takes nobody's mail."""

    async def handle_RCPT(self, server, session, envelope, address, options):
        return "550 no such mailbox"


@pytest.fixture
def serve():
    started = []

    def start(handler, **options) -> int:
        controller = Controller(handler, hostname="127.0.0.1", port=free_port(), **options)
        controller.start()
        started.append(controller)
        return controller.port

    yield start
    for controller in started:
        controller.stop()


async def test_a_mail_with_an_invitation_arrives_as_mail_programs_expect_it(serve):
    inbox = Inbox()
    mailer = SmtpMailer(f"smtp://127.0.0.1:{serve(inbox)}", SENDER)
    content = "BEGIN:VCALENDAR\r\nSUMMARY:Gespräch\r\nEND:VCALENDAR\r\n".encode()
    part = CalendarPart(content=content, method="REQUEST")
    await mailer.send("ada@example.com", "Sales call: booked", "Bis später – Heidi", part)
    [mail] = inbox.received
    text, calendar = mail.message.iter_parts()
    assert (mail.sender, mail.to) == (SENDER, ["ada@example.com"])
    assert mail.message["Subject"] == "Sales call: booked"
    assert mail.message["Auto-Submitted"] == "auto-generated"
    assert mail.message.get_content_type() == "multipart/alternative"
    assert text.get_content().strip() == "Bis später – Heidi"
    assert calendar.get_content_type() == "text/calendar"
    assert calendar["Content-Type"].params["method"] == "REQUEST"
    assert "SUMMARY:Gespräch" in calendar.get_content()


@pytest.mark.filterwarnings("ignore:Requiring AUTH:UserWarning")
async def test_user_and_password_are_given_to_the_server(serve):
    seen = []

    def authenticate(server, session, envelope, mechanism, data):
        seen.append((data.login, data.password))
        return AuthResult(success=True)

    inbox = Inbox()
    port = serve(inbox, authenticator=authenticate, auth_required=True, auth_require_tls=False)
    mailer = SmtpMailer(f"smtp://us%40er:p%2Fw@127.0.0.1:{port}", SENDER)
    await mailer.send("ada@example.com", "Hello", "Text")
    assert seen == [(b"us@er", b"p/w")]
    assert len(inbox.received) == 1


@pytest.mark.parametrize(
    "to",
    [
        "",
        "nobody",
        "ada@example.com, eve@example.com",
        "ada@example.com\r\nBcc: eve@example.com",
        "Ada <ada@example.com>",
        "@example.com",
    ],
)
async def test_only_one_plain_address_is_written_to(serve, to):
    inbox = Inbox()
    mailer = SmtpMailer(f"smtp://127.0.0.1:{serve(inbox)}", SENDER)
    with pytest.raises(MailFailed):
        await mailer.send(to, "Hello", "Text")
    assert inbox.received == []


async def test_a_subject_can_not_smuggle_in_a_header(serve):
    mailer = SmtpMailer(f"smtp://127.0.0.1:{serve(Inbox())}", SENDER)
    with pytest.raises(MailFailed):
        await mailer.send("ada@example.com", "Hello\r\nBcc: eve@example.com", "Text")


async def test_a_server_that_refuses_or_is_not_there_is_a_failure_in_words(serve):
    for port in (serve(Refusing()), free_port()):
        with pytest.raises(MailFailed, match="could not be sent"):
            await SmtpMailer(f"smtp://127.0.0.1:{port}", SENDER).send("a@example.com", "s", "t")


async def test_a_server_without_encryption_gets_nothing_when_encryption_is_wanted(serve):
    inbox = Inbox()
    mailer = SmtpMailer(f"smtp+starttls://127.0.0.1:{serve(inbox)}", SENDER)
    with pytest.raises(MailFailed):
        await mailer.send("ada@example.com", "Hello", "Text")
    assert inbox.received == []


@pytest.mark.parametrize(
    ("url", "sender"),
    [
        ("http://u:secret@x", SENDER),
        ("smtp://", SENDER),
        ("smtp://u:secret@host:25", "nobody"),
    ],
)
def test_settings_that_make_no_sense_are_refused_without_telling_the_password(url, sender):
    with pytest.raises(ValueError, match=r"SMTP URL|address") as refusal:
        SmtpMailer(url, sender)
    assert "secret" not in str(refusal.value)
