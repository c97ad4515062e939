"""Addresses as limits count them."""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network, ip_address

#: One customer of a provider has at least this network, and can send from any address in it.
IPV6_PREFIX = 64


def counted_network(address: str | None) -> str:
    """Return what an address is counted as: itself, or its network in IPv6."""
    try:
        ip = ip_address(address or "")
    except ValueError:
        return address or ""
    if not isinstance(ip, IPv6Address):
        return str(ip)
    return str(ip.ipv4_mapped or IPv6Network((int(ip), IPV6_PREFIX), strict=False))
