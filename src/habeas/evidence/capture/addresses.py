"""Which addresses a capture may reach: the public internet on the ports of the web, and nothing of ours.

A page is free to name any address. What runs beside us (the database, the router, a cloud's metadata service) trusts
whoever comes from here, so it is never asked on a page's behalf.
"""

from __future__ import annotations

import ipaddress
from typing import Final

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

PORTS: Final = frozenset({80, 443, 8080, 8443})

# IANA special-purpose registries of November 2026. Python's own is_global lets a few of them through.
_CLOSED_V4: Final = tuple(
    (ipaddress.IPv4Network(network), why)
    for network, why in (
        ("0.0.0.0/8", "an address of this machine"),
        ("10.0.0.0/8", "a private address"),
        ("100.64.0.0/10", "an address inside a provider's network (CGNAT)"),
        ("127.0.0.0/8", "a loopback address"),
        # The wire server of Azure stands among public addresses.
        ("168.63.129.16/32", "a cloud's metadata service"),
        ("169.254.0.0/16", "a link-local address, where clouds keep their metadata service"),
        ("172.16.0.0/12", "a private address"),
        ("192.0.0.0/24", "a reserved address"),
        ("192.0.2.0/24", "an address for documentation"),
        ("192.31.196.0/24", "a reserved address"),
        ("192.52.193.0/24", "a reserved address"),
        ("192.88.99.0/24", "a reserved address (6to4 relay)"),
        ("192.168.0.0/16", "a private address"),
        ("192.175.48.0/24", "a reserved address"),
        ("198.18.0.0/15", "an address for measurements"),
        ("198.51.100.0/24", "an address for documentation"),
        ("203.0.113.0/24", "an address for documentation"),
        ("224.0.0.0/4", "a multicast address"),
        ("240.0.0.0/4", "a reserved address"),
    )
)
_OPEN_V6: Final = ipaddress.IPv6Network("2000::/3")
_CLOSED_V6: Final = tuple(
    (ipaddress.IPv6Network(network), why)
    for network, why in (
        ("::/128", "an address of this machine"),
        ("::1/128", "a loopback address"),
        ("::ffff:0:0/96", "an IPv4 address in the dress of IPv6"),
        ("64:ff9b::/96", "an IPv4 address behind a translator (NAT64)"),
        ("64:ff9b:1::/48", "an IPv4 address behind a translator (NAT64)"),
        ("2001::/23", "a reserved address (Teredo among them)"),
        ("2001:db8::/32", "an address for documentation"),
        ("2002::/16", "an IPv4 address in the dress of IPv6 (6to4)"),
        ("2620:4f:8000::/48", "a reserved address"),
        ("3fff::/20", "an address for documentation"),
        ("fc00::/7", "a private address"),
        ("fe80::/10", "a link-local address"),
        ("fec0::/10", "a private address"),
        ("ff00::/8", "a multicast address"),
    )
)


def why_not(address: Address) -> str:
    """Why an address is not to be reached, or "" where it may be."""
    if isinstance(address, ipaddress.IPv4Address):
        return next((why for network, why in _CLOSED_V4 if address in network), "")
    for network, why in _CLOSED_V6:
        if address in network:
            return why
    return "" if address in _OPEN_V6 else "a reserved address"


def place(host: str, port: int) -> str:
    """``host:port`` as settings name it: lower case, IPv6 in brackets."""
    plain = host.strip("[]").rstrip(".").lower()
    return f"[{plain}]:{port}" if ":" in plain else f"{plain}:{port}"
