"""When a session ends (X07), and what of its place is kept."""

import ipaddress
from datetime import datetime, timedelta

IDLE = timedelta(minutes=30)
IDLE_ADMIN = timedelta(minutes=15)
ABSOLUTE = timedelta(hours=12)
AGENT_CHARACTERS_MAX = 200


def is_alive(seen_at: datetime, expires_at: datetime, now: datetime, *, admin: bool) -> bool:
    """Neither idle for too long nor older than twelve hours. `admin` holds for operators too."""
    return now < expires_at and now - seen_at < (IDLE_ADMIN if admin else IDLE)


def place_of(address: str) -> str:
    """An address so coarse that it tells the network, not the household: 203.0.113.*, 2001:db8:1::*."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else parsed
    if mapped is not None:
        return str(mapped).rpartition(".")[0] + ".*"
    network = ipaddress.ip_network(f"{parsed}/48", strict=False)
    return f"{network.network_address}*"


def agent_of(agent: str) -> str:
    """The browser's own words, bounded, without control characters."""
    return "".join(c for c in agent if c.isprintable())[:AGENT_CHARACTERS_MAX]
