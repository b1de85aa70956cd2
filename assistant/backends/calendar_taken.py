"""Owns what stands in the way of a team's meetings, and from where one looks at it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from assistant.backends.calendar import Host


@dataclass(frozen=True, kw_only=True)
class View:
    """From where a schedule is looked at."""

    now: datetime
    host_id: str | None
    ignoring: str | None
    holder: str | None


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What stands in the way of a team in a period, whoever looks at it."""

    hosts: tuple[Host, ...]
    holidays: Mapping[str, frozenset[date]]
    claimed: Mapping[str, frozenset[datetime]]
    held: tuple[tuple[str, datetime, str, datetime], ...]
    """Host, granule, holder, and until when it is held."""

    def held_at(self, host_id: str, view: View) -> frozenset[datetime]:
        """Granules of a host that somebody else holds now."""
        return frozenset(
            start
            for host, start, holder, until in self.held
            if host == host_id and holder != view.holder and until > view.now
        )
