"""The chat models that the settings choose."""

from __future__ import annotations

from decimal import Decimal

import pytest

from assistant.agents.openai_model import Azure, OpenAISettings
from assistant.core.prices import Prices
from assistant.models import Models, openai_settings
from assistant.settings import Settings


def settings(**values: object) -> Settings:
    return Settings(_env_file=None, **{"openai_base_url": None, "openai_api_key": "", **values})


@pytest.mark.parametrize(
    ("rewrite_model", "names"),
    [("", ("large", "large")), ("large", ("large", "large")), ("small", ("large", "small"))],
)
async def test_answering_and_rewriting_may_have_their_own_models(rewrite_model, names):
    models = Models(
        settings(
            openai_base_url="http://127.0.0.1:9/v1", model="large", rewrite_model=rewrite_model
        )
    )

    assert (models.answering.name, models.rewriting.name) == names
    await models.close()


async def test_models_on_azure_are_opened_with_their_own_key():
    chosen = settings(
        openai_api_key="sk-other",
        openai_base_url="http://127.0.0.1:9/v1",
        azure_endpoint="https://name.openai.azure.com",
        azure_api_key="azure-key",
        azure_api_version="2024-10-21",
        model="our-deployment",
        model_headers={"X-Team": "news"},
        model_prices={"our-deployment": {"input": "2", "output": "8"}},
    )

    assert openai_settings(chosen, "our-deployment") == OpenAISettings(
        api_key="azure-key",
        base_url=None,
        azure=Azure(endpoint="https://name.openai.azure.com", api_version="2024-10-21"),
        model="our-deployment",
        timeout_s=30.0,
        temperature=None,
        extra_headers={"X-Team": "news"},
        prices=Prices(input_usd=Decimal("2"), output_usd=Decimal("8")),
    )
    await Models(chosen).close()


def test_a_local_server_needs_no_key():
    chosen = openai_settings(settings(openai_base_url="http://127.0.0.1:9/v1"), "small")

    assert (chosen.api_key, chosen.base_url) == ("", "http://127.0.0.1:9/v1")
