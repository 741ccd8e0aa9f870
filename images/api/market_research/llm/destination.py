"""Where the language model may be: not in the networks that the API stands in, unless the operator says so."""

import asyncio
import socket
from ipaddress import IPv4Address, IPv6Address, ip_address

import httpx

Address = IPv4Address | IPv6Address
PORTS = {"http": 80, "https": 443}


class ForbiddenAddressError(Exception):
    """A name leads where the API must not go; the text is the address."""


class Guarded(httpx.AsyncBaseTransport):
    """Looks at every address of a name and connects to one that it has looked at: no second look-up comes between."""

    def __init__(self, inner: httpx.AsyncBaseTransport, *, private: bool) -> None:
        self._inner = inner
        self._private = private

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer. ForbiddenAddressError before anything is sent when any address is not allowed."""
        host = request.url.host
        addresses = await _addresses(host, request.url.port or PORTS[request.url.scheme])
        for address in addresses:
            if not is_allowed(address, private=self._private):
                raise ForbiddenAddressError(str(address))
        # The certificate is for the name.
        request.extensions = {**request.extensions, "sni_hostname": host}
        for address in addresses[:-1]:
            try:
                return await self._send(request, address)
            except httpx.ConnectError:
                continue
        return await self._send(request, addresses[-1])

    async def _send(self, request: httpx.Request, address: Address) -> httpx.Response:
        # The Host header was made of the name and stays.
        request.url = request.url.copy_with(host=str(address))
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        """Close every connection."""
        await self._inner.aclose()


def is_allowed(address: Address, *, private: bool) -> bool:
    """Whether a language model may be there; link-local addresses, those of cloud metadata, never are."""
    plain = getattr(address, "ipv4_mapped", None) or address
    if plain.is_link_local or plain.is_multicast or plain.is_unspecified:
        return False
    return private or plain.is_global


async def _addresses(host: str, port: int) -> list[Address]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise httpx.ConnectError(str(error)) from error
    return [ip_address(str(where[0]).partition("%")[0]) for *_, where in found]
