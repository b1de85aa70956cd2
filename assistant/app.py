"""The application: Heidi's parts behind their HTTP routes, middleware and pages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from assistant.heidi import Heidi, utc_now
from assistant.http.callers import IDENTITY_HEADER, CallerReader
from assistant.http.chat import ChatServices, chat_router
from assistant.http.errors import install_error_handlers
from assistant.http.health import health_router
from assistant.http.invitations import InvitationServices, calendar_router
from assistant.http.jwks import KeySet, load_from
from assistant.http.kept_answers import KeptAnswers
from assistant.http.limits import RateLimit, RateLimits
from assistant.http.metrics import metrics_router
from assistant.http.middleware import (
    MAX_TEXT_BYTES,
    BodyLimit,
    PlainAddresses,
    SecuredApp,
)
from assistant.http.openai_api import OpenAIServices, openai_router, rate_limited
from assistant.http.readers import Readers
from assistant.http.request_ids import REQUEST_ID_HEADER, RequestIds
from assistant.http.rotation import (
    SUCCESSOR_HEADER,
    RotationLimits,
    SuccessorHeader,
    VisitorRotation,
)
from assistant.http.signing_out import sign_out_router
from assistant.http.tokens import (
    IdentityTokens,
    IdentityVerifier,
    PublicKeyIdentityTokens,
    VisitorTokens,
)
from assistant.metrics import Metrics
from assistant.review.newsroom import newsroom_router, newsroom_services
from assistant.review.newsroom_pages import NEWSROOM
from assistant.review.routes import review_router
from assistant.review.routes import static_folder as review_static_folder
from assistant.review.services import review_services
from assistant.review.session import StaffSessions
from assistant.settings import Settings
from assistant.site.routes import CONTENT_SECURITY_POLICY, mount_site
from assistant.site.services import SiteServices
from assistant.site.static_files import VersionedFiles
from assistant.store.revocations import Revocations
from assistant.store.token_generations import TokenGenerations
from assistant.streaming.tail import Tail
from indexing.embedding import Embedder

SUGGESTIONS = (
    "What's the latest in AI?",
    "What's my balance?",
    "Book a meeting with sales",
)


def create_app(settings: Settings | None = None, *, embedder: Embedder | None = None) -> FastAPI:
    """The application that uvicorn serves.

    Args:
        settings: None reads them from the environment.
        embedder: the embedding model, if it is loaded already.

    Raises:
        InvalidInput: a setting can't be used.
    """
    settings = settings or Settings()
    heidi = Heidi(settings, embedder)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with heidi.running():
            yield

    app = SecuredApp(
        title="Heidi",
        description="A retrieval-augmented chat assistant. Errors are RFC 9457 problems.",
        lifespan=lifespan,
        docs_url="/docs",
        redoc_url=None,
    )
    app.content_security_policy = CONTENT_SECURITY_POLICY
    app.state.heidi = heidi
    install_error_handlers(app, heidi.metrics.refused)
    _add_middleware(app, settings, heidi.metrics)
    _add_api(app, heidi)
    review = review_services(
        heidi.database,
        heidi.log,
        heidi.conversations,
        StaffSessions(
            heidi.staff,
            heidi.secret,
            is_secure=settings.public_url.startswith("https://"),
        ),
        utc_now,
        takeovers=heidi.takeovers,
        meaning=lambda: heidi.knowledge,
    )
    app.include_router(review_router(review))
    newsroom = newsroom_services(heidi.database.engine, heidi.feeds, review)
    app.include_router(newsroom_router(review, newsroom))
    app.mount("/review/static", VersionedFiles(directory=review_static_folder()))
    _add_site(app, heidi)
    # Here, not with the first request: limits that are none are told before anything is served.
    app.middleware_stack = app.build_middleware_stack()
    return app


def _add_middleware(app: FastAPI, settings: Settings, metrics: Metrics) -> None:
    """The one added last is the outermost."""
    app.add_middleware(BodyLimit, longer={f"{NEWSROOM}/": MAX_TEXT_BYTES})
    app.add_middleware(PlainAddresses)
    app.add_middleware(SuccessorHeader)
    app.add_middleware(
        RateLimit,
        limits=RateLimits(
            visitor=settings.rate_limit_visitor,
            address=settings.rate_limit_address,
            site=settings.rate_limit_site,
            sign_in=settings.rate_limit_sign_in,
        ),
        storage=settings.limits_storage,
        trusted_proxies=settings.trusted_proxies,
        refused=rate_limited,
        on_limit=metrics.limited,
    )
    if settings.allowed_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.allowed_origins),
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type", "Last-Event-ID", IDENTITY_HEADER],
            expose_headers=["Retry-After", REQUEST_ID_HEADER, SUCCESSOR_HEADER],
            max_age=600,
        )
    app.add_middleware(RequestIds, is_behind_proxy=settings.trusted_proxies > 0)


def _add_api(app: FastAPI, heidi: Heidi) -> None:
    previous = heidi.settings.previous_secret.get_secret_value()
    visitor_tokens = VisitorTokens(heidi.secret, utc_now, previous=previous)
    callers = CallerReader(
        visitor_tokens,
        _identity_verifier(heidi),
        heidi.conversations,
        Revocations(heidi.database),
        _rotation(heidi, visitor_tokens),
        heidi.notifier,
        utc_now,
    )
    app.include_router(sign_out_router(callers))
    app.include_router(
        chat_router(
            ChatServices(
                conversations=heidi.conversations,
                log=heidi.log,
                readers=Readers(Tail(heidi.log, heidi.notifier), callers, utc_now),
                runner=heidi.runner,
                callers=callers,
                visitor_tokens=visitor_tokens,
                clock=utc_now,
                suggestions=SUGGESTIONS,
                link_hosts=heidi.settings.link_hosts,
                pause_after_s=heidi.settings.pause_after_s,
                open_stream=heidi.metrics.stream,
            )
        )
    )
    app.include_router(
        calendar_router(
            InvitationServices(callers=callers, calendar=heidi.tooling.calendar, clock=utc_now)
        )
    )
    app.include_router(health_router(heidi.is_ready))
    app.include_router(
        metrics_router(
            heidi.read_metrics,
            token=heidi.settings.metrics_token.get_secret_value(),
        )
    )
    app.include_router(
        openai_router(
            OpenAIServices(
                agent=heidi.agent,
                make_toolbox=heidi.make_public_toolbox,
                api_keys=tuple(key.get_secret_value() for key in heidi.settings.api_keys),
                clock=utc_now,
                site_url=heidi.settings.public_url,
                timeout_s=heidi.settings.turn_timeout_s,
                answers=KeptAnswers(
                    conversations=heidi.conversations,
                    log=heidi.log,
                    clock=utc_now,
                    timeout_s=heidi.settings.turn_timeout_s,
                ),
            )
        )
    )


def _rotation(heidi: Heidi, tokens: VisitorTokens) -> VisitorRotation:
    limits = RotationLimits(
        max_age=timedelta(seconds=heidi.settings.visitor_token_max_age_s),
        grace=timedelta(seconds=heidi.settings.visitor_token_grace_s),
    )
    return VisitorRotation(tokens, TokenGenerations(heidi.database), utc_now, limits)


def _identity_verifier(heidi: Heidi) -> IdentityVerifier:
    settings = heidi.settings
    if settings.identity_jwks_url or settings.identity_jwks_file:
        keys = KeySet(load_from(settings.identity_jwks_url, settings.identity_jwks_file))
        return PublicKeyIdentityTokens(keys, settings.identity_issuer)
    previous = settings.previous_identity_secret.get_secret_value()
    return IdentityTokens(heidi.identity_secret, settings.identity_issuer, previous=previous)


def _add_site(app: FastAPI, heidi: Heidi) -> None:
    services = SiteServices(
        briefings=heidi.briefings,
        clock=utc_now,
        base_url=heidi.settings.public_url,
        session_secret=heidi.secret,
        identity_secret=heidi.identity_secret,
        identity_issuer=heidi.settings.identity_issuer,
        search=heidi.search_site,
        **({} if heidi.settings.demo else {"customers": ()}),
    )
    mount_site(app, services)
