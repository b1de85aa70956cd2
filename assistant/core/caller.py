"""Owns the Caller: who speaks. Made once at the edge from verified tokens, then passed down."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class AnonymousVisitor:
    """A visitor who holds a signed visitor token and nothing more."""

    visitor_id: str


@dataclass(frozen=True, kw_only=True)
class VerifiedCustomer:
    """A visitor whom the host page's signed token names as its customer."""

    visitor_id: str
    customer_id: str
    """The host's own id of the customer: the verified `sub` claim."""
    name: str = ""
    """For greeting only; never used to look anything up."""


@dataclass(frozen=True, kw_only=True)
class StaffMember:
    """Someone signed in to the review console."""

    staff_id: str
    name: str


Caller = AnonymousVisitor | VerifiedCustomer | StaffMember
