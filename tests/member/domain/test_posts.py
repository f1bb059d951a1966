"""Posts of before are stated once: history in, facts out."""

import pytest

from services.member.domain.events import (
    HeldPost,
    NumberReleased,
    PersonRecorded,
    PositionEnded,
    PositionGiven,
    PostsStated,
)
from services.member.domain.person import GivePositions, Position, give_positions
from services.member.domain.person_state import PERSON
from services.member.domain.posts import StatePosts, state_posts
from services.member.published import publish
from shared.contracts.member import CadreAppointed, CadrePositionEnded, PostLeft, PostTaken
from shared.testing.scenario import given

RECORDED = PersonRecorded(number_hash="n")
OF_BEFORE = PositionGiven(organization="branch-1", position="书记")
ANOTHER_OF_BEFORE = PositionGiven(organization="branch-1", position="委员")
OF_TODAY = PositionGiven(organization="county", position="委员", post_stated=True)
ENDED = PositionEnded(organization="branch-1", position="书记", cause="x")
STATED = PostsStated(posts=(HeldPost(organization="branch-1", position="书记"),))


def stating(state):
    return state_posts(StatePosts(), state)


@pytest.mark.rule("MEM-24")
def test_only_positions_that_were_never_published_as_posts_are_stated_and_only_once() -> None:
    given(PERSON, RECORDED, OF_BEFORE, OF_TODAY).when(stating).then(STATED)
    given(PERSON, RECORDED, OF_BEFORE, OF_TODAY, STATED).when(stating).then_nothing()
    given(PERSON, RECORDED, OF_TODAY).when(stating).then_nothing()


@pytest.mark.rule("MEM-24")
def test_a_position_lost_meanwhile_is_not_stated() -> None:
    given(PERSON, RECORDED, OF_BEFORE, ENDED).when(stating).then_nothing()
    left = PostsStated(posts=(HeldPost(organization="branch-1", position="委员"),))
    given(PERSON, RECORDED, OF_BEFORE, ANOTHER_OF_BEFORE, ENDED).when(stating).then(left)
    given(PERSON, RECORDED, OF_BEFORE, NumberReleased(number_hash="n")).when(stating).then_nothing()
    given(PERSON).when(stating).then_nothing()


@pytest.mark.rule("MEM-24")
def test_every_position_given_today_is_published_as_a_post_at_once() -> None:
    """Fails if one is given that nobody who decides rights would ever hear of."""
    command = GivePositions(positions=(Position(organization="county", position="委员"),))
    (event,) = give_positions(command, PERSON.fold([RECORDED]))
    assert event == OF_TODAY
    assert [type(e) for e in publish(event, "person-1", 2)] == [CadreAppointed, PostTaken]
    assert [type(e) for e in publish(ENDED, "person-1", 2)] == [CadrePositionEnded, PostLeft]


def test_a_fact_of_before_says_what_was_published_of_it() -> None:
    assert [type(e) for e in publish(OF_BEFORE, "person-1", 2)] == [CadreAppointed]
    post = PostTaken(person="person-1", organization="branch-1", position="书记")
    assert publish(STATED, "person-1", 3) == [post]
