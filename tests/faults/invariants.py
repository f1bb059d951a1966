"""What must hold of a whole system at rest, whatever was killed before (reliability.md 4.2, as far as it exists)."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.identity.domain.account import account_of
from services.identity.projections.people import People as KnownPeople
from services.member.projections.imports import ImportList
from services.member.projections.people import PeopleList
from services.relay.checkpoint import CheckpointStore
from services.relay.relay import audited
from services.stats.projections.live import PEOPLE as COUNTED_PEOPLE
from services.stats.projections.live import LiveTotals
from services.stats.verify import Verification
from shared.eventstore.driver import Driver
from shared.messaging.consumer import connection
from shared.messaging.generations import current_topics
from shared.messaging.wire import records_of
from shared.projections.copies import Copies, collection_of
from shared.runtime.parts import SOURCES
from shared.runtime.settings import Settings
from tests.faults.topics import ids_in_kafka

OPENED, RELEASED = "identity.AccountOpened.v1", "identity.AccountReleased.v1"
UNSETTLED = {"state": {"$in": ["received", "running"]}}


@dataclass
class People:
    """Who is there according to the streams of member: the record everything else is derived from."""

    recorded: dict[str, Any] = field(default_factory=dict)
    branch: dict[str, str] = field(default_factory=dict)
    released: set[str] = field(default_factory=set)

    @property
    def by_branch(self) -> dict[str, int]:
        return dict(Counter(self.branch.values()))


class Invariants:
    """Each check answers with sentences about what is wrong; none for a sound system."""

    def __init__(self, driver: Driver, settings: Settings) -> None:
        self._driver = driver
        self._settings = settings

    def database(self, service: str) -> Any:
        return self._driver.database(self._settings.database(service))

    async def read(self, service: str, model: Any, name: str = "") -> Any:
        """The collection of a read model, of the copy that is read now; `name` where the model has several."""
        database = self.database(service)
        key = getattr(model, "copied_with", "") or f"{model.name}-v{model.version}"
        number = await Copies(database, key).read()
        return database[collection_of(name or f"{model.name}_v{model.version}", number)]

    async def people(self) -> People:
        people = People()
        spans, facts = {"_id": {"$gte": "person-", "$lt": "person."}}, {"stream": 1, "events.type": 1, "events.data": 1}
        async for commit in self.database("member").commits.find(spans, facts):
            for event in commit["events"]:
                match event["type"]:
                    case "member.PersonRecorded.v1":
                        people.recorded[commit["stream"]] = event["data"]
                    case "member.MembershipBegan.v1":
                        people.branch[commit["stream"]] = event["data"]["branch"]
                    case "member.MemberMoved.v1":
                        people.branch[commit["stream"]] = event["data"]["to_branch"]
                    case "member.MembershipEnded.v1":
                        del people.branch[commit["stream"]]
                    case "member.NumberReleased.v1":
                        del people.recorded[commit["stream"]]
                        people.released.add(commit["stream"])
        return people

    async def at_rest(self) -> bool:
        """Whether everybody has heard of everyone: the lists, the accounts that ended, the figures."""
        identity, member = (self.database(s) for s in ("identity", "member"))
        recorded = await member.commits.count_documents({"_id": {"$regex": "^person-.*:0*1$"}})
        people = recorded - await member.commits.count_documents({"events.type": "member.NumberReleased.v1"})
        ended = await identity.commits.count_documents({"events.type": RELEASED})
        counts = [
            ended + people + people - recorded,
            await (await self.read("identity", KnownPeople)).count_documents({}),
            await (await self.read("member", PeopleList)).count_documents({"released": {"$ne": True}}),
            await (await self.read("stats", LiveTotals, COUNTED_PEOPLE)).count_documents({}),
            await (await self.read("member", ImportList)).count_documents(UNSETTLED) + people,
        ]
        return counts == [people] * 5

    async def broken(self) -> list[str]:
        """Everything that does not hold."""
        people = await self.people()
        return [
            *[wrong for service in SOURCES for wrong in await self.streams(service)],
            *await self.each_once(people),
            *await self.figures(people),
            *await self.published(),
        ]

    async def each_once(self, people: People | None = None) -> list[str]:
        """What does not hold of people alone, wherever member and identity count them."""
        people = people or await self.people()
        return [
            *await self.uniqueness(people),
            *await self.imports(people),
            *await self.rosters(people),
            *await self.accounts(people),
        ]

    async def streams(self, service: str) -> list[str]:
        """I2: the versions of each stream are 1..n."""
        pipeline: list[Mapping[str, Any]] = [
            {
                "$group": {
                    "_id": "$stream",
                    "n": {"$sum": 1},
                    "last": {"$max": "$version"},
                    "ids": {"$addToSet": "$version"},
                }
            },
            {"$match": {"$expr": {"$or": [{"$ne": ["$n", "$last"]}, {"$ne": [{"$size": "$ids"}, "$n"]}]}}},
        ]
        found = await (await self.database(service).commits.aggregate(pipeline)).to_list(None)
        return [f"{service}: stream {row['_id']} has {row['n']} commits up to version {row['last']}" for row in found]

    async def uniqueness(self, people: People) -> list[str]:
        """I3: one number, one person; each holds the claims of their numbers and one key."""
        claims = {c["_id"]: c["owner"] async for c in self.database("member").claims.find({})}
        numbers = {f"number:{data['number_hash']}": person for person, data in people.recorded.items()}
        numbers |= {
            f"development-number:{data['development_hash']}": person
            for person, data in people.recorded.items()
            if data["development_hash"]
        }
        wrong = _different("claims", {k: v for k, v in claims.items() if not k.startswith("running-import")}, numbers)
        if len({d["number_hash"] for d in people.recorded.values()}) != len(people.recorded):
            wrong.append("two people have one number")
        left = [c for c in claims if c.startswith("running-import")]
        imports = await (await self.read("member", ImportList)).count_documents({})
        keys = await self.database("vault").keys.count_documents({})
        uploads = await self.database("member").uploads.count_documents({})
        if left:
            wrong.append(f"claims of imports that are over: {left}")
        known = len(people.recorded) + len(people.released)
        if (keys, uploads) != (known + imports, imports):
            wrong.append(f"{keys} keys and {uploads} uploads for {known} people and {imports} imports")
        return wrong

    async def imports(self, people: People) -> list[str]:
        """Every row has one verdict, the verdicts add up, and who was imported is there, once."""
        wrong: list[str] = []
        rows: dict[str, int] = {}
        verdicts: dict[str, list[Mapping[str, Any]]] = {}
        async for commit in self.database("member").commits.find({"_id": {"$gte": "import-", "$lt": "import."}}):
            for event in commit["events"]:
                if event["type"] == "member.ImportRead.v1":
                    rows[commit["stream"]] = event["data"]["rows"]
                if event["type"] == "member.RowsSettled.v1":
                    verdicts.setdefault(commit["stream"], []).extend(event["data"]["verdicts"])
        brought: Counter[str] = Counter()
        lines = await self.read("member", ImportList)
        for import_id, count in rows.items():
            found = verdicts.get(import_id, [])
            if not len(found) == len({v["row"] for v in found}) == count:
                wrong.append(f"{import_id}: {len(found)} verdicts on {count} rows")
            brought.update(v["person"] for v in found if v["verdict"].startswith("imported"))
            listed = await lines.find_one({"_id": import_id})
            if sum(listed["counts"].values()) != count:
                wrong.append(f"{import_id}: its line says {listed['counts']} of {count} rows")
        imported = {p for p, data in people.recorded.items() if data["import_id"]}
        imported |= people.released
        return wrong + _different("people brought by imports", dict(brought), dict.fromkeys(imported, 1))

    async def rosters(self, people: People) -> list[str]:
        """A roster counts the members of its branch, and so does the list that admins see."""
        rosters = {r["_id"]: r["members"] async for r in self.database("member").rosters.find({})}
        listed: Counter[str] = Counter()
        people_list = await self.read("member", PeopleList)
        async for document in people_list.find({"branch": {"$ne": None}}, {"branch": 1}):
            listed[document["branch"]] += 1
        return [
            *_different("rosters", {k: v for k, v in rosters.items() if v}, people.by_branch),
            *_different("lists of branches", dict(listed), people.by_branch),
        ]

    async def accounts(self, people: People) -> list[str]:
        """IDN-02, MEM-27: an account is opened at most once, and ended once if its number was released."""
        opened: Counter[str] = Counter()
        ended: Counter[str] = Counter()
        async for commit in self.database("identity").commits.find({"_id": {"$gte": "account-", "$lt": "account."}}):
            opened[commit["stream"]] += sum(e["type"] == OPENED for e in commit["events"])
            ended[commit["stream"]] += sum(e["type"] == RELEASED for e in commit["events"])
        right = {stream: 0 if ended[stream] and not count else 1 for stream, count in opened.items()}
        strange = opened.keys() - {account_of(p) for p in people.recorded.keys() | people.released}
        return [
            *_different("accounts opened", dict(opened), right),
            *_different(
                "accounts ended", {k: v for k, v in ended.items() if v}, {account_of(p): 1 for p in people.released}
            ),
            *([f"accounts of nobody: {sorted(strange)[:3]}"] if strange else []),
        ]

    async def figures(self, people: People) -> list[str]:
        """P10: kept figures equal a recount of the documents and of the streams; the relay numbered every commit."""
        verification = Verification(self._driver, self._settings)
        wrong: list[str] = []
        for how, act in (("documents", verification.recount), ("streams", verification.replay)):
            counted = await act()
            wrong += [f"figures against {how}: {drift}" for drift in counted.drifts]
            if counted.people != len(people.recorded):
                wrong.append(f"figures against {how}: {counted.people} people for {len(people.recorded)}")
        store = CheckpointStore(self.database("relay"), "faults")
        return wrong + await audited(self._driver, self._settings, SOURCES, store)

    async def published(self) -> list[str]:
        """I9: what is on Kafka is what was committed, no more and no less; copies are chained as copies."""
        wrong: list[str] = []
        read = await current_topics(self._driver, self._settings)
        there = await read.there(connection(self._settings), SOURCES)
        on_kafka = await ids_in_kafka(self._settings, there, read.generation)
        committed: dict[str, set[str]] = {topic: set() for topic in there}
        for service in SOURCES:
            async for commit in self.database(service).commits.find({}):
                for record in records_of(commit, service):
                    committed[record.topic].add(record.recorded.event_id)
        for topic, ids in committed.items():
            lacking, strange = len(ids - on_kafka[topic]), len(on_kafka[topic] - ids)
            if lacking or strange:
                wrong.append(f"{topic}: {lacking} of {len(ids)} events are not on Kafka, {strange} are of no commit")
        return wrong


def _different(what: str, found: Mapping[Any, Any], right: Mapping[Any, Any]) -> list[str]:
    """In one sentence with a few examples."""
    wrong = [key for key in found.keys() | right.keys() if found.get(key) != right.get(key)]
    if not wrong:
        return []
    shown = [f"{key}: {found.get(key)} for {right.get(key)}" for key in wrong[:3]]
    return [f"{what}: {len(wrong)} of {len(right)} differ, as {'; '.join(shown)}"]
