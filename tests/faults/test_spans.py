"""One trace from what somebody does to all that follows from it in other services, by real processes and a receiver."""

import asyncio
from collections import defaultdict

import httpx
import pytest

from deploy.local.seeding.play import workbook
from tests.faults.county import County, Tree, settled, upload
from tests.faults.system import System
from tests.shared.observability.receiver import Span

ROWS = 40
FOLLOWS = {
    ("tuan.member", "POST /v1/imports"),
    ("tuan.member", "import chunk"),
    ("tuan.relay", "relay"),
    ("tuan.member", "projection member.lists"),
    ("tuan.stats", "projection stats.totals"),
    ("tuan.identity", "projection identity.people"),
}
FOLLOWS_AN_APPOINTMENT = {
    ("tuan.org", "POST /v1/organizations/{organization}/admins"),
    ("tuan.org", "commit"),
    ("tuan.relay", "relay"),
    ("tuan.identity", "reaction org.AdminAppointed.v1"),
    ("tuan.member", "projection member.authority_grants"),
}


@pytest.fixture(scope="module")
async def county(tree: Tree) -> County:
    return await tree.county("黎川县", branches=2)


def traces(spans: list[Span]) -> dict[str, list[Span]]:
    found: dict[str, list[Span]] = defaultdict(list)
    for span in spans:
        found[span.trace].append(span)
    return found


async def test_an_import_is_one_trace_through_all_services_and_its_rows_have_no_spans(
    system: System, tree: Tree, county: County
) -> None:
    before = {span.trace for span in system.spans.spans()}
    user = county.admin.user
    rows = tree.rows(county, [tree.someone() for _ in range(ROWS)])
    received = await upload(user, county.id, workbook(rows))
    assert (await settled(user, county.id, received["stream"]))["state"] == "completed"

    def whole(spans: list[Span]) -> list[Span]:
        of_imports = [t for t in traces(spans).values() if {(s.service, s.name) for s in t} >= FOLLOWS]
        return next((t for t in of_imports if t[0].trace not in before), [])

    trace = whole(await asyncio.to_thread(system.spans.until, lambda spans: bool(whole(spans))))
    roots = [span for span in trace if not span.parent]
    assert [root.name for root in roots] == ["POST /v1/imports"]
    assert {span.parent for span in trace} <= {"", *(span.id for span in trace)}
    assert len(trace) < ROWS
    chunk = next(span for span in trace if span.name == "import chunk")
    assert chunk.attributes == {"tuan.records": ROWS}


async def test_a_command_and_the_reaction_of_another_service_to_its_fact_are_one_trace(
    system: System, county: County
) -> None:
    """Making a county appointed its admin."""

    def whole(spans: list[Span]) -> bool:
        return any({(s.service, s.name) for s in t} >= FOLLOWS_AN_APPOINTMENT for t in traces(spans).values())

    assert whole(await asyncio.to_thread(system.spans.until, whole))


async def test_a_page_and_what_it_asks_of_services_are_one_trace(system: System) -> None:
    before = {span.trace for span in system.spans.spans()}
    async with httpx.AsyncClient(trust_env=False) as browser:
        assert (await browser.get(f"{system.stack.url('web')}/sign-in")).status_code == 200

    def page(spans: list[Span]) -> dict[str, Span]:
        found = [t for trace, t in traces(spans).items() if trace not in before]
        named = [{f"{span.service} {span.name}": span for span in t} for t in found]
        return next((t for t in named if {"tuan.web GET /sign-in", "tuan.identity GET /v1/captchas"} <= t.keys()), {})

    spans = page(await asyncio.to_thread(system.spans.until, lambda spans: bool(page(spans))))
    root, asked = spans["tuan.web GET /sign-in"], spans["tuan.identity GET /v1/captchas"]
    assert (root.parent, asked.parent) == ("", root.id)
