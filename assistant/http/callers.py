"""Owns the edge of identity: from a request's headers to a Caller who may see a conversation."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import structlog
from fastapi import Request

from assistant.core.caller import AnonymousVisitor, Caller, VerifiedCustomer
from assistant.core.errors import (
    HeidiError,
    IdentityInvalid,
    IdentityRequired,
    NotAllowed,
    NotFound,
)
from assistant.http.errors import VisitorTokenInvalid, VisitorTokenMissing
from assistant.http.rotation import VisitorRotation, hand_over
from assistant.http.tokens import IdentityClaims, IdentityVerifier, VisitorClaims, VisitorTokens
from assistant.store.conversation_tables import Conversation
from assistant.store.conversations import Conversations
from assistant.store.revocations import Revocations, channel_of
from assistant.streaming.notifier import Notifier

logger = structlog.get_logger(__name__)

IDENTITY_HEADER = "X-Heidi-Identity"


@dataclass(frozen=True, kw_only=True)
class Owner:
    """A caller together with the conversation that is theirs."""

    caller: Caller
    conversation: Conversation
    visitor: VisitorClaims
    """What the visitor token said."""
    identity: IdentityClaims | None = None
    """What the host's token said, if one came."""


class CallerReader:
    """Reads who speaks from a request.

    Args:
        visitor_tokens: verifies Heidi's own tokens.
        identity_tokens: verifies the host's tokens.
        conversations: looks up the conversation that a token owns.
        revocations: tells which of the host's tokens were signed out.
        rotation: tells which of Heidi's tokens were replaced, and replaces them.
        notifier: wakes the streams of who has signed out.
        clock: the time, in UTC.
    """

    def __init__(
        self,
        visitor_tokens: VisitorTokens,
        identity_tokens: IdentityVerifier,
        conversations: Conversations,
        revocations: Revocations,
        rotation: VisitorRotation,
        notifier: Notifier,
        clock: Callable[[], datetime],
    ) -> None:
        self._visitor_tokens = visitor_tokens
        self._identity_tokens = identity_tokens
        self._conversations = conversations
        self._revocations = revocations
        self._rotation = rotation
        self._notifier = notifier
        self._clock = clock

    async def owner(self, request: Request, conversation_id: str) -> Owner:
        """The caller, who owns the conversation; the response hands over a new token if it is time.

        Raises:
            VisitorTokenMissing, VisitorTokenInvalid: no usable visitor token, or one that was
                replaced.
            IdentityInvalid: an identity token came and does not verify, or was signed out.
            NotFound: no such conversation, or another visitor's.
            IdentityRequired: a customer has spoken in it and is not signed in now.
            NotAllowed: another customer has spoken in it.
        """
        claims = self._visitor_tokens.verify(_bearer_token(request))
        identity = await self._identity(request)
        caller = _caller(identity, claims.visitor_id)
        if claims.conversation_id != conversation_id:
            raise NotFound("There is no such conversation.", remedy="Start a new one.")
        conversation = await self._conversation_of(claims)
        refusal = _refusal(conversation, caller)
        if refusal is not None:
            raise refusal
        is_signing_in = identity is not None and conversation.customer_id is None
        token = await self._rotation.successor(claims, conversation, is_signing_in=is_signing_in)
        hand_over(request, token)
        return Owner(caller=caller, conversation=conversation, visitor=claims, identity=identity)

    async def renew(self, request: Request, owner: Owner) -> None:
        """Let the response hand over the token of the generation that a sign-in has begun."""
        conversation = await self._conversations.get(owner.conversation.id)
        hand_over(request, self._rotation.latest(owner.visitor, conversation))

    async def sign_out(self, request: Request) -> None:
        """Refuse the request's identity token from now on, and its visitor token if one came.

        The visitor token's successor comes with the response. One that is of no use is no reason to
        stay signed in.

        Raises:
            IdentityRequired: none came.
            IdentityInvalid: it does not verify.
        """
        token = request.headers.get(IDENTITY_HEADER)
        if not token:
            raise IdentityRequired(
                "No identity token came with the request.",
                remedy="Send the token that shall not be accepted any more as X-Heidi-Identity.",
            )
        claims = await self._identity_tokens.claims(token)
        await self._revocations.revoke(
            customer_id=claims.customer_id,
            digest=claims.digest,
            issued_at=claims.issued_at,
            now=self._clock(),
        )
        with suppress(VisitorTokenMissing, VisitorTokenInvalid, NotFound):
            visitor = self._visitor_tokens.verify(_bearer_token(request))
            conversation = await self._conversation_of(visitor)
            hand_over(request, await self._rotation.replace_now(visitor, conversation))
            await self._notifier.notify(conversation.id)
        await self._notifier.notify(channel_of(claims.customer_id))

    async def is_still_owner(self, owner: Owner) -> bool:
        """Whether the credentials that made the owner would be accepted now, their end aside."""
        conversation = await self._conversations.get(owner.conversation.id)
        if not self._rotation.is_accepted(owner.visitor, conversation):
            return False
        if _refusal(conversation, owner.caller) is not None:
            return False
        return owner.identity is None or not await self._is_revoked(owner.identity)

    async def _conversation_of(self, claims: VisitorClaims) -> Conversation:
        conversation = await self._conversations.get(claims.conversation_id)
        if conversation.visitor_id != claims.visitor_id:
            raise NotFound("There is no such conversation.", remedy="Start a new one.")
        if not self._rotation.is_accepted(claims, conversation):
            logger.warning(
                "visitor_token.replayed",
                conversation_id=conversation.id,
                generation=claims.generation,
                latest=conversation.token_generation,
            )
            raise VisitorTokenInvalid(
                "The visitor token was replaced by a newer one.",
                remedy="Send the one that came as X-Heidi-Visitor-Token, "
                "or start a new conversation with POST /v1/conversations.",
            )
        return conversation

    async def _is_revoked(self, claims: IdentityClaims) -> bool:
        return await self._revocations.is_revoked(
            customer_id=claims.customer_id, digest=claims.digest, issued_at=claims.issued_at
        )

    async def _identity(self, request: Request) -> IdentityClaims | None:
        token = request.headers.get(IDENTITY_HEADER)
        if not token:
            return None
        claims = await self._identity_tokens.claims(token)
        if await self._is_revoked(claims):
            raise IdentityInvalid(
                "The identity token was signed out.",
                remedy="Let the host page fetch a fresh token from its server, or sign in again.",
            )
        return claims


def _caller(identity: IdentityClaims | None, visitor_id: str) -> Caller:
    if identity is None:
        return AnonymousVisitor(visitor_id=visitor_id)
    return VerifiedCustomer(
        visitor_id=visitor_id, customer_id=identity.customer_id, name=identity.name
    )


def _bearer_token(request: Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise VisitorTokenMissing(
            "No visitor token came with the request.",
            remedy="Send `Authorization: Bearer <token>` from POST /v1/conversations.",
        )
    return token.strip()


def _refusal(conversation: Conversation, caller: Caller) -> HeidiError | None:
    """Why a customer's conversation is closed to the caller; None if it is not."""
    if conversation.customer_id is None:
        return None
    if not isinstance(caller, VerifiedCustomer):
        return IdentityRequired(
            "This conversation holds a customer's data.",
            remedy="Sign in again to go on with it, or start a new one.",
        )
    if caller.customer_id != conversation.customer_id:
        return NotAllowed(
            "This conversation belongs to another customer.", remedy="Start a new conversation."
        )
    return None
