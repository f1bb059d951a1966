"""GRD-04: in a graduate branch, who stays on or is a teacher is marked and left out of its graduates."""

from services.member.domain.events import PersonEvent
from services.member.domain.events_of_graduation import (
    ExclusionKind,
    GraduationExclusionMarked,
    GraduationExclusionRemoved,
)
from services.member.domain.person import PersonNotFound
from services.member.domain.person_state import Known, PersonState
from shared.kernel.envelope import Command
from shared.kernel.refusals import Refusal


class NoGraduateBranch(Refusal):
    rule = "GRD-04"
    zh = "这个团支部不是毕业生团组织，不能标记延迟毕业团员或教师。"
    en = "This branch is no graduate branch, so nobody in it stays on or is left out."
    way_out = "请先由上级标记团支部毕业时间，转为毕业生团组织以后再标记。"
    way_out_en = "Have its graduation month marked first; once it is a graduate branch, mark those who stay on."


class MarkExclusion(Command):
    """Of a member of `branch`, a graduate branch of `year`. `kind` None takes the mark back."""

    branch: str
    year: int
    kind: ExclusionKind | None


def mark_exclusion(command: MarkExclusion, state: PersonState) -> list[PersonEvent]:
    """Nothing where it is so already. Raises PersonNotFound for who is no member of the branch."""
    if not isinstance(state, Known) or state.branch != command.branch:
        raise PersonNotFound
    present = state.excluded if state.excluded and state.excluded.year == command.year else None
    if command.kind is None:
        removed = GraduationExclusionRemoved(branch=command.branch, year=command.year)
        return [removed] if present else []
    marked = GraduationExclusionMarked(branch=command.branch, year=command.year, kind=command.kind)
    return [] if present == marked else [marked]
