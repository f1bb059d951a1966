"""Batches as the stage answers them (TRF-08)."""

from datetime import timedelta
from typing import Any

import httpx

from tests.web.county import BELOW, BRANCH, LAN, ME, NAMES, NOW, SECRETARY, STEM, made, subordinate

BATCH, TO = made("batch", "first"), subordinate(7)["id"]
STREET = subordinate(0)["id"]
MOVED, FAILED = made("transfer", "moved"), made("transfer", "failed")


def batch() -> dict[str, Any]:
    """Of the street: three of its members to another branch."""
    names = {"organization_name": STEM + BELOW[0][0], "from_name": STEM + BELOW[6][0], "to_name": STEM + BELOW[7][0]}
    where = {"organization": STREET, "from_branch": BRANCH, "to": TO}
    said = {"reason": "other", "note": "撤并团支部", "by": ME, "people": 3, "left_out": 1}
    return {"batch": BATCH, "requested_at": (NOW - timedelta(minutes=3)).isoformat()} | where | names | said


def batch_card() -> dict[str, Any]:
    members = [
        {"person": LAN, "transfer": MOVED, "state": "completed", "cause": None},
        {"person": SECRETARY, "transfer": FAILED, "state": "failed", "cause": "branch_closing"},
        {"person": made("person", NAMES[0]), "transfer": None, "state": "left_out", "cause": "transfer_already_open"},
    ]
    return batch() | {"members": members, "settled": True}


def of_batches(request: httpx.Request) -> Any:
    """What transfer answers of batches; None for everything else."""
    match [request.method, *request.url.path.removeprefix("/v1/").split("/")]:
        case ["GET", "organizations", _, "transfer-batches"]:
            return {"items": [batch()], "next": None}
        case ["GET", "transfer-batches", identity]:
            return batch_card() if identity == BATCH else None
        case ["POST", "organizations", _, "transfer-batches"]:
            return {"stream": BATCH, "version": 1}
    return None
