"""Who may do what where, decided without a database."""

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import pytest

from shared.authority.decide import Act, Allowed, Denied, Duty, Line, Scope, Standing, may
from tests.shared.authority import oracle

TREE: dict[str, str | None] = {
    "root": None,
    "province": "root",
    "other": "root",
    "county": "province",
    "sibling": "province",
    "town": "county",
    "branch": "town",
    "cousin": "sibling",
}


def line_of(tree: Mapping[str, str | None], scope: str) -> Line:
    """As `Tree.line` walks, over a plain mapping (the walk itself is tested on the real database)."""
    found: list[Scope] = []
    here: str | None = scope
    for _ in range(11):
        if here is None or here not in tree:
            return Line(tuple(found))
        found.append(Scope(here, tree[here], "committee", here))
        here = tree[here]
    return Line(tuple(found), sound=here is None or here not in tree)


def admin(*scopes: str) -> Standing:
    return Standing(administers=frozenset(scopes))


@pytest.mark.rule("ADM-08")
@pytest.mark.parametrize(
    ("target", "writes", "reads"),
    [
        ("county", True, True), ("town", True, True), ("branch", False, True), ("province", False, False),
        ("root", False, False), ("sibling", False, False), ("cousin", False, False), ("other", False, False),
        ("absent", False, False),
    ],
)  # fmt: skip
def test_an_admin_writes_own_and_direct_subordinates_and_reads_all_below(
    target: str, writes: bool, reads: bool
) -> None:
    line = line_of(TREE, target)
    assert isinstance(may(admin("county"), line, Act.WRITE), Allowed) is writes
    assert isinstance(may(admin("county"), line, Act.READ), Allowed) is reads


@pytest.mark.rule("ADM-08")
def test_every_refusal_names_the_organizations_that_could() -> None:
    assert may(admin("other"), line_of(TREE, "branch"), Act.WRITE) == Denied(("branch", "town"))
    assert may(admin("other"), line_of(TREE, "root"), Act.WRITE) == Denied(("root",))
    assert may(admin("other"), line_of(TREE, "absent"), Act.WRITE) == Denied(())
    assert may(admin("province"), line_of(TREE, "branch"), Act.READ) == Allowed("province")


@pytest.mark.rule("IDN-08")
def test_a_cadre_reads_own_and_below_and_decides_nothing() -> None:
    cadre = Standing(holds=frozenset({"county"}))
    assert isinstance(may(cadre, line_of(TREE, "branch"), Act.READ), Allowed)
    assert isinstance(may(cadre, line_of(TREE, "sibling"), Act.READ), Denied)
    for scope in TREE:
        assert isinstance(may(cadre, line_of(TREE, scope), Act.WRITE), Denied)


@pytest.mark.rule("IDN-08")
def test_a_central_operator_writes_the_root_and_what_stands_directly_under_it() -> None:
    operator = Standing(operator=True)
    writable = {s for s in TREE if isinstance(may(operator, line_of(TREE, s), Act.WRITE), Allowed)}
    assert writable == {"root", "province", "other"}
    assert all(isinstance(may(operator, line_of(TREE, s), Act.READ), Allowed) for s in TREE)


@pytest.mark.rule("ADM-08")
def test_a_duty_reaches_where_its_table_says_and_no_further() -> None:
    duty = Duty("any scope above", lambda line: line.ids[1:])
    assert may(admin("province"), line_of(TREE, "branch"), duty) == Allowed("province")
    assert may(admin("branch"), line_of(TREE, "branch"), duty) == Denied(("town", "county", "province", "root"))
    assert may(Standing(operator=True), line_of(TREE, "branch"), duty) == Allowed("root")
    assert isinstance(may(Standing(holds=frozenset({"town"})), line_of(TREE, "branch"), duty), Denied)


@pytest.mark.rule("P12", "ADM-08")
def test_a_circle_or_more_than_ten_steps_is_no_authority() -> None:
    """kernel.md 5: a copy in which two moves met must not make anyone a superior of their own superior."""
    circle = {"a": "b", "b": "c", "c": "a"}
    for scope in circle:
        assert may(admin("a", "b", "c"), line_of(circle, scope), Act.WRITE) == Denied(())
    chain: dict[str, str | None] = {"0": None} | {str(i): str(i - 1) for i in range(1, 13)}
    assert isinstance(may(admin("0"), line_of(chain, "10"), Act.READ), Allowed)
    for act in Act:
        assert may(admin("11", "10", "0"), line_of(chain, "11"), act) == Denied(())


def test_a_superior_that_is_named_and_not_known_yet_counts_already() -> None:
    young: dict[str, str | None] = {"branch": "town"}
    assert isinstance(may(admin("town"), line_of(young, "branch"), Act.WRITE), Allowed)
    assert isinstance(may(admin("branch"), line_of(young, "branch"), Act.WRITE), Allowed)
    assert isinstance(may(Standing(operator=True), line_of(young, "branch"), Act.READ), Denied)


def _random_tree(rng: random.Random) -> dict[str, str | None]:
    """Mostly trees, deep ones too; some with circles, some with holes, some with two tops."""
    names = [f"s{i}" for i in range(rng.randint(1, 24))]
    tree: dict[str, str | None] = {names[0]: None}
    for i, name in enumerate(names[1:], 1):
        tree[name] = names[i - 1] if rng.random() < 0.55 else rng.choice(names[:i])
    if rng.random() < 0.25:
        tree[rng.choice(names)] = rng.choice(names)
    if rng.random() < 0.25 and len(names) > 2:
        del tree[rng.choice(names[1:])]
    if rng.random() < 0.1:
        tree[rng.choice(list(tree))] = None
    return tree


@pytest.mark.rule("P12")
def test_forty_thousand_decisions_equal_those_of_an_independent_oracle() -> None:
    """X10: without it a slip in the walk would open, or close, parts of the country unseen."""
    rng = random.Random(20261122)
    seen: Counter[tuple[str, bool]] = Counter()
    for _ in range(1_000):
        tree = _random_tree(rng)
        places = [*tree, "absent", "s999"]
        for _ in range(20):
            administers = set(rng.sample(places, min(len(places), rng.choice([0, 0, 1, 1, 2, 3]))))
            holds = set(rng.sample(places, min(len(places), rng.choice([0, 0, 1, 2]))))
            standing = Standing(frozenset(administers), frozenset(holds), operator=rng.random() < 0.1)
            scope = rng.choice(places)
            line = line_of(tree, scope)
            for act in Act:
                mine = isinstance(may(standing, line, act), Allowed)
                theirs = oracle.allowed(tree, administers, holds, standing.operator, scope, act.value)
                assert mine == theirs, (tree, standing, scope, act)
                seen[act.value, mine] += 1
    assert sum(seen.values()) == 40_000
    assert min(seen.values()) > 2_000


@pytest.mark.rule("ADM-08", "ORG-09")
def test_nobody_writes_where_a_scope_is_gone_and_who_could_read_it_still_can() -> None:
    line = line_of(TREE, "town")
    gone = replace(line, scopes=(replace(line.scopes[0], gone=True), *line.scopes[1:]))
    duty = Duty("anything", lambda line: line.ids)
    for act in (Act.WRITE, duty):
        assert isinstance(may(admin("town", "county"), line, act), Allowed)
        assert may(admin("town", "county"), gone, act) == Denied()
    assert may(admin("county"), gone, Act.READ) == Allowed("county")
    assert isinstance(may(admin("town"), line_of(TREE, "branch"), Act.WRITE), Allowed)
