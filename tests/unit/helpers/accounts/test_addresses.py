"""webapp.helpers.accounts.addresses"""

from __future__ import annotations

import pytest

from webapp.helpers.accounts.addresses import counted_network


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:0:7::1", "2001:db8:0:7::/64"),
        ("2001:DB8:0:7:ffff:ffff:ffff:ffff", "2001:db8:0:7::/64"),
        ("2001:db8:0:8::1", "2001:db8:0:8::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("", ""),
        (None, ""),
        ("localhost", "localhost"),
    ],
)
def test_an_address_is_counted_by_itself_or_by_its_network(address: str | None, counted: str) -> None:
    assert counted_network(address) == counted
