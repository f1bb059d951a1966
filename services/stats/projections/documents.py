"""How people, transfers, nodes and totals lie in MongoDB, and back. That of `nodes` is copied for every hour."""

from collections.abc import Mapping
from typing import Any

from pymongo import UpdateOne

from services.stats.counting.graduates import Attempt, Move, Place
from services.stats.counting.ledger import Node
from services.stats.counting.organizations import Organization
from services.stats.counting.people import Person
from services.stats.counting.steps import Steps
from services.stats.counting.vectors import (
    NO_FIGURES,
    NO_GRADUATES,
    Cohorts,
    Counts,
    Figures,
    Totals,
    Vector,
    minus,
)
from shared.contracts.org import BranchKind, Category

Document = dict[str, Any]


def person_document(name: str, person: Person) -> Document:
    """Ids and names of fields, nothing personal; what only graduates and movers have stands only there.

    `{_id, branch, positions: {organization: [..]}, missing: [..], path: [[transfer, from, to]], attempts: {transfer:
    [from, state]}, places: {year: [branch, left_out]}}`.
    """
    moves = {
        "path": [[move.transfer, move.from_branch, move.to_branch] for move in person.path],
        "attempts": {name: [each.from_branch, each.state] for name, each in sorted(person.attempts.items())},
        "places": {year: [place.branch, place.left_out] for year, place in sorted(person.places.items())},
    }
    positions = {o: sorted(p) for o, p in person.positions.items()}
    return {
        "_id": name,
        "branch": person.branch,
        "positions": positions,
        "missing": sorted(person.missing),
        **{key: value for key, value in moves.items() if value},
    }


def person_of(document: Mapping[str, Any]) -> Person:
    return Person(
        branch=document["branch"],
        positions={o: frozenset(p) for o, p in document["positions"].items()},
        missing=frozenset(document["missing"]),
        path=tuple(Move(*move) for move in document.get("path", ())),
        attempts={name: Attempt(*each) for name, each in document.get("attempts", {}).items()},
        places={year: Place(*place) for year, place in document.get("places", {}).items()},
    )


def steps_document(name: str, steps: Steps) -> Document:
    """`{_id, over: {step: [organization, late]}, late: organization}` of a transfer."""
    return {"_id": name, "over": {key: list(over) for key, over in steps.over.items()}, "late": steps.late}


def steps_of(document: Mapping[str, Any]) -> Steps:
    return Steps({key: (over[0], over[1]) for key, over in document["over"].items()}, document["late"])


def figures_of(document: Mapping[str, int]) -> Figures:
    return Figures(**document)


def totals_of(document: Mapping[str, Mapping[str, int]]) -> Totals:
    """Sums that came down to zero stay in the store as zeros and are left out here."""
    read = {tab: NO_FIGURES._replace(**figures) for tab, figures in document.items()}
    return {tab: figures for tab, figures in read.items() if any(figures)}


def cohorts_of(document: Mapping[str, Mapping[str, int]]) -> Cohorts:
    """The same of graduates, by year."""
    read = {year: NO_GRADUATES._replace(**graduates) for year, graduates in document.items()}
    return {year: graduates for year, graduates in read.items() if any(graduates)}


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
        graduates=cohorts_of(document.get("graduates", {})),
        cohorts=cohorts_of(document.get("cohorts", {})),
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
        register=document["register"],
        school=document["school"],
        region=document["region"],
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
        "school": known.school if known else False,
        "region": known.region if known else "",
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
        "graduates": {year: _sparse(graduates) for year, graduates in node.graduates.items()},
    }


def _sparse(vector: Vector) -> Document:
    return {name: amount for name, amount in zip(vector._fields, vector, strict=True) if amount}


def _added(key: str, nothing: Vector, before: Mapping[str, Vector], now: Mapping[str, Vector]) -> dict[str, int]:
    """By path of a document what is to be added there."""
    return {
        f"{key}.{part}.{name}": amount
        for part in before.keys() | now.keys()
        for name, amount in _sparse(minus(now.get(part, nothing), before.get(part, nothing))).items()
    }


def node_update(stored: Node | None, node: Node, changed_after: int) -> UpdateOne | None:
    """What a batch changed of a node; None if nothing. Totals are added to, never set (kernel.md 7)."""
    before = stored or Node(node.id)
    added = _added("totals", NO_FIGURES, before.totals, node.totals)
    added |= _added("cohorts", NO_GRADUATES, before.cohorts, node.cohorts)
    said = (before.organization, before.wanted, before.attached, before.order) != (
        node.organization, node.wanted, node.attached, node.order,
    )  # fmt: skip
    counted = (before.counts, before.tab, before.own, before.lacks, before.graduates) != (
        node.counts, node.tab, node.own, node.lacks, node.graduates,
    )  # fmt: skip
    if not (said or counted or added):
        return None
    change: Document = {"changed_after": changed_after}
    if said or stored is None:
        change |= _said(node)
    if counted or stored is None:
        change |= _counted(node)
    return UpdateOne({"_id": node.id}, {"$set": change} | ({"$inc": added} if added else {}), upsert=True)
