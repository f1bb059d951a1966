"""Which published event means what for authority. The only place where its words meet those of organizations."""

from collections.abc import Callable, Mapping

from shared.authority.words import (
    Granted,
    Replaced,
    Revoked,
    Right,
    ScopeDescribed,
    ScopeGone,
    ScopeMade,
    ScopeMoved,
    Withdrawn,
    Word,
)
from shared.contracts import member, org
from shared.contracts.base import Contract
from shared.kernel.envelope import Recorded

SCOPE_TOPICS = (org.EVENTS,)
GRANT_TOPICS = (org.EVENTS, member.POSTS)


SCOPE_TYPES = frozenset(
    c.type_name()
    for c in (
        org.OrganizationEstablished,
        org.OrganizationInformationChanged,
        org.OrganizationMoved,
        org.OrganizationDissolved,
    )
)
GRANT_TYPES = frozenset(
    c.type_name() for c in (org.AdminAppointed, org.AdminRevoked, member.PostTaken, member.PostLeft)
)


def _established(event: org.OrganizationEstablished) -> Word:
    return ScopeMade(event.organization, event.superior, event.category.value, event.full_name)


def _information(event: org.OrganizationInformationChanged) -> Word:
    return ScopeDescribed(event.organization, event.category.value, event.full_name)


def _moved(event: org.OrganizationMoved) -> Word:
    return ScopeMoved(event.organization, event.superior)


def _dissolved(event: org.OrganizationDissolved) -> Word:
    return ScopeGone(event.organization)


def _appointed(event: org.AdminAppointed) -> Word:
    return Granted(event.person, event.organization, Right.ADMINISTERS)


def _revoked(event: org.AdminRevoked) -> Word:
    return Revoked(event.person, event.organization, Right.ADMINISTERS)


def _post(event: member.PostTaken) -> Word:
    return Granted(event.person, event.organization, Right.HOLDS, event.position)


def _post_left(event: member.PostLeft) -> Word:
    return Revoked(event.person, event.organization, Right.HOLDS, event.position)


def _withdrawn(event: org.RightWithdrawn) -> Word:
    return Withdrawn(event.person, event.organization, event.version)


def _replaced(event: org.PlaceWithdrawn) -> Word:
    return Replaced(event.organization, event.superior, event.version)


_MEANINGS: Mapping[type[Contract], Callable[..., Word]] = {
    org.OrganizationEstablished: _established,
    org.OrganizationInformationChanged: _information,
    org.OrganizationMoved: _moved,
    org.OrganizationDissolved: _dissolved,
    org.AdminAppointed: _appointed,
    org.AdminRevoked: _revoked,
    org.RightWithdrawn: _withdrawn,
    org.PlaceWithdrawn: _replaced,
    member.PostTaken: _post,
    member.PostLeft: _post_left,
}
_BY_TYPE = {contract.type_name(): (contract, meaning) for contract, meaning in _MEANINGS.items()}


def word_of(event: Recorded) -> Word | None:
    """What an event means for authority; None for nothing."""
    found = _BY_TYPE.get(event.type)
    if found is None:
        return None
    contract, meaning = found
    return meaning(contract.model_validate(event.data))
