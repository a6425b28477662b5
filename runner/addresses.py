"""Which addresses may be asked for a picture: https and public ones, or this machine where the caller is on it. Asks
nobody itself.

A host that was broken into, or only badly set up, must not be able to send us into somebody's inner network.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

_INNER_NAMES = ("localhost", ".localhost", ".local", ".internal", ".intranet", ".lan", ".home.arpa")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_COMPATIBLE = ipaddress.IPv6Network("::/96")
"""IPv4 addresses as IPv6 once wrote them."""


def is_loopback(url: str) -> bool:
    """Whether the URL's host is this machine. A host inside our own process is addressed as loopback, too."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def why_not(url: str, *, near: bool) -> str | None:
    """Why an address is not asked, as a clause without the address itself; None when it may be.

    `near`: this machine may be asked, too, since whoever names the address is there.
    """
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
        _ = parts.port  # raises for ports that cannot be
    except ValueError:
        return "it is not an address"
    if not host or not url.isascii() or not url.isprintable() or " " in url or "\\" in url or not _is_name(host):
        return "it is not an address"
    if parts.username is not None or parts.password is not None:
        return "it carries a user name"
    if near and is_loopback(url):
        return None if parts.scheme in {"http", "https"} else f"its scheme is {parts.scheme or 'missing'}"
    if parts.scheme != "https":
        return "it is not https"
    if host == _INNER_NAMES[0] or host.endswith(_INNER_NAMES[1:]):
        return "it leads to a private address"
    return why_not_address(host) if _looks_numeric(host) else None


def why_not_address(address: str) -> str | None:
    """Why an IP address is not asked, or None for a public one. Unreadable ones are not asked either."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "it leads to a private address"
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.is_site_local:
            return "it leads to a private address"
        inner = ip.ipv4_mapped or ip.sixtofour
        ip = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 or ip in _COMPATIBLE else inner or ip
    return None if ip.is_global and not ip.is_multicast else "it leads to a private address"


def peer_watch(host: str, refusal: Callable[[str], Exception]) -> Callable[[str, Mapping[str, Any]], Awaitable[None]]:
    """What is to hear the network library's events of a request to `host` (httpcore's `trace`).

    It ends a new connection to a private address before anything is sent on it, and raises what `refusal` makes of the
    reason: a name says nothing of where it leads, and may lead elsewhere than a moment ago. Whom a proxy connects to
    is the proxy's affair.
    """
    sought = ""

    async def hear(event: str, info: Mapping[str, Any]) -> None:
        nonlocal sought
        if event == "connection.connect_tcp.started":
            sought = info["host"]
        elif event == "connection.connect_tcp.complete" and sought == host:
            peer = info["return_value"].get_extra_info("server_addr")
            why = why_not_address(str(peer[0])) if peer else None
            if why is not None:
                await info["return_value"].aclose()
                raise refusal(why)

    return hear


def _is_name(host: str) -> bool:
    """Whether a host is written as names and addresses are. Those who read addresses do not agree on others, and the
    resolver fails over labels that are too long or empty."""
    if ":" in host:
        return True
    return len(host) <= 253 and all(re.fullmatch(r"[a-z0-9_-]{1,63}", label) for label in host.split("."))


def _looks_numeric(host: str) -> bool:
    """IPv6, dotted IPv4, and the old forms (`2130706433`, `0x7f.1`) that resolvers still read as addresses."""
    return ":" in host or re.fullmatch(r"[0-9]+|0x[0-9a-f]*", host.rsplit(".", 1)[-1].lower()) is not None
