"""Owns whom a visitor means: a team or a member of it, by id or by part of the name."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.backends.calendar import Calendar, Host, Team
from assistant.core.errors import InvalidInput
from assistant.core.phrasing import join_words, plain_text

NAME_LENGTH = 60


async def find_people(
    calendar: Calendar, team_name: str | None, host_name: str | None
) -> tuple[Team, Host | None]:
    """The team and, if one was named, the host.

    Raises:
        InvalidInput: nobody was named, or nobody has this name; says who there is.
    """
    teams = await calendar.teams()
    if team_name is not None:
        team = _team_called(teams, team_name)
        return team, await _host_called(calendar, (team,), host_name) if host_name else None
    if host_name is None:
        raise InvalidInput("Whom to meet is missing.", field="team", remedy=_offer(teams))
    host = await _host_called(calendar, teams, host_name)
    return next(team for team in teams if team.id == host.team_id), host


def _team_called(teams: Sequence[Team], name: str) -> Team:
    wanted = name.strip().casefold().removesuffix(" team")
    for team in teams:
        if wanted in (team.id.casefold(), team.name.casefold()):
            return team
    raise InvalidInput(
        f"There is no team called {plain_text(name, NAME_LENGTH)}.",
        field="team",
        remedy=_offer(teams),
    )


async def _host_called(calendar: Calendar, teams: Sequence[Team], name: str) -> Host:
    wanted = name.strip().casefold()
    hosts = [host for team in teams for host in await calendar.hosts(team.id)]
    for host in hosts:
        if wanted in (host.id.casefold(), host.name.casefold(), *host.name.casefold().split()):
            return host
    raise InvalidInput(
        f"Nobody here is called {plain_text(name, NAME_LENGTH)}.",
        field="host",
        remedy=f"There are {join_words([host.name for host in hosts])}.",
    )


def _offer(teams: Sequence[Team]) -> str:
    names = join_words([team.name.lower() for team in teams], last="or")
    return f"Choose {names}."
