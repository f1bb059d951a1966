"""How people, nodes and totals lie in MongoDB, and back. The form of `nodes` is copied for every published hour."""

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

from pymongo import UpdateOne

from services.stats.counting.ledger import Node
from services.stats.counting.organizations import Organization
from services.stats.counting.people import Person
from services.stats.counting.vectors import NO_FIGURES, Counts, Figures, Totals, minus
from shared.contracts.org import BranchKind, Category
from shared.eventstore.driver import OPERATION_MILLISECONDS

Document = dict[str, Any]


async def aggregated(collection: Any, pipeline: Sequence[Document]) -> list[Document]:
    """What a pipeline gives, on either driver: one answers with a cursor, the other with a coroutine of one."""
    cursor = collection.aggregate(list(pipeline), maxTimeMS=OPERATION_MILLISECONDS)
    if inspect.isawaitable(cursor):
        cursor = await cursor
    found: list[Document] = await cursor.to_list(None)
    return found


def person_document(name: str, person: Person) -> Document:
    """`{_id, branch, positions: {organization: [..]}, missing: [..]}`: ids and names of fields, nothing personal."""
    positions = {o: sorted(p) for o, p in person.positions.items()}
    return {"_id": name, "branch": person.branch, "positions": positions, "missing": sorted(person.missing)}


def person_of(document: Mapping[str, Any]) -> Person:
    positions = {o: frozenset(p) for o, p in document["positions"].items()}
    return Person(document["branch"], positions, frozenset(document["missing"]))


def figures_of(document: Mapping[str, int]) -> Figures:
    return Figures(**document)


def totals_of(document: Mapping[str, Mapping[str, int]]) -> Totals:
    """Sums that came down to zero stay in the store as zeros and are left out here."""
    read = {tab: NO_FIGURES._replace(**figures) for tab, figures in document.items()}
    return {tab: figures for tab, figures in read.items() if any(figures)}


def node_of(document: Mapping[str, Any]) -> Node:
    return Node(
        id=document["_id"],
        organization=organization_of(document),
        counts=Counts(**document["counts"]),
        wanted=document["wanted"],
        attached=document["attached"],
        order=document["order"],
        tab=document["tab"],
        own=figures_of(document["own"]),
        lacks=tuple(document["lacks"]),
        totals=totals_of(document.get("totals", {})),
    )


def organization_of(document: Mapping[str, Any]) -> Organization | None:
    if document["category"] is None:
        return None
    return Organization(
        category=Category(document["category"]),
        branch_kind=BranchKind(document["branch_kind"]),
        full_name=document["full_name"],
        short_name=document["short_name"],
        sector=document["sector"],
        missing=tuple(document["missing"]),
        register=document.get("register", False),
    )


def _said(node: Node) -> Document:
    """What org says of a node."""
    known = node.organization
    return {
        "category": known.category if known else None,
        "branch_kind": known.branch_kind if known else None,
        "full_name": known.full_name if known else "",
        "short_name": known.short_name if known else "",
        "sector": known.sector if known else "",
        "missing": list(known.missing) if known else [],
        "register": known.register if known else False,
        "wanted": node.wanted,
        "attached": node.attached,
        "waiting": node.waiting,
        "order": node.order,
    }


def _counted(node: Node) -> Document:
    """What is counted of a node itself."""
    return {
        "counts": node.counts._asdict(),
        "tab": node.tab,
        "own": node.own._asdict(),
        "lacks": list(node.lacks),
    }


def node_update(stored: Node | None, node: Node, changed_after: int) -> UpdateOne | None:
    """What a batch changed of a node; None if nothing. Totals are added to, never set (kernel.md 7)."""
    before = stored or Node(node.id)
    added = {
        f"totals.{tab}.{name}": amount
        for tab in before.totals.keys() | node.totals.keys()
        for name, amount in zip(
            Figures._fields,
            minus(node.totals.get(tab, NO_FIGURES), before.totals.get(tab, NO_FIGURES)),
            strict=True,
        )
        if amount
    }
    said = (before.organization, before.wanted, before.attached, before.order) != (
        node.organization, node.wanted, node.attached, node.order,
    )  # fmt: skip
    counted = (before.counts, before.tab, before.own, before.lacks) != (node.counts, node.tab, node.own, node.lacks)
    if not (said or counted or added):
        return None
    change: Document = {"changed_after": changed_after}
    if said or stored is None:
        change |= _said(node)
    if counted or stored is None:
        change |= _counted(node)
    return UpdateOne({"_id": node.id}, {"$set": change} | ({"$inc": added} if added else {}), upsert=True)
