"""The demonstration's workbooks: uploaded again while a branch is too new, and loudly given up for anything else."""

import asyncio
from typing import Any, cast

import pytest

from deploy.local.seeding import play
from deploy.local.seeding.client import Door, User
from deploy.local.seeding.play import Province
from deploy.local.seeding.province import suichang


class Admin:
    """An admin whose uploads end as told, one after the other: rows that failed, and why."""

    def __init__(self, *ends: tuple[int, str]) -> None:
        self.ends = list(ends)
        self.uploaded: list[bytes] = []

    async def do(self, *_: Any, files: dict[str, tuple[str, bytes, str]], **__: Any) -> dict[str, Any]:
        self.uploaded.append(files["file"][1])
        return {"stream": f"import-{len(self.uploaded)}"}

    async def ask(self, _service: str, _method: str, path: str, **_: Any) -> dict[str, Any]:
        failed, reason = self.ends[len(self.uploaded) - 1]
        if path.endswith("/reasons"):
            return {"items": [{"reason": reason, "rows": failed}]}
        before = self.ends[len(self.uploaded) - 2][0] if len(self.uploaded) > 1 else 10
        done = {"imported": before - failed, "unchanged": 10 - before, "failed": failed, "rows": 10}
        return {"id": f"import-{len(self.uploaded)}", "state": "completed"} | done


@pytest.fixture
def province(monkeypatch: pytest.MonkeyPatch) -> Province:
    monkeypatch.setattr(play, "UPLOADED_AFTER_SECONDS", (0, 0.001, 0.002))
    return Province(cast("Door", None), cast("User", None), {}, progress=lambda _: None)


async def _imported(province: Province, admin: Admin) -> int:
    branches = next(plan for plan in suichang() if plan.below).below
    await province._import(cast("User", admin), "organization-1", "331123", "共青团某县", branches)
    return province._played.members


async def test_a_branch_that_is_too_new_is_uploaded_for_again_and_everybody_counts_once(province: Province) -> None:
    admin = Admin((4, play.TOO_NEW), (1, play.TOO_NEW), (0, ""))
    assert await _imported(province, admin) == 10
    assert len(admin.uploaded) == 3
    assert len(set(admin.uploaded)) == 1


@pytest.mark.parametrize(
    ("ends", "uploads"),
    [([(4, "number.number_check_digit")] * 3, 1), ([(4, play.TOO_NEW)] * 3, 3)],
    ids=["another reason", "never there"],
)
async def test_members_who_cannot_be_imported_end_it_with_the_reason(
    province: Province, ends: list[tuple[int, str]], uploads: int
) -> None:
    admin = Admin(*ends)
    with pytest.raises(RuntimeError, match=f"4 members could not be imported.*{ends[0][1]}"):
        await asyncio.wait_for(_imported(province, admin), 10)
    assert len(admin.uploaded) == uploads
