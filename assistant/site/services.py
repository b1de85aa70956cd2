"""Owns what the site's pages need from the rest: a port to the briefings, search, and settings."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from assistant.site.customers import SiteCustomer, site_customers
from indexing.briefings import Briefing, Category, Section, Sentiment


class BriefingPage(Protocol):
    """One page of a list of briefings, newest first."""

    @property
    def items(self) -> Sequence[Briefing]:
        """The briefings of this page."""
        ...

    @property
    def total(self) -> int:
        """How many briefings the whole list has."""
        ...


class SiteBriefings(Protocol):
    """The published briefings and how often they were viewed.

    `indexing.repository.SqlBriefings` is one; the tests have one in memory.
    """

    async def page(
        self,
        *,
        category: Category | None = None,
        section: Section | None = None,
        sentiment: Sentiment | None = None,
        query: str | None = None,
        offset: int = 0,
        limit: int = 20,
    ) -> BriefingPage:
        """A slice of the briefings that fit all filters, newest first."""
        ...

    async def by_slug(self, slug: str) -> Briefing | None:
        """The published briefing at an address."""
        ...

    async def latest(self, limit: int) -> Sequence[Briefing]:
        """The newest briefings."""
        ...

    async def most_viewed(self, limit: int) -> Sequence[Briefing]:
        """The briefings that were viewed most, most viewed first."""
        ...

    async def record_view(self, briefing_id: str) -> object:
        """Count one view."""
        ...

    async def views(self, briefing_ids: Sequence[str]) -> Mapping[str, int]:
        """Views by briefing id; a missing id was never viewed."""
        ...

    async def counts_by_category(self) -> Mapping[str, int]:
        """Number of published briefings by category."""
        ...


Search = Callable[[str, int], Awaitable[Sequence[tuple[Briefing, str]]]]
"""Text and limit to briefings, best first, each with a plain-text snippet that shows why."""


@dataclass(frozen=True, kw_only=True)
class SiteServices:
    """What the site is made from; the composition root fills it in."""

    briefings: SiteBriefings
    clock: Callable[[], datetime]
    """The time, in UTC."""
    base_url: str
    """Public address of the site without a slash at the end; canonical links begin with it."""
    session_secret: str
    """Signs the site's own cookies; at least 32 bytes."""
    identity_secret: str
    """Shared with Heidi: signs the tokens that tell her who is signed in."""
    identity_issuer: str = "demo-site"
    """The `iss` of those tokens; Heidi accepts one issuer only."""
    search: Search | None = None
    """Ranked search; without it the briefings' own text filter answers."""
    customers: tuple[SiteCustomer, ...] = field(default_factory=site_customers)
    """Who can sign in; nobody turns demo sign-in off."""
