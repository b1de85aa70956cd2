"""Owns the edge of identity: from a request's headers to a Caller who may see a conversation."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request

from assistant.core.caller import AnonymousVisitor, Caller, VerifiedCustomer
from assistant.core.errors import IdentityRequired, NotAllowed, NotFound
from assistant.http.errors import VisitorTokenMissing
from assistant.http.tokens import IdentityVerifier, VisitorTokens
from assistant.store.conversations import Conversation, Conversations

IDENTITY_HEADER = "X-Heidi-Identity"


@dataclass(frozen=True, kw_only=True)
class Owner:
    """A caller together with the conversation that is theirs."""

    caller: Caller
    conversation: Conversation


class CallerReader:
    """Reads who speaks from a request.

    Args:
        visitor_tokens: verifies Heidi's own tokens.
        identity_tokens: verifies the host's tokens.
        conversations: looks up the conversation that a token owns.
    """

    def __init__(
        self,
        visitor_tokens: VisitorTokens,
        identity_tokens: IdentityVerifier,
        conversations: Conversations,
    ) -> None:
        self._visitor_tokens = visitor_tokens
        self._identity_tokens = identity_tokens
        self._conversations = conversations

    async def owner(self, request: Request, conversation_id: str) -> Owner:
        """The caller, who owns the conversation.

        Raises:
            VisitorTokenMissing, VisitorTokenInvalid: no usable visitor token.
            IdentityInvalid: an identity token came and does not verify.
            NotFound: no such conversation, or another visitor's.
            IdentityRequired: a customer has spoken in it and is not signed in now.
            NotAllowed: another customer has spoken in it.
        """
        claims = self._visitor_tokens.verify(_bearer_token(request))
        caller = await self._caller(request, claims.visitor_id)
        if claims.conversation_id != conversation_id:
            raise NotFound("There is no such conversation.", remedy="Start a new one.")
        conversation = await self._conversations.get(conversation_id)
        if conversation.visitor_id != claims.visitor_id:
            raise NotFound("There is no such conversation.", remedy="Start a new one.")
        _check_customer(conversation, caller)
        return Owner(caller=caller, conversation=conversation)

    async def _caller(self, request: Request, visitor_id: str) -> Caller:
        token = request.headers.get(IDENTITY_HEADER)
        if not token:
            return AnonymousVisitor(visitor_id=visitor_id)
        claims = await self._identity_tokens.claims(token)
        return VerifiedCustomer(
            visitor_id=visitor_id, customer_id=claims.customer_id, name=claims.name
        )


def _bearer_token(request: Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise VisitorTokenMissing(
            "No visitor token came with the request.",
            remedy="Send `Authorization: Bearer <token>` from POST /v1/conversations.",
        )
    return token.strip()


def _check_customer(conversation: Conversation, caller: Caller) -> None:
    if conversation.customer_id is None:
        return
    if not isinstance(caller, VerifiedCustomer):
        raise IdentityRequired(
            "This conversation holds a customer's data.",
            remedy="Sign in again to go on with it, or start a new one.",
        )
    if caller.customer_id != conversation.customer_id:
        raise NotAllowed(
            "This conversation belongs to another customer.", remedy="Start a new conversation."
        )
