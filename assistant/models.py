"""Owns the chat models of this site, as the settings choose them.

A part of the composition root, like `tooling.py`: nothing else opens a connection to a model.
"""

from __future__ import annotations

from assistant.agents.model import ChatModel
from assistant.agents.openai_model import Azure, OpenAIChatModel, OpenAISettings
from assistant.agents.resilient_model import Patience, ResilientModel
from assistant.backends.circuit import CircuitBreaker
from assistant.core.prices import Prices
from assistant.settings import ModelPrices, Settings

FAILURES = 2
"""So many calls in a row, each tried several times, leave no doubt; every further one would cost a
visitor the whole time-out."""
LEFT_ALONE_S = 30.0


class Models:
    """The model that answers and the one that rewrites; both with patience, of one provider.

    Args:
        settings: say where they are and how to ask them.
    """

    def __init__(self, settings: Settings) -> None:
        self._open: list[OpenAIChatModel] = []
        breaker = CircuitBreaker(failures=FAILURES, reset_after_s=LEFT_ALONE_S)
        self.answering: ChatModel = self._model(settings, settings.model, breaker)
        self.rewriting: ChatModel = self.answering
        if settings.rewrite_model not in ("", settings.model):
            self.rewriting = self._model(settings, settings.rewrite_model, breaker)

    async def close(self) -> None:
        """Close the connections."""
        for model in self._open:
            await model.close()

    def _model(self, settings: Settings, name: str, breaker: CircuitBreaker) -> ChatModel:
        model = OpenAIChatModel(openai_settings(settings, name))
        self._open.append(model)
        patience = Patience(
            attempts=settings.model_attempts, first_piece_s=settings.model_timeout_s
        )
        return ResilientModel(model, patience=patience, breaker=breaker)


def openai_settings(settings: Settings, name: str) -> OpenAISettings:
    """How to ask the model of this name."""
    key = settings.openai_api_key.get_secret_value()
    azure = None
    if settings.azure_endpoint:
        key = settings.azure_api_key.get_secret_value() or key
        azure = Azure(endpoint=settings.azure_endpoint, api_version=settings.azure_api_version)
    headers = {each: value.get_secret_value() for each, value in settings.model_headers.items()}
    return OpenAISettings(
        api_key=key,
        base_url=None if azure else settings.openai_base_url,
        azure=azure,
        model=name,
        timeout_s=settings.model_timeout_s,
        temperature=settings.model_temperature,
        extra_headers=headers,
        prices=_prices(settings.model_prices.get(name)),
    )


def _prices(known: ModelPrices | None) -> Prices | None:
    if known is None:
        return None
    return Prices(
        input_usd=known.input, output_usd=known.output, cached_input_usd=known.cached_input
    )
