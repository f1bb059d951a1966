"""Rows of the matrix for a tree that changes: migrations, mergers, explanations, an operator's move (ORG-17, ORG-21)."""

from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

from tests.matrix import NOWHERE, OPERATOR, Asker, Role, Row, Rule, organization, person
from tests.org.application_rows import asks
from tests.org.conftest import World
from tests.org.test_documents import PDF

TARGET, BELOW, PROVINCE = organization("target"), organization("below"), organization("province")
NO_MIGRATION = NOWHERE.replace("organization", "migration")
_NUMBER = count(1)


class Given:
    """What the rows are about, made anew for each asker."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._by = person(f"{Role.ADMIN} of target")
        self.branch = self.other = NOWHERE
        self.migration = NO_MIGRATION
        self.document = self.explanation = NOWHERE.partition("-")[2]

    async def branches(self, asker: Asker | None) -> None:
        """Two new ones of the target, and a document that the asker uploaded."""
        self.branch, self.other = [await self._branch() for _ in range(2)]
        await self.uploads(asker)

    async def uploads(self, asker: Asker | None) -> None:
        headers = self._world.issuer.headers(asker.id if asker else self._by, key=f"change-document-{next(_NUMBER)}")
        files = {"file": ("批复.pdf", PDF)}
        answer = await self._world.client.post("/v1/approval-documents", files=files, headers=headers)
        self.document = str(answer.json()["document_id"])

    async def asked_by_branch(self, _: Asker | None) -> None:
        self.branch = await self._branch()
        await self._asked(self.branch)

    async def asked_by_below(self, _: Asker | None) -> None:
        await self.nothing_asked(_)
        await self._asked(BELOW)

    async def nothing_asked(self, _: Asker | None) -> None:
        """Whatever is open of it is withdrawn."""
        await self._world.feed.catch_up()
        for each in (BELOW, TARGET):
            listed = await self._world.get(f"/v1/organizations/{each}/migrations?which=own", OPERATOR)
            for row in listed.json()["items"]:
                if row["state"] == "pending":
                    by = person(f"{Role.ADMIN} of target")
                    path = f"/v1/migrations/{row['migration']}/withdrawal"
                    assert (await self._world.post(path, {}, by)).status_code == 200

    async def explained(self, _: Asker | None) -> None:
        self.branch = await self._branch()
        await self.uploads(None)
        body = {"occasion": "closed", "document": self.document}
        path = f"/v1/organizations/{self.branch}/explanations"
        assert (await self._world.post(path, body, self._by)).status_code == 201
        card = await self._world.get(f"/v1/organizations/{self.branch}", self._by)
        self.explanation = card.json()["explanations"][0]["id"]

    async def _branch(self) -> str:
        name = f"育才中学迁移第{next(_NUMBER)}团支部"
        fields = {"category": "branch", "full_name": name, "short_name": name, "sector": "5"}
        return await self._world.establish(TARGET, self._by, **fields)

    async def _asked(self, of: str) -> None:
        answer = await self._world.post(f"/v1/organizations/{of}/migrations", {"to": PROVINCE}, self._by)
        assert answer.status_code == 201, answer.text
        self.migration = str(answer.json()["stream"])


def change_rows(world: World) -> list[Row]:
    """ORG-17, ORG-21."""
    given = Given(world)
    nowhere: dict[str, Any] = {"target": "nowhere", "about": "that is not there"}
    absent: dict[str, Any] = nowhere | {"hides": "nothing_here"}
    ground, gone = {"ground": "papers_missing"}, f"migrations/{NO_MIGRATION}"

    def of_migration(leaf: str = "", **more: Any) -> Callable[[], Mapping[str, Any]]:
        return lambda: {"url": f"/v1/migrations/{given.migration}{leaf}"} | more

    def merger() -> Mapping[str, Any]:
        body = {"decided_on": "2026-11-20", "document": given.document, "into": given.other}
        return {"url": f"/v1/organizations/{given.branch}/merger", "json": body}

    def told() -> Mapping[str, str]:
        return {"occasion": "renamed", "document": given.document}

    def settled() -> Mapping[str, Any]:
        path = f"/v1/organizations/{given.branch}/explanations/{given.explanation}/settlement"
        return {"url": path, "json": {}}

    def placed() -> Mapping[str, Any]:
        body = {"to": organization("other"), "reason": "划归另一个省"}
        return {"url": f"/v1/organizations/{given.branch}/placement", "json": body}

    def to_province() -> Mapping[str, str]:
        return {"to": PROVINCE}

    one, of_one = "/v1/migrations/{migration}", "/v1/organizations/{organization}"
    decides: dict[str, Any] = {"low": "superior_decides_migrations", "hides": "nothing_here"}
    decides |= {"ready": given.asked_by_branch}
    below: dict[str, Any] = {"target": "below", "hides": "nothing_here", "ready": given.asked_by_below}
    explanations, settlement = f"{of_one}/explanations", f"{of_one}/explanations/{{explanation}}/settlement"
    at, none = f"organizations/{TARGET}", f"organizations/{NOWHERE}"
    settles: dict[str, Any] = {"low": "superior_settles_explanations", "ready": given.explained}
    return [
        Row(
            f"POST {of_one}/migrations",
            Rule.WRITE,
            asks(f"{at}/migrations", json=to_province),
            ready=given.nothing_asked,
        ),
        Row(f"POST {of_one}/migrations", Rule.WRITE, asks(f"{none}/migrations", json=to_province), **nowhere),
        Row(f"GET {of_one}/migrations", Rule.READ, asks(f"{at}/migrations")),
        Row(f"GET {of_one}/migrations", Rule.READ, asks(f"{none}/migrations"), **nowhere),
        Row(f"GET {one}", Rule.READ, of_migration(), **below),
        Row(f"GET {one}", Rule.READ, asks(gone), **absent),
        Row(f"POST {one}/approval", Rule.OWN, of_migration("/approval", json={}), **decides),
        Row(f"POST {one}/approval", Rule.OWN, asks(f"{gone}/approval", json=dict), **absent),
        Row(f"POST {one}/refusal", Rule.OWN, of_migration("/refusal", json=ground), **decides),
        Row(f"POST {one}/refusal", Rule.OWN, asks(f"{gone}/refusal", json=lambda: ground), **absent),
        Row(f"POST {one}/withdrawal", Rule.WRITE, of_migration("/withdrawal", json={}), **below),
        Row(f"POST {one}/withdrawal", Rule.WRITE, asks(f"{gone}/withdrawal", json=dict), **absent),
        Row(f"POST {of_one}/placement", Rule.OPERATOR, placed, ready=given.branches),
        Row(f"GET {of_one}/reach", Rule.READ, asks(f"{at}/reach")),
        Row(f"GET {of_one}/reach", Rule.READ, asks(f"{none}/reach"), **nowhere),
        Row(f"POST {of_one}/merger", Rule.OWN, merger, low="superior_dissolves", ready=given.branches),
        Row(f"POST {of_one}/merger", Rule.OWN, asks(f"{none}/merger", json=lambda: merger()["json"]), **nowhere),
        Row(f"POST {explanations}", Rule.WRITE, asks(f"{at}/explanations", json=told), ready=given.uploads),
        Row(f"POST {explanations}", Rule.WRITE, asks(f"{none}/explanations", json=told), **nowhere),
        Row(f"GET {of_one}/subordinates/explanations", Rule.WRITE, asks(f"{at}/subordinates/explanations")),
        Row(
            f"GET {of_one}/subordinates/explanations", Rule.WRITE, asks(f"{none}/subordinates/explanations"), **nowhere
        ),
        Row(f"POST {settlement}", Rule.OWN, settled, **settles),
        Row(f"POST {settlement}", Rule.OWN, asks(f"{none}/explanations/x/settlement", json=dict), **nowhere),
    ]
