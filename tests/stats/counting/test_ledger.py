"""What one organization and its superiors count, fact by fact."""

import pytest

from services.stats.counting.ledger import Ledger
from services.stats.counting.vectors import Counts, Figures, summed
from shared.contracts.org import Register
from tests.stats.counting.facts import (
    appointed,
    dissolved,
    drifts,
    ended,
    entered,
    established,
    mended,
    moved,
    position_ended,
    relocated,
    reordered,
)


def given(*facts) -> Ledger:
    """Everything in one batch; a recount must agree at once."""
    ledger = Ledger({}, {})
    ledger.take(facts)
    assert drifts([p for p in ledger.people.values() if p], ledger.nodes) == []
    return ledger


def entry_complete(ledger: Ledger, name: str) -> bool:
    return ledger.nodes[name].own.organizations_complete == 1


@pytest.mark.rule("STA-02")
def test_a_branch_is_complete_with_three_people_whose_records_are_complete():
    two = [established("b"), entered("p1", "b"), entered("p2", "b")]
    assert not entry_complete(given(*two), "b")
    assert entry_complete(given(*two, entered("p3", "b")), "b")
    assert not entry_complete(given(*two, entered("p3", "b"), entered("p4", "b", "mobile")), "b")
    lacking_cadre = appointed("p9", "b", "组织委员", "mobile")
    assert not entry_complete(given(*two, entered("p3", "b"), lacking_cadre), "b")


@pytest.mark.rule("STA-02")
def test_a_member_who_is_also_a_cadre_of_the_branch_counts_once():
    ledger = given(established("b"), entered("p1", "b"), entered("p2", "b"), appointed("p1", "b"))
    assert ledger.nodes["b"].counts == Counts(
        members=2, members_complete=2, cadres=1, cadres_complete=1, people=2, people_complete=2,
        secretaries=1, secretaries_reachable=1,
    )  # fmt: skip
    assert not entry_complete(ledger, "b")
    cadre_from_elsewhere = appointed("p9", "b", "组织委员")
    ledger.take([cadre_from_elsewhere])
    assert entry_complete(ledger, "b")


@pytest.mark.rule("STA-02")
@pytest.mark.parametrize("category", ["committee", "working_committee", "general_branch"])
def test_a_committee_is_complete_with_two_cadres_all_complete(category):
    one = [established("c", category=category), appointed("p1", "c")]
    assert not entry_complete(given(*one), "c")
    assert entry_complete(given(*one, appointed("p2", "c", "委员")), "c")
    assert not entry_complete(given(*one, appointed("p2", "c", "委员"), appointed("p3", "c", "委员", "education")), "c")


@pytest.mark.rule("STA-02")
def test_a_leading_body_without_cadres_is_not_complete_and_with_one_it_is():
    body = established("l", category="leading_body")
    assert not entry_complete(given(body), "l")
    assert entry_complete(given(body, appointed("p1", "l")), "l")
    assert not entry_complete(given(body, appointed("p1", "l"), appointed("p2", "l", "常委", "ethnicity")), "l")


@pytest.mark.rule("STA-02")
def test_a_person_with_two_positions_in_one_organization_is_one_cadre_until_both_end():
    facts = [established("c", category="committee"), appointed("p1", "c", "书记"), appointed("p1", "c", "委员")]
    assert given(*facts).nodes["c"].counts[2:8] == (1, 1, 1, 1, 1, 1)
    secretary_still = given(*facts, position_ended("p1", "c", "委员")).nodes["c"].counts
    assert (secretary_still.cadres, secretary_still.secretaries) == (1, 1)
    facts.append(position_ended("p1", "c", "书记"))
    assert given(*facts).nodes["c"].counts == Counts(cadres=1, cadres_complete=1, people=1, people_complete=1)
    facts.append(position_ended("p1", "c", "委员"))
    assert given(*facts).nodes["c"].counts == Counts()


@pytest.mark.rule("MEM-23", "STA-02")
def test_a_filled_record_makes_its_person_complete_in_every_organization_at_once():
    ledger = given(
        established("c", category="committee"),
        established("b", "c"),
        entered("p1", "b", "education"),
        appointed("p1", "c", "委员", "education"),
    )
    ledger.take([mended("p1")])
    assert ledger.nodes["b"].counts.members_complete == 1
    assert ledger.nodes["c"].counts.cadres_complete == 1
    assert summed(ledger.nodes["c"].totals).members_complete == 1


@pytest.mark.rule("STA-04", "ORG-20")
def test_information_is_complete_with_its_fields_a_secretary_and_the_secretarys_own_mobile():
    assert given(established("b", missing=("sector",))).nodes["b"].lacks == ("sector", "secretary")
    assert given(established("b")).nodes["b"].lacks == ("secretary",)
    assert given(established("b"), appointed("p1", "b", "副书记")).nodes["b"].lacks == ("secretary",)
    silent = given(established("b"), appointed("p1", "b", "书记", "mobile"))
    assert silent.nodes["b"].lacks == ("secretary_mobile",)
    assert silent.nodes["b"].own.informed == 0
    silent.take([mended("p1", "education")])
    assert silent.nodes["b"].lacks == ()
    assert silent.nodes["b"].own.informed == 1


@pytest.mark.rule("STA-06")
def test_an_organizations_figure_is_its_own_plus_its_subordinates():
    ledger = given(
        established("root", category="leading_body"),
        established("c", "root", "committee", sector="5"),
        established("b1", "c", sector="5"),
        established("b2", "c", sector="15"),
        entered("p1", "b1"),
        entered("p2", "b2", "mobile"),
        appointed("p3", "root"),
    )
    assert ledger.nodes["root"].totals == {
        "leading": Figures(organizations=1, organizations_complete=1, cadres=1, cadres_complete=1, informed=1),
        "school": Figures(organizations=2, branches=1, members=1, members_complete=1),
        "rural": Figures(organizations=1, branches=1, members=1),
    }


@pytest.mark.rule("STA-06")
def test_people_of_an_organization_that_is_not_known_yet_count_in_its_chain_once_it_is():
    ledger = given(entered("p1", "b"))
    assert ledger.nodes["b"].totals == {"unknown": Figures(members=1, members_complete=1)}
    ledger.take([established("b", "c", sector="5")])
    assert summed(ledger.nodes["c"].totals).members == 1
    ledger.take([established("c", "root", "committee", sector="5"), established("root", category="leading_body")])
    assert ledger.nodes["root"].totals["school"].members == 1
    assert "unknown" not in ledger.nodes["root"].totals


@pytest.mark.rule("STA-03")
def test_a_changed_sector_takes_all_of_an_organizations_figures_to_its_new_tab():
    from shared.contracts.org import Category, OrganizationInformationChanged

    ledger = given(established("c", category="committee"), established("b", "c", sector="5"), entered("p1", "b"))
    changed = OrganizationInformationChanged(
        organization="b", category=Category.BRANCH, full_name="b", short_name="b", sector="10"
    )
    ledger.take([changed])
    assert "school" not in ledger.nodes["c"].totals
    assert ledger.nodes["c"].totals["private_enterprise"].members == 1


@pytest.mark.rule("ORG-08")
def test_an_order_given_by_the_superior_stands_even_if_it_was_heard_first():
    ledger = given(reordered("c", "b2", "b1"), established("b1", "c", order=1), established("b2", "c", order=2))
    assert (ledger.nodes["b2"].order, ledger.nodes["b1"].order) == (1, 2)


@pytest.mark.rule("MEM-27")
def test_somebody_without_membership_and_position_leaves_nothing():
    ledger = given(established("b"), entered("p1", "b", "mobile"), ended("p1", "b"), mended("p1"))
    assert ledger.people["p1"] is None
    assert ledger.nodes["b"].counts == Counts()


@pytest.mark.rule("STA-06")
def test_the_end_of_a_membership_elsewhere_changes_nothing():
    assert given(established("b"), entered("p1", "b"), ended("p1", "other")).nodes["b"].counts.members == 1


@pytest.mark.rule("TRF-21", "TRF-22", "STA-06")
def test_a_member_who_moves_is_counted_in_one_branch_before_and_in_the_other_after_it():
    ledger = given(
        established("root", category="leading_body"),
        established("b1", "root"),
        established("b2", "root"),
        entered("p1", "b1"),
        appointed("p1", "b1", "组织委员"),
    )
    ledger.take([moved("p1", "b1", "b2", "mobile")])
    assert [summed(ledger.nodes[name].totals).members for name in ("b1", "b2", "root")] == [0, 1, 1]
    assert (ledger.nodes["b2"].counts.members_complete, ledger.nodes["b1"].counts.cadres) == (0, 1)
    assert drifts(ledger.people.values(), ledger.nodes) == []


@pytest.mark.rule("ORG-17", "STA-06")
def test_a_subtree_that_moves_takes_its_figures_from_all_above_it_to_all_above_it_in_one_step():
    bodies = [established("county", category="leading_body")]
    bodies += [established(name, "county", "leading_body") for name in ("east", "west")]
    tree = [
        *bodies,
        established("c", "east", "committee"),
        established("b", "c"),
        entered("p1", "b"),
        entered("p2", "b"),
    ]

    def figures(ledger, name):
        totals = summed(ledger.nodes[name].totals)
        return totals.organizations, totals.members

    before = given(*tree)
    assert [figures(before, name) for name in ("county", "east", "west")] == [(5, 2), (3, 2), (1, 0)]
    gone = relocated("c", "west", "east", order=4)
    for order in ([*tree, gone], [*bodies, tree[3], gone, *tree[4:]], [tree[3], gone, *bodies, *tree[4:]]):
        after = given(*order)
        assert [figures(after, name) for name in ("county", "east", "west")] == [(5, 2), (1, 0), (3, 2)]
        assert (after.nodes["c"].attached, after.nodes["c"].order) == ("west", 4)
    merged = given(*tree, relocated("b", "west", "c"), dissolved("c", "east"))
    assert [figures(merged, name) for name in ("county", "east", "west")] == [(4, 2), (1, 0), (2, 2)]


@pytest.mark.rule("ORG-09", "STA-06")
def test_what_is_dissolved_counts_nowhere_and_its_people_where_they_went():
    tree = [established("c", category="committee"), established("b", "c"), established("d", "c")]
    before = given(*tree, entered("p1", "b"), entered("p2", "d"))
    assert (summed(before.nodes["c"].totals).organizations, summed(before.nodes["c"].totals).members) == (3, 2)
    facts = [*tree, entered("p1", "b"), entered("p2", "d"), moved("p1", "b", "d"), dissolved("b", "c")]
    for order in (facts, [*facts[:-2], facts[-1], facts[-2]]):
        after = given(*order)
        assert (summed(after.nodes["c"].totals).organizations, summed(after.nodes["c"].totals).members) == (2, 2)
        assert after.nodes["b"].attached == "c"


@pytest.mark.rule("TRF-16", "STA-02", "STA-06")
def test_a_register_branch_adds_its_members_and_no_branch_that_nobody_could_complete():
    ledger = given(
        established("body", category="leading_body"),
        established("b", "body"),
        established("register", "body", registers=Register.BEIJING),
        entered("p1", "b"),
        entered("p2", "b"),
    )
    ledger.take([moved("p1", "b", "register")])
    total = summed(ledger.nodes["body"].totals)
    assert (total.members, total.branches, total.organizations) == (2, 1, 2)
    assert ledger.nodes["register"].own == Figures(members=1, members_complete=1)


@pytest.mark.rule("GRD-06", "GRD-01")
def test_schools_of_their_own_are_counted_up_to_the_top_for_as_long_as_they_are_schools():
    ledger = given(
        established("root", category="leading_body"),
        established("u", "root", "committee", sector="3", school=True),
        established("m", "u", "committee", sector="5", school=True),
        established("college", "u", "committee", sector="3"),
    )
    assert [summed(ledger.nodes[name].totals).schools for name in ("root", "u", "college")] == [2, 2, 0]
    ledger.take([established("m", "u", "committee", sector="3"), dissolved("college", "u")])
    assert summed(ledger.nodes["root"].totals).schools == 1
