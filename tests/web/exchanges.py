"""Transfers to and from other systems as the stage answers them (TRF-17)."""

from datetime import timedelta
from typing import Any

import httpx

from tests.web.county import COUNTY, LAN, NOW, STEM, made
from tests.web.transfers import IN, MOVED, OUT

OFFERS = OFFERED, CAME, LOST = made("exchange", "offered"), made("exchange", "came"), made("exchange", "lost")
EXCHANGE_PAGES = (
    f"/transfers/{MOVED}/exchange",
    f"/people/{LAN}/transfer-outside",
    f"/people/{LAN}/transfer-outside?system=beijing&q=大学",
    "/me/transfer-outside?system=fujian&name=共青团福建第一中学委员会",
    f"/organizations/{COUNTY}/outside-offers",
    f"/organizations/{COUNTY}/exchanges",
    f"/organizations/{COUNTY}/exchanges?which=found&system=beijing",
    *(f"/outside-offers/{each}" for each in OFFERS),
)


def _ago(**back: int) -> str:
    return (NOW - timedelta(**back)).isoformat()


def exchange(identity: str, stage: str, *said: str, **more: Any) -> dict[str, Any]:
    """One exchange with 北京, as transfer shows it."""
    about = {"exchange": identity, "direction": "in", "system": "beijing", "organization": COUNTY, "stage": stage}
    names = {"outside_name": "共青团北京理工大学计算机学院2025级1班支部", "organization_name": STEM + "委员会"}
    when = {"began_at": _ago(days=1), "decide_until": _ago(days=-9)}
    return (
        about
        | names
        | when
        | {"reason": "further_study", "said": [{"what": w, "at": _ago(hours=3)} for w in said]}
        | more
    )


OFFER = {
    OFFERED: exchange(OFFERED, "offered", "received"),
    CAME: exchange(CAME, "entering", "received", "accepted", "decision_sent", "completed", newcomer=True),
    LOST: exchange(LOST, "entering", "received", "accepted", "completed", "return_failed"),
}
SYSTEMS = {
    "own_keys": [{"kid": "5d41402abc4b", "use": "sig", "x": "A" * 43}],
    "systems": [
        {
            "system": "beijing",
            "connected": True,
            "address": "https://exchange.example.org/beijing",
            "keys": ["0a1b2c3d4e5f"],
            "own_keys": ["5d41402abc4b"],
            "own_keys_taken": ["5d41402abc4b"],
            "directory": 3120,
            "directory_at": _ago(hours=4),
            "queue": 12,
            "failing": [exchange(OFFERED, "prepared", failed=3, cause="status_503")],
            "findings": [exchange(CAME, "closed", findings=["late_decision"])],
            "reconciled_on": "2026-11-20",
            "reconciled_people": 214,
            "both": 0,
            "neither": 1,
            "differences": [{"kind": "neither", "exchange": CAME, "person": LAN}],
        },
        {"system": "guangdong"},
        {"system": "fujian"},
    ],
}


def answer(request: httpx.Request) -> Any:
    """What transfer answers of other systems, and member of who goes there or comes."""
    match [request.method, *request.url.path.removeprefix("/v1/").split("/")]:
        case ["GET", "outside-systems"]:
            return SYSTEMS
        case ["GET", "outside-systems", _, "organizations"]:
            return {
                "organizations": [{"organization": "beijing-0003", "name": "共青团北京理工大学计算机学院2025级1班支部"}]
            }
        case ["GET", "transfers", _, "exchange"]:
            return {"items": [exchange(OFFERED, "closed", "offer_sent", "accepted", "completed", "outcome_sent")]}
        case ["GET", "organizations", _, "outside-offers"]:
            return {"items": list(OFFER.values())}
        case ["GET", "organizations", _, "exchanges"]:
            out = exchange(OFFERED, "prepared", direction="out", transfer=OUT, person=LAN, failed=3, cause="status_503")
            found = exchange(CAME, "closed", findings=["other_outcome"], outcome="completed", difference="neither")
            return {"items": [out, found]}
        case ["GET", "outside-offers", identity]:
            return OFFER[identity] | {"name": "欧阳不露", "number": "110101200701011239", "document_kind": "居民身份证"}
        case ["POST", "people", _, "transfer-papers"] | ["POST", "organizations", _, "transfer-tickets"]:
            return {"ticket": "sealed", "expires_at": _ago(minutes=-10)}
        case ["POST", _, "transfers-outside"] | ["POST", "organizations", _, "transfers-outside"]:
            return {"stream": OUT, "version": 1}
        case ["POST", "outside-offers", _, _]:
            return {"stream": IN, "version": 1}
    return None
