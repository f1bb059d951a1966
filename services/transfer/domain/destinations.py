"""GRD-06: what kind of place a member came to, by the branch, its sector (facts.md 1.4) and the reason. Pure."""

from shared.contracts.org import BranchKind

_BY_KIND = frozenset({"floating", "bridging", "special", "outside"})
_BY_REASON = {
    "further_study": "school",
    "change_of_school": "school",
    "study_abroad": "school",
    "work_with_organization": "employer",
    "change_of_work": "employer",
    "sent_abroad": "employer",
    "joined_army": "special",
    "classified_unit": "special",
}
_SCHOOLS = frozenset({"3", "4", "5", "6", "7", "051", "052", "071", "072"})
_COMMUNITIES = frozenset({"14", "15"})


def destination_of(kind: str, sector: str, reason: str, *, same_school: bool = False) -> str:
    """One of the kinds of `TransferCompleted.destination`; `same_school`: both branches are within one.

    Who only changes the class has gone nowhere, but for a school's own floating branch (facts.md 1.9).
    A floating or bridging branch is that, whatever the reason. Then the reason says it: who starts work at a school is
    with an employer, who works for a village too. Else the sector does.
    """
    if kind in _BY_KIND:
        return kind
    if same_school:
        return "same_school"
    if kind == BranchKind.PENDING:
        return "other"
    if reason in _BY_REASON:
        return _BY_REASON[reason]
    if sector in _SCHOOLS:
        return "school"
    if sector in _COMMUNITIES:
        return "community"
    return "employer" if sector else "other"
