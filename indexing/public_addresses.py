"""Owns keeping fetches on the public internet (server-side request forgery, OWASP A10).

A feed may name any address, also one inside the network that Heidi runs in. Every connection,
those after a redirect included, goes to an address that was looked up and found public here; the
name is not looked up a second time, so that an answer that changes in between is of no use.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable

import httpx

Resolve = Callable[[str, int], Awaitable[list[str]]]
"""The addresses of a host, for a port."""


class AddressRefused(httpx.TransportError):
    """The host leads to an address that is not public."""


async def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host, as the system finds them."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[4][0]) for address in found))


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet, also where it hides an older one."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address):
        hidden = parsed.ipv4_mapped or parsed.sixtofour or (parsed.teredo or (None, None))[1]
        if hidden is None and parsed in ipaddress.ip_network("64:ff9b::/96"):
            hidden = ipaddress.IPv4Address(int(parsed) & 0xFFFFFFFF)
        if hidden is not None:
            return is_public(str(hidden))
    return parsed.is_global and not parsed.is_multicast


class PublicTransport(httpx.AsyncBaseTransport):
    """Passes requests on to public addresses only.

    Args:
        inner: Sends them; it must not keep connections, since those belong to an address, whatever
            the name that their certificate was checked for.
        resolve: Finds the addresses of a host.
    """

    def __init__(self, inner: httpx.AsyncBaseTransport, resolve: Resolve = resolve) -> None:
        self._inner = inner
        self._resolve = resolve

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request to the address that was checked.

        Raises:
            AddressRefused: The host has an address that is not public.
            httpx.ConnectError: The host is not known.
        """
        host = request.url.host
        port = request.url.port or (443 if request.url.scheme == "https" else 80)
        try:
            addresses = await self._resolve(host, port)
        except OSError as error:
            raise httpx.ConnectError(f"the host {host} is not known", request=request) from error
        for address in addresses:
            if not is_public(address):
                raise AddressRefused(f"{host} leads to {address}, which is not public")
        # The Host header was set from the name and stays; the certificate is checked for it, too.
        checked = httpx.Request(
            method=request.method,
            url=request.url.copy_with(host=addresses[0].partition("%")[0]),
            headers=request.headers,
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": host},
        )
        return await self._inner.handle_async_request(checked)

    async def aclose(self) -> None:
        """Let go of the inner transport."""
        await self._inner.aclose()
