"""Owns the demo customers that a visitor of the demo site can sign in as."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class DemoCustomer:
    """A customer who exists for the demo."""

    id: str
    """The `sub` of the identity token; the demo accounts are filed under it."""
    name: str
    about: str
    """One line for the sign-in page."""

    @property
    def first_name(self) -> str:
        """How the site greets."""
        return self.name.split()[0]

    @property
    def initials(self) -> str:
        """For the round badge beside the name."""
        return "".join(part[0] for part in self.name.split()[:2]).upper()


DEMO_CUSTOMERS = (
    DemoCustomer(
        id="cust-ada", name="Ada Keller", about="Runs a design studio: several accounts, invoices."
    ),
    DemoCustomer(
        id="cust-ben", name="Ben Ortiz", about="A private customer with everyday spending."
    ),
    DemoCustomer(
        id="cust-chloe", name="Chloe Martin", about="New here: a first account, little history."
    ),
)
