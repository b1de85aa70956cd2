"""Which addresses may become links."""

from __future__ import annotations

import pytest

from assistant.core.links import local_path, web_address


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org",
        "http://example.org/a?b=c#d",
        "HTTPS://EXAMPLE.ORG/",
        "https://user@example.org:8443/x",
        "https://zürich.example/ä",
        "https://[2001:db8::1]/x",
    ],
)
def test_an_address_of_the_web_stays(url):
    assert web_address(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "java\tscript:alert(1)",
        "\x01javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "blob:https://example.org/x",
        "//example.org",
        "/briefings/x",
        "https:",
        "https:///path",
        "https://",
        "https://[broken",
        "https://example.org/a b",
        "https://example.org/\u202egpj.exe",
    ],
)
def test_any_other_address_becomes_none(url):
    assert web_address(url) == ""


@pytest.mark.parametrize("path", ["/", "/briefings/robots-walk", "/a?b=c#d", "/zürich"])
def test_a_path_of_this_server_stays(path):
    assert local_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "briefings/x",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "https://evil.example",
        "/a\nb",
    ],
)
def test_any_other_path_becomes_none(path):
    assert local_path(path) == ""
