"""The copies: scopes by id, rights by principal. Fed like every read model, one set in each service's own database."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from pymongo import IndexModel

from shared.authority.words import Granted, Revoked, ScopeDescribed, ScopeGone, ScopeMade, ScopeMoved
from shared.contracts.authority_feed import GRANT_TOPICS, GRANT_TYPES, SCOPE_TOPICS, SCOPE_TYPES, word_of
from shared.kernel.envelope import Recorded
from shared.projections.documents import Document, DocumentProjection


class AuthorityScopes(DocumentProjection):
    """{_id: scope, superior, category, name, version}: `version` is that of the last event seen of its stream.

    `gone` is there, and true, of a scope that is there no more.
    """

    name: ClassVar[str] = "authority_scopes"
    version: ClassVar[int] = 2
    topics: ClassVar[tuple[str, ...]] = SCOPE_TOPICS
    indexes: ClassVar[tuple[IndexModel, ...]] = (IndexModel([("superior", 1), ("_id", 1)]),)

    def wants(self, type_: str, stream: str) -> bool:  # noqa: ARG002 - decided by the type
        return type_ in SCOPE_TYPES

    def keys(self, event: Recorded) -> Iterable[str]:
        word = word_of(event)
        return (word.scope,) if isinstance(word, ScopeMade | ScopeDescribed | ScopeMoved | ScopeGone) else ()

    def evolve(self, document: Document | None, event: Recorded, key: str) -> Document | None:
        match word_of(event):
            case ScopeMade() as made:
                return {
                    "_id": key,
                    "superior": made.superior,
                    "category": made.category,
                    "name": made.name,
                    "version": event.version,
                }
            case ScopeDescribed() as now if document is not None:
                return document | {"category": now.category, "name": now.name, "version": event.version}
            case ScopeMoved() as moved if document is not None:
                return document | {"superior": moved.superior, "version": event.version}
            case ScopeGone() if document is not None:
                return document | {"gone": True, "version": event.version}
            case _:
                return document


class AuthorityGrants(DocumentProjection):
    """{_id: principal, grants: [{right, scope, post, version}]}: `version` is that of the granting stream.

    A withdrawal is compared with the version of the very grant, so the two may arrive in any order. A principal
    without any right has no document.
    """

    name: ClassVar[str] = "authority_grants"
    version: ClassVar[int] = 2
    topics: ClassVar[tuple[str, ...]] = GRANT_TOPICS

    def wants(self, type_: str, stream: str) -> bool:  # noqa: ARG002 - decided by the type
        return type_ in GRANT_TYPES

    def keys(self, event: Recorded) -> Iterable[str]:
        word = word_of(event)
        return (word.principal,) if isinstance(word, Granted | Revoked) else ()

    def evolve(self, document: Document | None, event: Recorded, key: str) -> Document | None:
        word = word_of(event)
        if not isinstance(word, Granted | Revoked):
            return document
        former: list[dict[str, Any]] = document["grants"] if document else []
        same = {"right": word.right.value, "scope": word.scope, "post": word.post}
        grants = [g for g in former if {name: g[name] for name in same} != same]
        if isinstance(word, Granted):
            grants.append(same | {"version": event.version})
        return {"_id": key, "grants": grants} if grants else None

    def compared(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """The order of the grants is that in which several streams came."""
        return {"_id": document["_id"], "grants": sorted(document["grants"], key=lambda g: sorted(g.items(), key=str))}
