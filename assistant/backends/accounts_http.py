"""Owns `HttpAccounts`: customers' accounts in the company's own REST service, by a mapping file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import httpx
import structlog

from assistant.backends.accounts import (
    Account,
    Accounts,
    ContactChanges,
    Invoice,
    InvoiceFilter,
    Overview,
    Plan,
    Profile,
    Transaction,
    TransactionFilter,
    TransactionPage,
    matches_status,
    page_of,
    status_of,
)
from assistant.backends.accounts_mapping import (
    AccountsMapping,
    Lists,
    TransactionLists,
    fill_path,
)
from assistant.backends.errors import BackendUnavailable
from assistant.backends.json_fields import (
    UnreadableAnswer,
    pick,
    read_day,
    read_list,
    read_money,
    read_name,
    read_optional_day,
    read_text,
)
from assistant.backends.json_service import JsonService
from assistant.core.errors import ToolFailed
from assistant.core.money import Money

log = structlog.get_logger(__name__)


def open_accounts(
    mapping: AccountsMapping, transport: httpx.AsyncBaseTransport | None = None
) -> HttpAccounts:
    """The accounts of a mapping file.

    Args:
        mapping: the file.
        transport: None connects over the network.

    Raises:
        MappingInvalid: the secret is not in the environment.
    """
    client = httpx.AsyncClient(
        base_url=mapping.base_url,
        headers={"Accept": "application/json", **mapping.headers()},
        timeout=mapping.timeout_s,
        transport=transport,
    )
    return HttpAccounts(JsonService(client, attempts=mapping.attempts), mapping)


class HttpAccounts(Accounts):
    """`Accounts` behind HTTP.

    Args:
        service: where they are.
        mapping: how to ask, and what the answers mean.
    """

    def __init__(self, service: JsonService, mapping: AccountsMapping) -> None:
        self._service = service
        self._mapping = mapping

    def for_turn(self) -> HttpAccounts:
        """The same accounts for one turn, in which nothing is read twice."""
        return HttpAccounts(self._service.for_turn(), self._mapping)

    async def close(self) -> None:
        """Close the connections."""
        await self._service.close()

    async def overview(self, customer_id: str, today: date) -> Overview:
        """Profile, accounts and unpaid invoices."""
        unpaid = await self.invoices(customer_id, today, "open")
        return Overview(
            profile=await self.profile(customer_id),
            accounts=await self.balances(customer_id),
            unpaid=tuple(sorted(unpaid, key=lambda invoice: invoice.due_on)),
        )

    async def balances(self, customer_id: str) -> tuple[Account, ...]:
        """Every account with its balance, in the service's order."""
        entries = await self._entries(self._mapping.accounts, customer_id, {})
        with _reading("accounts"):
            return tuple(self._account(entry) for entry in entries)

    async def transactions(self, customer_id: str, wanted: TransactionFilter) -> TransactionPage:
        """The newest matching transactions and the sums of all that match."""
        where = self._mapping.transactions
        days = {where.since_parameter: wanted.since, where.until_parameter: wanted.until}
        parameters = {name: day.isoformat() for name, day in days.items() if name and day}
        entries = await self._entries(where, customer_id, parameters)
        with _reading("transactions"):
            every = [self._transaction(entry, where) for entry in entries]
        # The service may know nothing of our filters: what it sent is chosen from here.
        return page_of(every, wanted)

    async def invoices(
        self, customer_id: str, today: date, status: InvoiceFilter | None = None
    ) -> tuple[Invoice, ...]:
        """Invoices by date of issue, newest first."""
        entries = await self._entries(self._mapping.invoices, customer_id, {})
        with _reading("invoices"):
            every = [self._invoice(entry, today) for entry in entries]
        found = (invoice for invoice in every if matches_status(invoice, status))
        return tuple(sorted(found, key=lambda each: (each.issued_on, each.number), reverse=True))

    async def profile(self, customer_id: str) -> Profile:
        """Contact data and plan."""
        path = fill_path(self._mapping.profile.path, customer_id)
        document = await self._service.get(path)
        with _reading("profile"):
            return self._profile(document)

    async def update_contact(
        self, customer_id: str, changes: ContactChanges, *, idempotency_key: str, now: datetime
    ) -> Profile:
        """Change contact data; the service does it once for each key."""
        if not idempotency_key:
            raise ValueError("a write needs an idempotency key")
        where = self._mapping.update_contact
        given = {field: new for field, new in asdict(changes).items() if new is not None}
        await self._service.send(
            where.method,
            fill_path(where.path, customer_id),
            _nest({where.fields[field]: new for field, new in given.items()}),
            # Two customers may use the same key, and a service may keep keys for all of them.
            {where.idempotency_header: f"{customer_id}:{idempotency_key}"},
        )
        return await self.profile(customer_id)

    async def _entries(
        self, where: Lists, customer_id: str, parameters: Mapping[str, str]
    ) -> list[Any]:
        """A whole list, over all its pages."""
        path, asked = fill_path(where.path, customer_id), dict(parameters)
        entries: list[Any] = []
        while True:
            document = await self._service.get(path, asked)
            with _reading(path):
                entries += read_list(document, where.items)
                following = read_text(document, where.next_page.field) if where.next_page else ""
            if not following or where.next_page is None:
                return entries
            if len(entries) >= self._mapping.most_entries:
                raise ToolFailed(
                    "That is more than I can add up.", remedy="Ask for a shorter time."
                )
            if where.next_page.parameter:
                asked[where.next_page.parameter] = following
            else:
                path, asked = self._same_service(following), {}

    def _same_service(self, address: str) -> str:
        """The address of a next page: it may not lead, with our secret, to somebody else."""
        base = httpx.URL(self._mapping.base_url)
        wanted = base.join(address)
        if (wanted.scheme, wanted.host, wanted.port) != (base.scheme, base.host, base.port):
            log.error("backend leads elsewhere", host=wanted.host)
            raise _unreadable()
        return str(wanted)

    def _money(self, entry: object, fields: Mapping[str, str], amount: str, currency: str) -> Money:
        return read_money(entry, fields[amount], fields[currency], self._mapping.amounts)

    def _account(self, entry: object) -> Account:
        fields = self._mapping.accounts.fields
        return Account(
            id=read_name(entry, fields["id"]),
            name=read_name(entry, fields["name"]),
            number=read_text(entry, fields["number"]),
            balance=self._money(entry, fields, "balance.amount", "balance.currency"),
            available=self._money(entry, fields, "available.amount", "available.currency"),
        )

    def _transaction(self, entry: object, where: TransactionLists) -> Transaction:
        fields = where.fields
        amount = self._money(entry, fields, "amount", "currency")
        if where.outgoing is not None:
            is_out = read_text(entry, where.outgoing.field) in where.outgoing.equals
            unsigned = abs(amount).amount
            amount = Money(amount=unsigned * Decimal(-1 if is_out else 1), currency=amount.currency)
        return Transaction(
            id=read_name(entry, fields["id"]),
            account_name=read_text(entry, fields["account_name"]),
            day=read_day(entry, fields["day"]),
            counterparty=read_text(entry, fields["counterparty"]),
            description=read_text(entry, fields["description"]),
            amount=amount,
        )

    def _invoice(self, entry: object, today: date) -> Invoice:
        fields = self._mapping.invoices.fields
        due_on = read_day(entry, fields["due_on"])
        paid_on = read_optional_day(entry, fields["paid_on"])
        return Invoice(
            number=read_name(entry, fields["number"]),
            description=read_text(entry, fields["description"]),
            amount=self._money(entry, fields, "amount", "currency"),
            issued_on=read_day(entry, fields["issued_on"]),
            due_on=due_on,
            paid_on=paid_on,
            status=status_of(due_on, paid_on, today),
        )

    def _profile(self, document: object) -> Profile:
        fields = self._mapping.profile.fields
        period = self._mapping.profile.periods.get(read_text(document, fields["plan.period"]))
        if period is None:
            raise UnreadableAnswer(f"{fields['plan.period']} is no known period")
        return Profile(
            name=read_name(document, fields["name"]),
            email=read_text(document, fields["email"]),
            phone=read_text(document, fields["phone"]),
            address=read_text(document, fields["address"]),
            customer_since=read_day(document, fields["customer_since"]),
            plan=Plan(
                name=read_name(document, fields["plan.name"]),
                price=self._money(document, fields, "plan.price.amount", "plan.price.currency"),
                period=period,
                renews_on=read_day(document, fields["plan.renews_on"]),
                features=tuple(map(str, pick(document, fields["plan.features"]) or ())),
            ),
        )


@contextmanager
def _reading(what: str) -> Iterator[None]:
    """Turn an answer that is not as the mapping says into a backend that can't be used."""
    try:
        yield
    except UnreadableAnswer as error:
        log.error("backend answered something else", what=what, problem=str(error))
        raise _unreadable() from error


def _unreadable() -> BackendUnavailable:
    return BackendUnavailable(
        "The account service answered something I can't read.", remedy="Talk to our support team."
    )


def _nest(values: Mapping[str, str]) -> dict[str, Any]:
    """Values at their paths: `{"contact.email": x}` becomes `{"contact": {"email": x}}`."""
    body: dict[str, Any] = {}
    for path, value in values.items():
        *way, last = path.split(".")
        place = body
        for step in way:
            place = place.setdefault(step, {})
        place[last] = value
    return body
