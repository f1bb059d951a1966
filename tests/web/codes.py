"""Registration codes as the stage answers them."""

from datetime import timedelta
from typing import Any

from tests.web.county import NOW, made, subordinate

REGISTRATION_CODE = "K7QM3XTRB2WA"
CODE_STATES = ("none", "unused", "used", "expired", "revoked")


def code_id(index: int) -> str:
    return made("code", str(index)).removeprefix("code-")


def code_row(index: int) -> dict[str, Any]:
    """A direct subordinate with its registration code, each state in turn."""
    row = {name: subordinate(index)[name] for name in ("id", "full_name", "admins", "admin_quota")}
    state = CODE_STATES[index % len(CODE_STATES)]
    code = {"code": code_id(index), "due_at": (NOW + timedelta(days=20)).isoformat()} if state != "none" else {}
    return {**row, "state": state, **code}


def code_of(index: int) -> dict[str, Any]:
    """What came of one of all: the first has a live code already."""
    row = subordinate(index)
    named = {"organization": row["id"], "full_name": row["full_name"]}
    if index == 0:
        return {**named, "refused": {"reason": "registration_code_live", "sentence": "已有一个未使用的管理员注册码。"}}
    made = {"registration_code": REGISTRATION_CODE, "due_at": (NOW + timedelta(days=20)).isoformat()}
    return {**named, "made": made}
