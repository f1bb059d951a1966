"""Every route of a service, for everybody who could ask, beside an oracle that was written from the rules alone (X10).

The oracle speaks of organizations by name and of ADM-08's reach by the sets of `tests/shared/authority/oracle.py`. A
service gives its applications' routes and how to ask each (`Row`); `check` compares code, names and commits.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID, uuid5

import httpx
from fastapi import FastAPI

from shared.contracts import member, org
from shared.http.routes import declarations
from tests.shared.authority import oracle

TREE: dict[str, str | None] = {
    "root": None,
    "province": "root",
    "other": "root",
    "county": "province",
    "target": "county",
    "sibling": "county",
    "below": "target",
    "beside": "target",
}
"""`target` is what requests are about; the others are the relations of those who ask to it."""
NAMES = dict(
    zip(TREE, ("中央", "浙江省", "江苏省", "遂昌县", "育才中学", "明德中学", "高一一班", "高一二班"), strict=True)
)
BRANCHES = ("below", "beside")
RELATIONS = {
    "own": "target",
    "direct superior": "county",
    "superior two steps up": "province",
    "root": "root",
    "direct subordinate": "below",
    "sibling": "sibling",
    "other province": "other",
}


class Tokens(Protocol):
    """shared/testing/tokens.py, and whatever signs as identity does."""

    def headers(self, principal: str, *, organization: str | None = None, key: str | None = None) -> dict[str, str]: ...


class Role(StrEnum):
    NOBODY = "nobody"
    MEMBER = "member"
    CADRE = "cadre"
    ADMIN = "admin"
    REVOKED = "revoked admin"
    OPERATOR = "central operator"


def organization(name: str) -> str:
    return f"organization-{uuid5(UUID(int=10), name)}"


def person(name: str) -> str:
    return f"person-{uuid5(UUID(int=11), name)}"


OPERATOR = "operator-00000000-0000-4000-8000-000000000001"
NOWHERE = organization("nowhere")


@dataclass(frozen=True, slots=True)
class Asker:
    """Somebody with one role in one organization; `acting` is what they write into the header."""

    role: Role
    at: str = ""
    acting: str = ""

    @property
    def id(self) -> str:
        return OPERATOR if self.role is Role.OPERATOR else person(f"{self.role} of {self.at}")

    def __str__(self) -> str:
        return " ".join(filter(None, (self.role, self.at and f"of {self.at}", self.acting and f"as {self.acting}")))

    def headers(self, issuer: Tokens, key: str) -> dict[str, str]:
        acting = organization(self.acting) if self.acting else None
        if self.role is Role.NOBODY:
            return {"X-Acting-Organization": acting or "", "Idempotency-Key": key}
        return issuer.headers(self.id, organization=acting, key=key)


def askers() -> Iterator[Asker]:
    """Everybody: nobody, an operator, each role at each place; those who act for what they have no right in."""
    yield Asker(Role.NOBODY)
    yield Asker(Role.NOBODY, acting="target")
    yield Asker(Role.OPERATOR)
    yield Asker(Role.OPERATOR, acting="other")
    for place in RELATIONS.values():
        yield Asker(Role.CADRE, place)
        yield Asker(Role.ADMIN, place)
    for place in ("target", "county", "other"):
        yield Asker(Role.MEMBER, place)
        yield Asker(Role.REVOKED, place)
        yield Asker(Role.ADMIN, place, acting=place)
    for role in (Role.MEMBER, Role.CADRE, Role.ADMIN, Role.REVOKED):
        yield Asker(role, "other", acting="target")
    for acting in ("other", "county", "nowhere"):
        yield Asker(Role.ADMIN, "target", acting)
    yield Asker(Role.CADRE, "target", acting="root")


def facts() -> Iterator[tuple[str, Any]]:
    """(stream, public event) of org and member by which read models and copies know everybody of `askers`."""
    for place, superior in TREE.items():
        kind = org.Category.BRANCH if place in BRANCHES else org.Category.COMMITTEE
        above = organization(superior) if superior else None
        names = {"full_name": name_of(place), "short_name": NAMES[place]}
        event = org.OrganizationEstablished(organization=organization(place), superior=above, category=kind, **names)
        yield organization(place), event
    for place in RELATIONS.values():
        at = organization(place)
        yield (who := person(f"member of {place}")), member.MemberEntered(person=who, branch=at)
        post = {"person": (who := person(f"cadre of {place}")), "organization": at, "position": "委员"}
        yield who, member.CadreAppointed(**post)
        yield who, member.PostTaken(**post)
        for role in (Role.ADMIN, Role.REVOKED):
            yield at, org.AdminAppointed(organization=at, person=person(f"{role} of {place}"))
        yield at, org.AdminRevoked(organization=at, person=person(f"{Role.REVOKED} of {place}"))


def name_of(place: str) -> str:
    return f"共青团{NAMES[place]}委员会"


class Rule(StrEnum):
    """What the catalogue says of a route."""

    PUBLIC = "before signing in"
    SIGNED_IN = "ORG-22: directory and reference data"
    SELF = "one's own things"
    READ = "ADM-08, IDN-08: admins and cadres of the organization and of all above it"
    WRITE = "ADM-08, ORG-06, MEM-03, ADM-05: admins of the organization and of its direct superior"
    OWN = "ORG-03, ORG-08, MEM-24: admins of the very organization"
    SUPERIOR = "MEM-27, for all but the uploader: admins of the direct superior"
    OPERATOR = "IDN-08: central operators, who run the system"


def able(rule: Rule, target: str) -> tuple[str, ...]:
    """The organizations whose admins may, nearest first; of what is not there nobody's."""
    near = tuple(p for p in (target, TREE.get(target)) if p in TREE and p)
    return {Rule.OWN: near[:1], Rule.SUPERIOR: near[1:2], Rule.WRITE: near}.get(rule, ())


def allowed(rule: Rule, asker: Asker, target: str) -> bool:
    if rule is Rule.PUBLIC:
        return True
    if asker.role is Role.NOBODY:
        return False
    if rule in (Rule.SIGNED_IN, Rule.SELF):
        return True
    if rule is Rule.OPERATOR:
        return asker.role is Role.OPERATOR
    if asker.role is Role.OPERATOR:  # an admin of the root, whatever the header says
        admin, cadre = {"root"}, set[str]()
    else:
        here = {asker.at} if asker.acting in ("", asker.at) else set()
        admin = here if asker.role is Role.ADMIN else set()
        cadre = here if asker.role is Role.CADRE else set()
    if rule is Rule.READ:
        return oracle.allowed(TREE, admin, cadre, False, target, "read")
    return bool(admin & set(able(rule, target)))


@dataclass(frozen=True, slots=True)
class Row:
    """One way to ask one route about one thing.

    `ask` gives what httpx takes beside method and headers: `url`, `json`, `data`, `files`. `hides` is the code with which
    the thing itself is hidden from those who may not read it (empty: 403 and no names); `low` the code that refuses who
    may write to the organization and yet is none of its own admins. `ready` makes the request one that does something;
    before all refusals it is called with None.
    """

    route: str
    rule: Rule
    ask: Callable[[], Mapping[str, Any]]
    target: str = "target"
    hides: str = ""
    low: str = ""
    ready: Callable[[Asker | None], Awaitable[object]] | None = None
    about: str = ""


@dataclass(slots=True)
class Matrix:
    """The rows of one service, and what is needed to ask them."""

    app: FastAPI
    issuer: Tokens
    commits: Callable[[], Awaitable[int]]
    secrets: Collection[str]
    rows: Sequence[Row]
    everybody: Sequence[Asker] = tuple(askers())
    asked: int = field(default=0)

    def assert_complete(self) -> None:
        """A route that nobody wrote a row for, or a row of a route that is gone."""
        found = {f"{m} {p}" for m, p, _ in declarations(self.app) if not p.startswith(("/health/", "/metrics"))}
        rows = {row.route for row in self.rows}
        assert found == rows, f"routes without a row: {found - rows}; rows without a route: {rows - found}"

    async def check(self) -> None:
        """First all that must be refused, during which nothing is committed; then all that must succeed."""
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://matrix") as http:
            for row in self.rows:
                if row.ready:
                    await row.ready(None)
                before = await self.commits()
                refused = [asker for asker in self.everybody if not allowed(row.rule, asker, row.target)]
                answers = await asyncio.gather(*(self._send(http, row, asker) for asker in refused))
                for asker, answer in zip(refused, answers, strict=True):
                    self._assert_refused(row, asker, answer)
                assert await self.commits() == before, f"{row.route} {row.about}: a refused command left a commit"
            for row, asker in self._allowed():
                if row.ready:
                    await row.ready(asker)
                answer = await self._send(http, row, asker)
                about = (row.route, row.about, str(asker), answer.status_code, answer.text)
                if row.rule is Rule.PUBLIC:  # what is wrong with an invented secret is another test's affair
                    assert answer.status_code < 500, about
                    assert '"unauthenticated"' not in answer.text, about
                else:
                    assert answer.is_success, about

    def _allowed(self) -> Iterable[tuple[Row, Asker]]:
        return [(r, a) for r in self.rows for a in self.everybody if allowed(r.rule, a, r.target)]

    async def _send(self, http: httpx.AsyncClient, row: Row, asker: Asker) -> httpx.Response:
        self.asked += 1
        headers = asker.headers(self.issuer, f"matrix-{self.asked:08d}")
        return await http.request(row.route.partition(" ")[0], headers=headers, **row.ask())

    def _assert_refused(self, row: Row, asker: Asker, answer: httpx.Response) -> None:
        assert not answer.is_success, (row.route, row.about, str(asker), answer.status_code)
        said = answer.json()
        about = (row.route, row.about, str(asker), answer.status_code, said)
        assert (answer.status_code, said["code"]) == self._refusal(row, asker), about
        reads = allowed(Rule.READ, asker, row.target)
        for secret in self.secrets:
            assert secret not in answer.text, about
        named = [place for place in TREE if name_of(place) in answer.text or organization(place) in answer.text]
        could = able(row.rule, row.target) if reads and said["code"] == "outside_authority" else ()
        if said["code"] != row.low:
            assert sorted(named) == sorted(could), about
            assert said["params"].get("organizations", []) == [organization(place) for place in could], about

    def _refusal(self, row: Row, asker: Asker) -> tuple[int, str]:
        if asker.role is Role.NOBODY:
            return 401, "unauthenticated"
        if row.rule is Rule.OPERATOR:
            return 403, "only_central_operators"
        if row.hides and not allowed(Rule.READ, asker, row.target):
            return 404, row.hides
        if row.low and allowed(Rule.WRITE, asker, row.target):
            return 403, row.low
        return 403, "outside_authority"
