"""Owns the mapping file: how a company's own account service is asked, and what its JSON means.

docs/backends.md describes the file; docs/examples has one that runs. Does not ask anything
(`json_service.py`, `accounts_http.py`).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar
from urllib.parse import quote

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from assistant.backends.errors import CustomerNotFound
from assistant.backends.json_fields import AmountUnit

PROFILE_FIELDS = frozenset(
    {
        "name",
        "email",
        "phone",
        "address",
        "customer_since",
        "plan.name",
        "plan.price.amount",
        "plan.price.currency",
        "plan.period",
        "plan.renews_on",
        "plan.features",
    }
)
ACCOUNT_FIELDS = frozenset(
    {
        "id",
        "name",
        "number",
        "balance.amount",
        "balance.currency",
        "available.amount",
        "available.currency",
    }
)
TRANSACTION_FIELDS = frozenset(
    {"id", "account_name", "day", "counterparty", "description", "amount", "currency"}
)
INVOICE_FIELDS = frozenset(
    {"number", "description", "amount", "currency", "issued_on", "due_on", "paid_on"}
)
CONTACT_FIELDS = frozenset({"email", "phone", "address"})


Model = TypeVar("Model", bound="Part")


class MappingInvalid(Exception):
    """The mapping file can't be used; says where and why."""


def _check_path(path: str) -> str:
    if not path.startswith("/") or "{customer_id}" not in path:
        raise ValueError("a path begins with / and holds {customer_id}")
    return path


CustomerPath = Annotated[str, AfterValidator(_check_path)]


class Part(BaseModel):
    """Base of the parts: unknown keys are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Auth(Part):
    """The header that tells the service who asks; the secret stays in the environment."""

    header: str = "Authorization"
    prefix: str = "Bearer "
    env: str
    """Name of the variable with the secret."""


class NextPage(Part):
    """How a long list goes on."""

    field: str
    """Path of what leads to the next page; empty or missing on the last one."""
    parameter: str = ""
    """Query parameter that takes it; without one it is a path or address of the same service."""


class Outgoing(Part):
    """How a service without signs tells that money went out."""

    field: str
    equals: tuple[str, ...]


class Profiles(Part):
    """Where profiles are, and what they hold."""

    path: CustomerPath
    fields: dict[str, str]
    periods: dict[str, Literal["month", "year"]] = {"month": "month", "year": "year"}
    """What the service calls a month and a year."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        return _with_fields(self, self.fields, PROFILE_FIELDS)


class Lists(Part):
    """Where a list is, and what its entries hold."""

    path: CustomerPath
    items: str = ""
    """Path of the list in the answer; empty: the answer is the list."""
    next_page: NextPage | None = None
    fields: dict[str, str]


class AccountLists(Lists):
    """A customer's accounts."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        return _with_fields(self, self.fields, ACCOUNT_FIELDS)


class TransactionLists(Lists):
    """A customer's transactions."""

    since_parameter: str = ""
    """Query parameter of the first day; without one all are read, and chosen here."""
    until_parameter: str = ""
    outgoing: Outgoing | None = None
    """None: amounts that went out are negative."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        return _with_fields(self, self.fields, TRANSACTION_FIELDS)


class InvoiceLists(Lists):
    """A customer's invoices."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        return _with_fields(self, self.fields, INVOICE_FIELDS)


class ContactUpdate(Part):
    """How contact data is changed."""

    method: Literal["PATCH", "PUT", "POST"] = "PATCH"
    path: CustomerPath
    idempotency_header: str = "Idempotency-Key"
    """The service must do a request with a key that it has seen before only once."""
    fields: dict[str, str]
    """Where each new value goes in the body."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        return _with_fields(self, self.fields, CONTACT_FIELDS)


class AccountsMapping(Part):
    """The whole file."""

    base_url: Annotated[str, Field(pattern=r"^https?://[^/?#\s]+[^?#\s]*$")]
    auth: Auth | None = None
    timeout_s: float = Field(default=3.0, gt=0, le=30)
    attempts: int = Field(default=3, ge=1, le=5)
    """Of a read; a write is tried once."""
    amounts: AmountUnit = "major"
    most_entries: int = Field(default=5_000, ge=1)
    """Of a list, over all its pages."""
    profile: Profiles
    accounts: AccountLists
    transactions: TransactionLists
    invoices: InvoiceLists
    update_contact: ContactUpdate

    def headers(self, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
        """What every request carries.

        Raises:
            MappingInvalid: the secret is not in the environment.
        """
        if self.auth is None:
            return {}
        secret = environment.get(self.auth.env, "")
        if not secret:
            raise MappingInvalid(f"the environment variable {self.auth.env} is not set")
        return {self.auth.header: f"{self.auth.prefix}{secret}"}


def load_mapping(path: Path) -> AccountsMapping:
    """Read a mapping file.

    Raises:
        MappingInvalid: it is missing, no YAML, or not as docs/backends.md describes.
    """
    try:
        return AccountsMapping.model_validate(yaml.safe_load(path.read_text("utf-8")))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise MappingInvalid(f"{path}: {error}") from error


def fill_path(path: str, customer_id: str) -> str:
    """A path for one customer; their id can't leave its place in it.

    Raises:
        CustomerNotFound: the id means a folder, not a customer.
    """
    if customer_id in ("", ".", ".."):
        raise CustomerNotFound("I can't find an account for your sign-in.")
    return path.replace("{customer_id}", quote(customer_id, safe=""))


def _with_fields(part: Model, fields: Mapping[str, str], wanted: frozenset[str]) -> Model:
    missing, unknown = wanted - fields.keys(), fields.keys() - wanted
    if missing or unknown:
        raise ValueError(f"fields: missing {sorted(missing)}, unknown {sorted(unknown)}")
    return part
