"""A web server for tests of fetching: answers as it is told and records what it was asked."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

RSS = "application/rss+xml; charset=utf-8"


@dataclass
class Answer:
    """One answer of the server."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    waits: threading.Event | None = None
    """The body comes when it is set."""


class FeedServer:
    """Answers of a path are given in turn; the last one is given again."""

    def __init__(self) -> None:
        self.answers: dict[str, list[Answer]] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.url = ""

    def give(self, path: str, *answers: Answer) -> str:
        """Set the answers of a path; returns its address."""
        self.answers[path] = list(answers)
        return f"{self.url}{path}"

    def feed(self, path: str, text: str, **headers: str) -> str:
        """Let a path give a feed."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.give(path, Answer(text.encode(), headers={"content-type": RSS, **named}))

    def paths(self) -> list[str]:
        """What was asked for, in order."""
        return [path for path, _ in self.requests]

    def answer(self, path: str, headers: dict[str, str]) -> Answer:
        self.requests.append((path, headers))
        answers = self.answers.get(path, [Answer(status=404)])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        etag = answer.headers.get("etag")
        if etag and headers.get("if-none-match") == etag:
            return Answer(status=304, headers={"etag": etag})
        return answer


def packed(text: str, times: int = 1) -> bytes:
    """Text under gzip."""
    content = text.encode()
    for _ in range(times):
        content = gzip.compress(content)
    return content


@contextmanager
def serving() -> Iterator[FeedServer]:
    """A server on a free port of the loopback address."""
    server = FeedServer()
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), _handler(server.answer))
    httpd.daemon_threads = True
    server.url = f"http://127.0.0.1:{httpd.server_port}"
    thread = threading.Thread(target=lambda: httpd.serve_forever(poll_interval=0.01), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        httpd.shutdown()
        httpd.server_close()
        thread.join()


def _handler(
    answer_of: Callable[[str, dict[str, str]], Answer],
) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = answer_of(self.path, headers)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if "content-length" not in answer.headers:
                self.send_header("content-length", str(len(answer.body)))
            self.end_headers()
            if answer.waits is not None:
                answer.waits.wait(10)
            try:
                self.wfile.write(answer.body)
            except OSError:
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


def rss(*items: str, title: str = "Robot Weekly", language: str = "en") -> str:
    """An RSS feed of items."""
    return (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>{title}</title>'
        f"<language>{language}</language>{''.join(items)}</channel></rss>"
    )


def item(
    key: str, title: str, text: str, *, date: str = "Sat, 14 Mar 2026 09:00:00 GMT", link: str = ""
) -> str:
    """An item of an RSS feed; without a date if that is empty."""
    dated = f"<pubDate>{date}</pubDate>" if date else ""
    return (
        f"<item><guid isPermaLink='false'>{key}</guid><title>{title}</title>"
        f"<link>{link or f'https://robots.example/{key}'}</link>{dated}"
        f"<description>{text}</description></item>"
    )
