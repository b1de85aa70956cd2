"""Owns what the newsroom's pages share: services, and a briefing with all that belongs to it.

Texts of feeds are data: they reach a page escaped, or through the site's own safe Markdown.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import PurePath
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import HTMLResponse

from assistant.core.caller import StaffMember
from assistant.core.errors import NotFound
from assistant.core.links import web_address
from assistant.review.newsroom_diff import grouped
from assistant.review.services import Pages, templates
from assistant.site.markdown import body_html
from assistant.site.pagination import page_number
from assistant.site.presentation import counted, site_of
from indexing.briefings import BriefingStatus, Category
from indexing.curation_store import CurationEntry, KeptBriefing, SqlCuration
from indexing.differing import quoted_differences
from indexing.drafts import CurationDesk
from indexing.errors import FeedFileInvalid
from indexing.feed_list import Trust
from indexing.feed_store import KeptItem, SqlFeeds
from indexing.feed_watch import FeedWatch
from indexing.story_store import revised_id, revision_id

NEWSROOM = "/review/newsroom"
PAGE_SIZE = 30
_EXCERPT_WORDS = 60
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")


@dataclass(frozen=True, kw_only=True)
class NewsroomServices:
    """What the newsroom needs."""

    curation: SqlCuration
    items: SqlFeeds
    watch: FeedWatch
    clock: Callable[[], datetime]


@dataclass(frozen=True, kw_only=True)
class Report:
    """What one publisher reported."""

    source: str
    title: str
    url: str
    """Of the web; empty: none that may become a link."""
    at: datetime
    license: str
    trust: Trust | None
    """None: the feed is no longer listed."""
    excerpt: str
    text_html: str
    """Safe HTML of all that was kept; empty: the excerpt is all."""


@dataclass(frozen=True, kw_only=True)
class Dossier:
    """A draft or briefing with all that belongs to it."""

    kept: KeptBriefing
    html: str
    """Its body as readers see it."""
    reports: tuple[Report, ...]
    differences: tuple[str, ...]
    log: tuple[CurationEntry, ...]

    @property
    def last(self) -> CurationEntry | None:
        """What was done with it last."""
        return self.log[0] if self.log else None


class NewsroomPages:
    """Renders the newsroom's pages for the member who is signed in.

    Args:
        pages: of the console.
        services: what the pages show.
    """

    def __init__(self, pages: Pages, services: NewsroomServices) -> None:
        self.services = services
        self.member = pages.member
        self._templates = templates(services.clock)
        self._templates.env.filters |= {
            "base_id": lambda briefing_id: revised_id(briefing_id) or briefing_id,
            "groups": grouped,
            "site_of": site_of,
            "until": lambda at: until(at, services.clock()),
            "web_address": web_address,
        }

    def desk(self, staff: StaffMember) -> CurationDesk:
        """Where this member decides."""
        return CurationDesk(curation=self.services.curation, by=staff.name or staff.staff_id)

    async def render(
        self,
        request: Request,
        name: str,
        staff: StaffMember,
        *,
        status_code: int = 200,
        **context: object,
    ) -> HTMLResponse:
        """A page of the newsroom, with the number of drafts that wait."""
        drafts = await self.services.curation.draft_count()
        return self._templates.TemplateResponse(
            request,
            f"newsroom_{name}.html",
            {"staff": staff, "draft_count": drafts, **context},
            status_code=status_code,
            headers={"Cache-Control": "no-store"},
        )

    async def dossier(self, kept: KeptBriefing) -> Dossier:
        """All that belongs to a draft or briefing."""
        briefing = kept.briefing
        base = revised_id(briefing.id) or briefing.id
        trusts = self._trusts()
        told = await self.services.items.told_by(base)
        return Dossier(
            kept=kept,
            html=body_html(briefing.body),
            reports=tuple(_report(item, trusts) for item in reversed(told)),
            differences=quoted_differences(briefing.body),
            log=await self.services.curation.log([base, revision_id(base)]),
        )

    async def decided(self, briefing_id: str) -> CurationEntry | None:
        """What was done last with a draft or briefing."""
        base = revised_id(briefing_id) or briefing_id
        log = await self.services.curation.log([base, revision_id(base)])
        return log[0] if log else None

    def list_name(self) -> str:
        """What the list of feeds is called."""
        return PurePath(self.services.watch.settings.feed_list).name

    def _trusts(self) -> dict[str, Trust]:
        try:
            return {feed.url: feed.trust for feed in self.services.watch.listed()}
        except FeedFileInvalid:
            return {}


def address_of(kept: KeptBriefing) -> str:
    """The page of a draft or briefing."""
    folder = "drafts" if kept.briefing.status is BriefingStatus.DRAFT else "briefings"
    return f"{NEWSROOM}/{folder}/{quote(kept.briefing.id, safe='')}"


def no_such_briefing() -> NotFound:
    """The error of an id that nothing has."""
    return NotFound("There is no such draft or briefing.", remedy="The newsroom lists them all.")


def category_of(text: str) -> str | None:
    """The category of an address; none, if it is none."""
    return text if text in list(Category) else None


def age(day: date, today: date) -> str:
    """How old news is."""
    days = (today - day).days
    if days <= 0:
        return "today"
    return "yesterday" if days == 1 else f"{days} days ago"


def until(at: datetime, now: datetime) -> str:
    """How long it takes until then, in its largest unit."""
    minutes = math.ceil(max(0.0, (at - now).total_seconds()) / 60)
    for size, unit in ((1440, "day"), (60, "hour")):
        if minutes >= size:
            return f"in {counted(round(minutes / size), unit)}"
    return f"in {counted(minutes, 'minute')}" if minutes else "now"


def page_of(text: str) -> int:
    """The number of a page in an address; what is none is the first."""
    return page_number(text) or 1


def publishers(kept: KeptBriefing) -> Sequence[str]:
    """Names of its sources, each once."""
    return list(dict.fromkeys(source.name for source in kept.briefing.sources))


def _report(item: KeptItem, trusts: dict[str, Trust]) -> Report:
    text = item.text or item.summary
    words = _ESCAPED.sub(r"\1", item.summary or item.text).split()
    is_cut = len(words) > _EXCERPT_WORDS
    return Report(
        source=item.source,
        title=item.title,
        url=web_address(item.url),
        at=item.moment,
        license=item.license,
        trust=trusts.get(item.feed_url),
        excerpt=" ".join(words[:_EXCERPT_WORDS]) + (" …" if is_cut else ""),
        text_html=body_html(text) if is_cut or text != item.summary else "",
    )
