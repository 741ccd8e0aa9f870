"""Where the language model may be: not in the networks that the API stands in, unless the operator says so."""

import asyncio
import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import httpx

Address = IPv4Address | IPv6Address
PORTS = {"http": 80, "https": 443}
NAT64 = IPv6Network("64:ff9b::/96")
"""What a translator takes for the IPv4 address in the last four bytes (RFC 6052)."""


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
        patience = request.extensions["timeout"]["connect"]
        addresses = await _addresses(host, request.url.port or PORTS[request.url.scheme], patience)
        for address in addresses:
            if not is_allowed(address, private=self._private):
                raise ForbiddenAddressError(str(address))
        # The certificate is for the name.
        request.extensions = {**request.extensions, "sni_hostname": host}
        for address in addresses[:-1]:
            try:
                return await self._send(request, address)
            except (httpx.ConnectError, httpx.ConnectTimeout):
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
    """Whether a language model may be there; link-local addresses, as 169.254.169.254 of cloud metadata, never are.

    Metadata that a cloud has elsewhere is what its address is: 168.63.129.16 public, fd00:ec2::254 private.
    """
    end = _end(address)
    if end.is_link_local or end.is_multicast or end.is_unspecified:
        return False
    return private or (address.is_global and end.is_global)


def _end(address: Address) -> Address:
    """Where packets for this address end: at the IPv4 address in it, if there is one."""
    if isinstance(address, IPv4Address):
        return address
    if address in NAT64:
        return IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address.sixtofour or address


async def _addresses(host: str, port: int, seconds: float | None) -> list[Address]:
    look_up = asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    try:
        found = await asyncio.wait_for(look_up, seconds)
    except TimeoutError as error:
        raise httpx.ConnectTimeout(f"the addresses of {host} were not found within {seconds} s") from error
    except OSError as error:
        raise httpx.ConnectError(str(error)) from error
    return [ip_address(str(where[0]).partition("%")[0]) for *_, where in found]
