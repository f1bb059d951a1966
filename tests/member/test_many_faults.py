"""Workbooks in which everything is wrong everywhere: their verdicts are more than one commit holds."""

from collections import Counter
from dataclasses import dataclass

import orjson
import pytest
from bson import encode

from services.member.domain.faults import Fault
from services.member.domain.fields import Template
from services.member.domain.person_record import Judged
from services.member.use_cases.verdicts import Plan, held, settled
from shared.eventstore.chunk import CHUNK_ROWS_MAX
from shared.eventstore.commits import COMMIT_BYTES_MAX
from tests.member import test_results as results
from tests.member.people import card
from tests.member.test_api import BRANCH, SUPERIOR, World, world
from tests.member.test_results import member_of

__all__ = ["world"]

RARE = "\U00020000"  # four bytes
NOWHERE_LISTED = {"document_kind": "乱写", "education": "乱写", "occupation": "乱写"}
ROWS = 520


@dataclass(frozen=True)
class Row:
    row: int
    judged: Judged


@pytest.mark.rule("MEM-09")
@pytest.mark.parametrize("name", ["王乙", RARE * 50], ids=["short", "long"])
@pytest.mark.parametrize("is_registered", [False, True])
async def test_rows_with_many_faults_all_get_their_verdict(world: World, name: str, is_registered: bool) -> None:
    if is_registered:
        good = [member_of(number, name=name) for number in range(1, ROWS + 1)]
        await results.settled(world, good, BRANCH, SUPERIOR, Template.MEMBERS)
    rows = [member_of(number, name=name, **NOWHERE_LISTED) for number in range(1, ROWS + 1)]
    import_id = await results.settled(world, rows, BRANCH, SUPERIOR, Template.MEMBERS)
    shown = (await world.get(f"/v1/imports/{import_id}")).json()
    assert (shown["state"], shown["failed"]) == ("completed", ROWS)
    commits = [d async for d in world.parts.store.database["commits"].find({"stream": import_id})]
    assert max(len(encode(d)) for d in commits) <= COMMIT_BYTES_MAX
    told = Counter(v["row"] for d in commits for e in d["events"] for v in e["data"].get("verdicts", ()))
    assert told == Counter(range(2, ROWS + 2))


@pytest.mark.rule("MEM-09")
@pytest.mark.parametrize("faults", [0, 1, 3, 8, 40])
@pytest.mark.parametrize("text", ["", "新", RARE * 100], ids=["none", "short", "long"])
def test_what_is_held_by_one_commit_leaves_room_in_it_also_if_every_race_is_lost(faults: int, text: str) -> None:
    said = tuple(Fault("number_registered_elsewhere", "number", {"organization": text}) for _ in range(faults))
    judged = Judged(None, name=RARE * 50, document=("居民身份证", card()))
    rows = [Row(number, judged) for number in range(5_000, 5_000 + CHUNK_ROWS_MAX)]
    plans = [Plan(row.row, "failed" if said else "imported", said, person="person-" + "0" * 36) for row in rows]
    kept = held(plans, rows)
    assert kept
    assert list(kept) == plans[: len(kept)]
    lost = Fault("development_number_taken", "development_number")
    ended = [plan if plan.faults else Plan(plan.row, "failed", (lost,)) for plan in kept]
    event = settled("import-x", rows[: len(kept)], ended)
    assert event.personal is not None
    stored = len(encode(event.model_dump(exclude={"personal"}))) + len(orjson.dumps(event.personal.values))
    assert stored < COMMIT_BYTES_MAX - 8_000
    assert len(kept) == CHUNK_ROWS_MAX or stored > COMMIT_BYTES_MAX / 2


def test_of_a_row_that_alone_is_too_long_at_least_one_is_held() -> None:
    said = tuple(Fault("not_in_list", "education", {"allowed": "长" * 1_000}) for _ in range(200))
    rows = [Row(number, Judged(None)) for number in (2, 3)]
    assert len(held([Plan(row.row, "failed", said) for row in rows], rows)) == 1
