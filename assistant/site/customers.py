"""Owns the customers that a visitor of the demo site can sign in as: those of the demo accounts."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.backends.demo_accounts import DemoCustomer, demo_customers


@dataclass(frozen=True, kw_only=True)
class SiteCustomer:
    """A customer as the site knows them."""

    id: str
    """The `sub` of the identity token; the accounts are filed under it."""
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


def site_customers() -> tuple[SiteCustomer, ...]:
    """The demo accounts' customers."""
    return tuple(
        SiteCustomer(id=each.id, name=each.name, about=_about(each)) for each in demo_customers()
    )


def _about(customer: DemoCustomer) -> str:
    names = [account.name for account in customer.accounts]
    listed = " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
    currencies = ", ".join(dict.fromkeys(account.currency for account in customer.accounts))
    since = customer.customer_since.year
    return f"{customer.plan} plan, customer since {since}. Accounts: {listed} ({currencies})."
