"""Owns the address of the console's list: its filters, read and written into links. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, cast
from urllib.parse import urlencode

from assistant.core.errors import InvalidInput
from assistant.store.review_queries import SORTS, STATUSES, ListFilter, Sort

FIELDS = (
    "q",
    "status",
    "outcome",
    "feedback",
    "label",
    "agent",
    "from",
    "to",
    "who",
    "ids",
    "sort",
)
"""Names in the address, in the order in which links have them; `after` and `before` are pages."""
MAX_FIELD_CHARACTERS = 200
MAX_IDS = 40
"""Conversations that an address may name one by one."""
_MAX_IDS_CHARACTERS = MAX_IDS * 41


@dataclass(frozen=True, kw_only=True)
class ListAddress:
    """What the address asks for, as it was written."""

    fields: Mapping[str, str]
    """Those that hold something."""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> ListAddress:
        """From a request's query.

        Raises:
            InvalidInput: a field is too long.
        """
        read = {name: query.get(name, "").strip() for name in FIELDS}
        for name, value in read.items():
            most = _MAX_IDS_CHARACTERS if name == "ids" else MAX_FIELD_CHARACTERS
            if len(value) > most:
                raise InvalidInput(
                    f"A search or filter has at most {most} characters.",
                    field=name,
                    remedy="Go back and shorten it.",
                )
        return cls(fields={name: value for name, value in read.items() if value})

    def get(self, name: str) -> str:
        """A field; empty if it is not there."""
        return self.fields.get(name, "")

    @property
    def sort(self) -> Sort:
        """The order; the newest first unless another one is named."""
        named = self.get("sort")
        return named if named in SORTS else "newest"

    @property
    def is_filtered(self) -> bool:
        """Whether not everything is asked for."""
        return bool(set(self.fields) - {"sort"})

    @property
    def has_more(self) -> bool:
        """Whether a field is in use that the page shows only on demand."""
        return bool(set(self.fields) - {"q", "status", "ids"})

    @property
    def ids(self) -> tuple[str, ...]:
        """Conversations that are named one by one, as a page that counts them does."""
        return tuple(each for each in self.get("ids").split(",") if each)[:MAX_IDS]

    @property
    def mistakes(self) -> tuple[str, ...]:
        """What can't be used and is left out, in words."""
        return tuple(
            f"“{self.get(name)}” is no date; write it as 2026-11-24."
            for name in ("from", "to")
            if self.get(name) and day_of(self.get(name)) is None
        )

    def as_filter(self) -> ListFilter:
        """What the store is asked."""
        status, who = self.get("status"), self.get("who")
        return ListFilter(
            search=self.get("q"),
            status=status if status in STATUSES else None,
            outcome=self.get("outcome"),
            feedback=self.get("feedback"),
            label=self.get("label"),
            agent=self.get("agent"),
            since=_start_of(self.get("from"), days=0),
            until=_start_of(self.get("to"), days=1),
            who=cast(
                Literal["", "customer", "anonymous"],
                who if who in {"customer", "anonymous"} else "",
            ),
            ids=self.ids,
        )

    def link(self, path: str = "/review", **changes: str) -> str:
        """The list with some fields changed; empty ones are left out, and the pages begin anew."""
        wanted = {**self.fields, **changes}
        names = (*FIELDS, "after", "before")
        kept = {name: wanted[name] for name in names if wanted.get(name)}
        return f"{path}?{urlencode(kept)}" if kept else path


def day_of(text: str) -> date | None:
    """A day written as in ISO 8601; None if it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _start_of(text: str, *, days: int) -> datetime | None:
    """Midnight in UTC at the day's beginning, or at that of the day after."""
    day = day_of(text)
    if day is None:
        return None
    try:
        return datetime.combine(day + timedelta(days=days), time(), UTC)
    except OverflowError:
        return None
