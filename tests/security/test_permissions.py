"""The permission table: every endpoint, every kind of caller, and what each is answered.

A route that is missing here fails the test, and so does a row without a route.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace

import httpx
import pytest
from fastapi import FastAPI

from assistant.core.actions import ACTION_LIFETIME, Action
from assistant.core.toolbox import hash_arguments
from assistant.heidi import Heidi, utc_now
from assistant.http.tokens import VisitorClaims, VisitorTokens
from tests.security.site import API_KEY, PASSWORD, client_of, identity, open_site, routes_of

CALLERS = (
    "nobody",  # no credentials at all
    "stranger",  # holds the token of another conversation
    "forger",  # holds a token signed with another secret
    "visitor",  # owns the conversation, which is nobody's in particular
    "customer",  # owns the conversation and is signed in as its customer
    "signed-out",  # owns a customer's conversation and is not signed in any more
    "other-customer",  # owns it and is signed in as somebody else
    "worn-identity",  # owns it and comes with an expired identity token
    "replayer",  # is its customer, but comes with a visitor token that was rotated away
    "staff",  # is signed in to the review console
    "api-client",  # holds an API key
)

OF_A_CONVERSATION = {
    "nobody": 401,
    "stranger": 404,
    "forger": 401,
    "signed-out": 403,
    "other-customer": 403,
    "worn-identity": 401,
    "replayer": 401,
    "staff": 401,
    "api-client": 401,
}
"""Whoever does not own a conversation is told nothing of it, its existence included."""


def everybody(status: int) -> dict[str, int]:
    return dict.fromkeys(CALLERS, status)


def owner(status: int, *, visitor: int | None = None) -> dict[str, int]:
    allowed = {"visitor": status if visitor is None else visitor, "customer": status}
    return {**OF_A_CONVERSATION, **allowed}


def only(caller: str, status: int, *, others: int) -> dict[str, int]:
    return {**everybody(others), caller: status}


STAFF_ONLY = everybody(303)
"""Both end in a redirect: a member's to the page again, everybody else's to sign-in."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """What a route answers to each kind of caller."""

    allowed: Mapping[str, int]
    json: object = None
    form: Mapping[str, str] | None = None
    query: str = ""


C = "/v1/conversations/{conversation_id}"
R = "/review/conversations/{conversation_id}"
N = "/review/newsroom"
TABLE: dict[tuple[str, str], Row] = {
    # The chat API: a conversation is its owner's alone.
    ("POST", "/v1/conversations"): Row(allowed=everybody(201), json={}),
    ("GET", C): Row(allowed=owner(200)),
    ("GET", f"{C}/summary"): Row(allowed=owner(200)),
    ("POST", f"{C}/turns"): Row(
        allowed=owner(202), json={"message": "Hi", "client_turn_id": "again"}
    ),
    ("POST", f"{C}/turns/{{turn_id}}/cancel"): Row(allowed=owner(202)),
    ("POST", f"{C}/turns/{{turn_id}}/feedback"): Row(allowed=owner(204), json={"rating": "up"}),
    ("POST", f"{C}/actions/{{action_id}}"): Row(
        allowed=owner(202), json={"decision": "decline", "client_turn_id": "decided"}
    ),
    ("POST", f"{C}/identity"): Row(allowed=owner(200, visitor=403)),
    ("POST", f"{C}/resume"): Row(allowed=owner(200)),
    ("GET", f"{C}/events"): Row(allowed=owner(400), query="after=999999"),
    ("GET", f"{C}/meetings/{{meeting_id}}.ics"): Row(allowed=owner(404, visitor=403)),
    # Whoever holds an identity token may give it up, whatever else they hold.
    ("POST", "/v1/sign-out"): Row(
        allowed={
            **everybody(403),
            "customer": 204,
            "other-customer": 204,
            "replayer": 204,
            "worn-identity": 401,
        }
    ),
    # The OpenAI-compatible API: keys only, whatever else a caller holds.
    ("GET", "/v1/models"): Row(allowed=only("api-client", 200, others=401)),
    ("POST", "/v1/chat/completions"): Row(
        allowed=only("api-client", 200, others=401),
        json={"model": "heidi", "messages": [{"role": "user", "content": "Hi"}]},
    ),
    # Metrics are off here; with a token they are for whoever has it (tests/http/test_metrics.py).
    ("GET", "/metrics"): Row(allowed=everybody(404)),
    # For anybody.
    ("GET", "/v1/health"): Row(allowed=everybody(200)),
    ("GET", "/v1/ready"): Row(allowed=everybody(200)),
    ("GET", "/openapi.json"): Row(allowed=everybody(200)),
    ("GET", "/docs"): Row(allowed=everybody(200)),
    ("GET", "/docs/oauth2-redirect"): Row(allowed=everybody(200)),
    # The review console: staff only, whatever else a caller holds.
    ("GET", "/review/sign-in"): Row(allowed=everybody(200)),
    ("POST", "/review/sign-in"): Row(
        allowed=everybody(401), form={"email": "mira@example.org", "password": "wrong"}
    ),
    ("POST", "/review/sign-out"): Row(allowed=everybody(303)),
    ("GET", "/review/live"): Row(allowed=only("staff", 200, others=303)),
    ("GET", "/review/insights"): Row(allowed=only("staff", 200, others=303)),
    ("GET", "/review"): Row(allowed=only("staff", 200, others=303)),
    ("GET", R): Row(allowed=only("staff", 200, others=303)),
    ("POST", f"{R}/messages"): Row(allowed=only("staff", 303, others=303), form={"text": "Hello"}),
    ("POST", f"{R}/tickets/{{ticket_id}}/close"): Row(allowed=only("staff", 404, others=303)),
    ("GET", f"{R}/latest"): Row(allowed=only("staff", 200, others=303)),
    ("POST", f"{R}/take-over"): Row(allowed=STAFF_ONLY),
    ("POST", f"{R}/hand-back"): Row(allowed=STAFF_ONLY),
    ("POST", f"{R}/labels"): Row(allowed=STAFF_ONLY, form={"label": "wrong date"}),
    ("POST", f"{R}/labels/{{use_id}}/remove"): Row(allowed=only("staff", 404, others=303)),
    ("POST", f"{R}/notes"): Row(allowed=STAFF_ONLY, form={"text": "Call them back."}),
    ("POST", f"{R}/notes/{{note_id}}/delete"): Row(allowed=only("staff", 404, others=303)),
    ("GET", f"{R}/turns/{{turn_id}}/question"): Row(allowed=only("staff", 200, others=303)),
    ("POST", f"{R}/turns/{{turn_id}}/question"): Row(
        allowed=STAFF_ONLY, form={"kind": "news", "message": "Hi", "contains": "Hello"}
    ),
    ("GET", "/review/labels"): Row(allowed=only("staff", 200, others=303)),
    ("POST", "/review/labels/{label_id}/rename"): Row(
        allowed=only("staff", 404, others=303), form={"name": "late"}
    ),
    ("POST", "/review/labels/{label_id}/retire"): Row(allowed=only("staff", 404, others=303)),
    ("GET", "/review/questions"): Row(allowed=only("staff", 200, others=303)),
    ("GET", "/review/questions.jsonl"): Row(allowed=only("staff", 200, others=303)),
    ("GET", "/review/questions/{question_id}"): Row(allowed=only("staff", 404, others=303)),
    ("POST", "/review/questions/{question_id}"): Row(allowed=only("staff", 404, others=303)),
    ("POST", "/review/questions/{question_id}/delete"): Row(allowed=only("staff", 404, others=303)),
    ("GET", N): Row(allowed=only("staff", 200, others=303)),
    ("GET", f"{N}/drafts/{{draft_id}}"): Row(allowed=only("staff", 404, others=303)),
    ("POST", f"{N}/drafts/{{draft_id}}/publish"): Row(
        allowed=only("staff", 404, others=303), form={"version": "any"}
    ),
    ("POST", f"{N}/drafts/{{draft_id}}/reject"): Row(
        allowed=only("staff", 404, others=303), form={"version": "any"}
    ),
    ("GET", f"{N}/edit/{{briefing_id}}"): Row(allowed=only("staff", 404, others=303)),
    ("POST", f"{N}/edit/{{briefing_id}}"): Row(allowed=only("staff", 404, others=303)),
    ("POST", f"{N}/preview/{{briefing_id}}"): Row(allowed=only("staff", 404, others=303)),
    ("GET", f"{N}/briefings"): Row(allowed=only("staff", 200, others=303)),
    ("GET", f"{N}/briefings/{{briefing_id}}"): Row(allowed=only("staff", 404, others=303)),
    ("POST", f"{N}/briefings/{{briefing_id}}/withdraw"): Row(
        allowed=only("staff", 404, others=303), form={"version": "any"}
    ),
    ("POST", f"{N}/briefings/{{briefing_id}}/publish"): Row(
        allowed=only("staff", 404, others=303), form={"version": "any"}
    ),
    ("GET", f"{N}/feeds"): Row(allowed=only("staff", 200, others=303)),
    ("POST", f"{N}/feeds/fetch"): Row(allowed=STAFF_ONLY),
    ("GET", "/review/static/*"): Row(allowed=everybody(404)),
    # The site: public pages, and the demo's own sign-in.
    ("GET", "/"): Row(allowed=everybody(200)),
    ("GET", "/about"): Row(allowed=everybody(200)),
    ("GET", "/briefings"): Row(allowed=everybody(200)),
    ("GET", "/briefings/{slug}"): Row(allowed=everybody(404)),
    ("GET", "/category/{slug}"): Row(allowed=everybody(404)),
    ("GET", "/category/{slug}/feed.xml"): Row(allowed=everybody(404)),
    ("GET", "/art/{slug}.svg"): Row(allowed=everybody(404)),
    ("GET", "/search"): Row(allowed=everybody(200)),
    ("GET", "/feed.xml"): Row(allowed=everybody(200)),
    ("GET", "/sitemap.xml"): Row(allowed=everybody(200)),
    ("GET", "/robots.txt"): Row(allowed=everybody(200)),
    ("GET", "/static/*"): Row(allowed=everybody(404)),
    ("GET", "/widget/*"): Row(allowed=everybody(404)),
    ("GET", "/sign-in"): Row(allowed=everybody(200)),
    ("POST", "/sign-in"): Row(allowed=everybody(403), form={"customer": "cust-nobody"}),
    ("GET", "/sign-out"): Row(allowed=everybody(303)),
    ("POST", "/sign-out"): Row(allowed=everybody(303)),
    ("GET", "/demo/heidi-token"): Row(allowed=everybody(204)),
}


class Site:
    """The application with a conversation of nobody's and one of Ada's."""

    def __init__(self, app: FastAPI, client: httpx.AsyncClient) -> None:
        self.app = app
        self.client = client
        self.heidi: Heidi = app.state.heidi
        self.tokens: dict[str, str] = {}
        self.rotated_away: dict[str, str] = {}
        self.turns: dict[str, str] = {}
        self.actions: dict[str, str] = {}
        self.staff_cookie = ""

    async def furnish(self) -> None:
        """Two conversations with a turn and a pending action each, and a staff session."""
        self.visitors = await self._conversation({}, customer_id=None)
        self.adas = await self._conversation(identity(self.app), customer_id="cust-ada")
        form = {"email": "mira@example.org", "password": PASSWORD}
        signed_in = await self.client.post("/review/sign-in", data=form)
        self.staff_cookie = signed_in.cookies["heidi_staff"]
        self.client.cookies.clear()

    async def _conversation(self, signed: dict[str, str], *, customer_id: str | None) -> str:
        created = (await self.client.post("/v1/conversations", json={})).json()
        path, token = f"/v1/conversations/{created['id']}", created["token"]
        headers = {"Authorization": f"Bearer {token}", **signed}
        if signed:
            signed_in = await self.client.post(f"{path}/identity", headers=headers)
            self.rotated_away[created["id"]] = token
            token = signed_in.headers["X-Heidi-Visitor-Token"]
            headers = {"Authorization": f"Bearer {token}", **signed}
        asked = await self.client.post(
            f"{path}/turns",
            json={"message": "Hi", "client_turn_id": "first"},
            headers={**headers, "Accept": "text/event-stream"},
        )
        assert "turn.completed" in asked.text
        transcript = (await self.client.get(path, headers=headers)).json()
        self.turns[created["id"]] = transcript["turns"][0]["id"]
        self.actions[created["id"]] = f"act-{created['id']}"
        self.tokens[created["id"]] = token
        action = _action(created["id"], self.turns[created["id"]], customer_id)
        await self.heidi.actions.create(action)
        return created["id"]

    async def call(self, method: str, path: str, row: Row, caller: str) -> httpx.Response:
        """The route as a caller would use it, on the conversation that the caller is about."""
        conversation = self.visitors if caller == "visitor" else self.adas
        filled = (
            path.replace("{conversation_id}", conversation)
            .replace("{turn_id}", self.turns[conversation])
            .replace("{action_id}", self.actions[conversation])
            .replace("{meeting_id}", "MTG-000000")
            .replace("{ticket_id}", "tkt_none")
            .replace("{use_id}", "use_none")
            .replace("{note_id}", "note_none")
            .replace("{label_id}", "lbl_none")
            .replace("{question_id}", "staff-none")
            .replace("{draft_id}", "story-none")
            .replace("{briefing_id}", "story-none")
            .replace("{slug}", "no-such-thing")
            .replace("*", "no-such-file")
        )
        url = f"{filled}?{row.query}" if row.query else filled
        return await self.client.request(
            method, url, headers=self.headers(caller), json=row.json, data=row.form
        )

    def headers(self, caller: str) -> dict[str, str]:
        """A caller's credentials."""
        own, others = self.tokens[self.adas], self.tokens[self.visitors]
        claims = VisitorClaims(visitor_id="vis_1", conversation_id=self.adas)
        forged = VisitorTokens("another-secret-of-32-characters!", utc_now).sign(claims)
        bearer = {
            "stranger": others,
            "forger": forged,
            "visitor": others,
            "customer": own,
            "signed-out": own,
            "other-customer": own,
            "worn-identity": own,
            "replayer": self.rotated_away[self.adas],
            "api-client": API_KEY,
        }
        headers = {"Authorization": f"Bearer {bearer[caller]}"} if caller in bearer else {}
        signed = {
            "customer": identity(self.app),
            "replayer": identity(self.app),
            "other-customer": identity(self.app, "cust-ben"),
            "worn-identity": identity(self.app, age_s=900),
        }
        cookie = {"Cookie": f"heidi_staff={self.staff_cookie}"} if caller == "staff" else {}
        return {**headers, **signed.get(caller, {}), **cookie}


def _action(conversation_id: str, turn_id: str, customer_id: str | None) -> Action:
    now = utc_now()
    return Action(
        id=f"act-{conversation_id}",
        conversation_id=conversation_id,
        turn_id=turn_id,
        customer_id=customer_id,
        tool="update_contact",
        arguments={"phone": "+41 1"},
        arguments_hash=hash_arguments("update_contact", {"phone": "+41 1"}),
        title="Change your phone?",
        created_at=now,
        expires_at=now + ACTION_LIFETIME,
    )


NO_LIMITS = {f"rate_limit_{name}": "" for name in ("visitor", "address", "site", "sign_in")}


@pytest.fixture
async def site(tmp_path) -> AsyncIterator[Site]:
    settings = {**NO_LIMITS, "visitor_token_grace_s": 0}
    async with open_site(tmp_path, **settings) as app, client_of(app) as client:
        made = Site(app, client)
        await made.furnish()
        yield made


async def test_every_route_is_in_the_table(site: Site):
    assert set(routes_of(site.app)) == set(TABLE)


def test_every_row_speaks_of_every_caller():
    assert [key for key, row in TABLE.items() if set(row.allowed) != set(CALLERS)] == []


@pytest.mark.parametrize("caller", CALLERS)
async def test_a_caller_gets_what_the_table_says(site: Site, caller: str):
    seen, wanted = {}, {}
    for (method, path), row in TABLE.items():
        response = await site.call(method, path, row, caller)
        seen[method, path] = response.status_code
        wanted[method, path] = row.allowed[caller]

    assert seen == wanted


STAFF_ROUTES = [key for key in TABLE if key[1].startswith("/review") and "sign" not in key[1]]


@pytest.mark.parametrize("caller", [name for name in CALLERS if name != "staff"])
async def test_the_console_sends_everybody_else_to_its_sign_in(site: Site, caller: str):
    for method, path in STAFF_ROUTES:
        row = TABLE[method, path]
        if "static" not in path:
            response = await site.call(method, path, row, caller)
            assert response.headers["Location"].startswith("/review/sign-in")


async def test_no_refusal_shows_anything_of_the_conversation(site: Site):
    row = replace(TABLE["GET", C], json=None)
    for caller in OF_A_CONVERSATION:
        response = await site.call("GET", C, row, caller)
        assert "Hello." not in response.text
        assert "Ada" not in response.text
