"""Posts of before: positions given when there was no PostTaken are published as posts once (docs/decisions/0031)."""

from services.member.domain.events import HeldPost, PostsStated
from services.member.domain.person_state import Known, PersonState
from shared.kernel.envelope import Command


class StatePosts(Command):
    """MEM-24: tell whoever decides rights which positions a person holds that they were never told of."""


def state_posts(_command: StatePosts, state: PersonState) -> list[PostsStated]:
    """MEM-24: of the positions held now those never published as posts; nothing on a repeat, or of somebody gone."""
    unstated = sorted(state.unstated) if isinstance(state, Known) else []
    posts = tuple(HeldPost(organization=organization, position=position) for organization, position in unstated)
    return [PostsStated(posts=posts)] if posts else []
