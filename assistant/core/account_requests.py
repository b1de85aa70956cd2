"""Owns what a message about account or balance asks for: which tool, with which filters. Pure.

What no tool can do (block a card, send money, change a PIN) is told apart, so that it is declined
honestly. Periods come in from outside: how they are read is not this module's concern.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from assistant.core.counts import COUNT, read_count
from assistant.core.events import JsonObject
from assistant.core.phrasing import plain_text

MOST_CHARACTERS = 1_000
MOST_LISTED = 50


class Unsupported(StrEnum):
    """Account matters that need a person."""

    CARD_OR_FRAUD = "card_or_fraud"
    """Lost, stolen or misused: urgent."""
    SECRETS = "secrets"
    """PIN, password, codes."""
    MONEY = "money"
    """Sending, paying, refunds."""
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class AccountQuestion:
    """Something a reading tool answers."""

    tool: str
    arguments: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ContactChange:
    """The visitor wants contact data changed."""

    values: JsonObject
    """New `email`, `phone` or `address`; empty if only the wish was said."""
    wanted: str
    """Which one is asked for when the value is missing; empty if that was not said either."""


AccountRequest = AccountQuestion | ContactChange | Unsupported
Period = tuple[date | None, date | None]

_EMAIL = re.compile(r"[^@\s<>\"',;]{1,64}@[^@\s<>\"',;]{1,190}")
_PHONE = re.compile(r"\+?\d[\d ()./-]{4,24}\d")
_CHANGE = re.compile(
    r"\b(?:change|update|correct|edit|replace|set|switch|new|moved|modify|is now|wrong)\b"
)
_CONTACT = {
    "email": re.compile(r"\be-?mail\b|\bmail address\b"),
    "phone": re.compile(r"\b(?:phone|mobile|cell|telephone|contact number)\b"),
    "address": re.compile(r"\baddress\b|\b(?:i(?:'ve| have)? moved|moving (?:house|home))\b"),
}
_NEW_ADDRESS = re.compile(r"\b(?:to|is(?: now)?:?|address:)\s+(?P<address>\S.{4,})", re.DOTALL)

_UNSUPPORTED = (
    (
        Unsupported.CARD_OR_FRAUD,
        r"\b(?:lost|stolen|stole|missing|block|freeze|unfreeze|suspend|swallowed|hacked|fraud\w*|"
        r"scam\w*|unauthori[sz]ed|suspicious|compromised|don'?t recogni[sz]e)\b|\bcards?\b|\batm\b",
    ),
    (
        Unsupported.SECRETS,
        r"\b(?:pin|pass\s?(?:word|code)|login|log in|verification|verify|identity|2fa|otp|"
        r"security code|unlock)\b",
    ),
    (
        Unsupported.MONEY,
        r"\b(?:send|transfer (?:\W?\d|money|funds|to)|wire|top[ -]?up|refund|cheque|check deposit|"
        r"pay (?:my|the|a|off)|loan|mortgage|overdraft|credit (?:score|limit|rating)|exchange|"
        r"direct debit|standing order|interest|savings? rate|invest\w*|dispute|charge ?back|"
        r"money back)\b|\b(?:open|close|reactivate|delete|join)\b.{0,20}\baccounts?\b"
        r"|\b(?:alert|notify|warn|tell) me (?:if|when)\b",
    ),
)
_INVOICES = re.compile(
    r"\b(?:invoices?|bills?|owe|owing|overdue|outstanding|unpaid|past due|due (?:date|soon|now))\b"
)
_PROFILE = re.compile(
    r"\b(?:plan|subscri\w*|tier|member\w*|renew\w*|e-?mail|phone|address|profile|contact|"
    r"my (?:name|details|data)|on file|package)\b"
)
_BALANCE = re.compile(
    r"\b(?:balances?|overdrawn|funds|in (?:the )?(?:red|black)|in credit)\b"
    r"|\bhow much (?:money |cash )?(?:do i have|have i|is (?:in|on|left)|i have|i've)\b"
)
_MOVEMENTS = re.compile(
    r"\b(?:transactions?|payments?|paid|pay|paying|spen[dt]\w*|purchases?|bought|buy|debits?|"
    r"withdr\w+|deposits?|received?|salary|wages?|income|incoming|outgoing|expenses?|"
    r"costs?|statement|transfers?|charged?|charges|movements?|"
    r"(?:come|came|go|went|gone) (?:in|out))\b"
)
_OVERVIEW = re.compile(
    r"\b(?:overview|summar\w+|status|at a glance|info\w*|how is my account|about my account)\b"
    r"|^\W*(?:(?:show|see|view|check|open|give me|tell me about|i want to see) )*(?:me )?(?:my )?"
    r"accounts?\W*$"
)
_OUT = re.compile(
    r"\b(?:i (?:pay|paid|spen[dt]|buy|bought)|did i (?:pay|spend|buy)|have i (?:paid|spent)|"
    r"spent|spend\w*|payments? (?:to|i made)|outgoing|expenses?|purchases?|go(?:ne)? out|went out|"
    r"taken|withdr\w+|debits?)\b"
)
_IN = re.compile(
    r"\b(?:received?|salary|wages?|income|incoming|deposits?|come in|came in|coming in|paid me|"
    r"get paid|credited|payday|earn\w*)\b"
)
_LAST = re.compile(
    rf"\b(?:last|latest|recent|past|newest|most recent|previous)\s+(?:{COUNT}\s+)?"
    r"(?:\w+\s+)?(?P<noun>transactions?|payments?|purchases?|deposits?|salary|debits?|movements?|"
    r"transfers?)\b"
)
_PARTY = re.compile(
    r"\b(?:to|from|at|with|on|for|by)\s+(?:the\s+|my\s+|our\s+)?(?P<party>[\w&'\u2019.-]+"
    r"(?:\s+(?!last|this|in|since|on|during|for|from|to|yesterday|today)[\w&'\u2019.-]+){0,2})"
)
_MINE = re.compile(
    r"\bmy (?:\w+ ){0,2}?(?:balances?|payments?|transactions?|invoices?|salary|plan|"
    r"subscription|e-?mail|phone|address|contact data)\b"
    r"|\b(?:e-?mail|phone|address|number)\b.*\b(?:for me|of mine|on file)\b"
    r"|\b(?:did|do|have) i (?:pay|paid|spen[dt]|owe|receive)\b"
)
_NO_PARTY = frozenset(
    "me my mine you your account accounts it that this last the a an all today yesterday week "
    "month year date now january february march april may june july august september october "
    "november december jan feb mar apr jun jul aug sep oct nov dec monday tuesday wednesday "
    "thursday friday saturday sunday statement file everything anything what which transactions "
    "payments time balance card each".split()
)
_KEYWORDS = ("rent", "groceries", "electricity", "insurance")
_ACCOUNT_NAME = re.compile(
    r"\b(?P<name>savings?|everyday|checking|current|joint|business|reserve|travel|holiday|"
    r"euro|dollar|premium|private|household)\b(?!\s+(?:rate|balance is))"
)


def read_account_request(
    message: str, *, is_about_balance: bool, period: Period, period_span: tuple[int, int]
) -> AccountRequest:
    """What a message about the visitor's account asks for.

    Args:
        message: what the visitor wrote.
        is_about_balance: the router took it for a question about the balance.
        period: the days that it names, if any.
        period_span: where it names them.
    """
    text = message[:MOST_CHARACTERS].replace("\u2019", "'")
    lowered = text.lower()
    change = _contact_change(text)
    if change is not None:
        return change
    unsupported = _unsupported(lowered)
    if unsupported is not None and not (is_about_balance and _BALANCE.search(lowered)):
        return unsupported
    return _question(lowered, is_about_balance, period, period_span)


def is_surely_account(message: str) -> bool:
    """Whether a message can only be about the visitor's account, however unsure its route is."""
    text = message[:MOST_CHARACTERS].replace("\u2019", "'")
    return _contact_change(text) is not None or _MINE.search(text.lower()) is not None


def _question(
    text: str, is_about_balance: bool, period: Period, span: tuple[int, int]
) -> AccountRequest:
    if _INVOICES.search(text):
        return AccountQuestion(tool="list_invoices", arguments=_invoice_filter(text))
    if _BALANCE.search(text):
        return AccountQuestion(tool="get_balance", arguments=_named_account(text))
    if _MOVEMENTS.search(text):
        return _movements(text, period, span)
    if _PROFILE.search(text):
        return AccountQuestion(tool="get_profile")
    if is_about_balance:
        return AccountQuestion(tool="get_balance", arguments=_named_account(text))
    if _OVERVIEW.search(text):
        return AccountQuestion(tool="get_account_overview")
    return Unsupported.OTHER


def _unsupported(text: str) -> Unsupported | None:
    for kind, pattern in _UNSUPPORTED:
        if re.search(pattern, text):
            return kind
    return None


def _contact_change(text: str) -> ContactChange | None:
    lowered = text.lower()
    if not _CHANGE.search(lowered) or re.match(r"^\W*(?:what|which|when|how)\b", lowered):
        return None
    email = _EMAIL.search(text)
    wanted = next((name for name, words in _CONTACT.items() if words.search(lowered)), "")
    if email:
        return ContactChange(values={"email": email.group().rstrip(".!?")}, wanted="email")
    phone = _PHONE.search(text)
    if phone and wanted == "phone":
        return ContactChange(values={"phone": phone.group()}, wanted="phone")
    if wanted == "address" and (address := _NEW_ADDRESS.search(text)):
        return ContactChange(values={"address": read_address(address["address"])}, wanted=wanted)
    if wanted or re.search(r"\bcontact (?:details|data|info\w*)\b", lowered):
        return ContactChange(values={}, wanted=wanted)
    return None


def read_contact(message: str, wanted: str) -> str:
    """The new value that answers the question for it; empty if the message holds none."""
    text = message[:MOST_CHARACTERS].strip()
    match wanted:
        case "email":
            found = _EMAIL.search(text)
            return found.group().rstrip(".!?") if found else ""
        case "phone":
            found = _PHONE.search(text)
            return found.group() if found else ""
        case _:
            return read_address(text) if re.search(r"\d", text) and len(text) > 7 else ""


def read_address(text: str) -> str:
    """A postal address in one line."""
    return plain_text(text, 200).rstrip(" .!?")


def _invoice_filter(text: str) -> JsonObject:
    if re.search(r"\b(?:overdue|past due|late)\b", text):
        return {"status": "overdue"}
    if re.search(r"\b(?:open|unpaid|outstanding|owe|owing|due|still|to pay|pending)\b", text):
        return {"status": "open"}
    if re.search(r"\b(?:paid|settled)\b", text):
        return {"status": "paid"}
    return {}


def _named_account(text: str) -> JsonObject:
    found = _ACCOUNT_NAME.search(text)
    return {"account": found.group("name")} if found else {}


def _movements(text: str, period: Period, span: tuple[int, int]) -> AccountQuestion:
    since, until = period
    last = _LAST.search(text)
    arguments: dict[str, object] = {}
    if since or until:
        arguments["since"] = since.isoformat() if since else None
        arguments["until"] = until.isoformat() if until else None
    if _OUT.search(text):
        arguments["direction"] = "out"
    elif _IN.search(text):
        arguments["direction"] = "in"
    arguments["text"] = _party(text, span)
    arguments["limit"] = _limit(last)
    return AccountQuestion(
        tool="list_transactions",
        arguments={name: value for name, value in arguments.items() if value},
    )


def _limit(last: re.Match[str] | None) -> int | None:
    """`last three payments`; `my last payment` is one."""
    if last is None:
        return None
    if last.group("count"):
        return min(max(read_count(last.group("count")), 1), MOST_LISTED)
    return None if last.group("noun").endswith("s") else 1


def _party(text: str, span: tuple[int, int]) -> str:
    for word in _KEYWORDS:
        if re.search(rf"\b{word}\b", text):
            return word
    for match in _PARTY.finditer(text):
        start = match.start("party")
        if span[0] <= start < span[1]:
            continue
        words = match.group("party").split()
        if words[0] not in _NO_PARTY and not words[0][0].isdigit():
            end = next((index for index, word in enumerate(words) if word in _NO_PARTY), len(words))
            return " ".join(words[:end]).strip(".?!'")[:80]
    return ""
