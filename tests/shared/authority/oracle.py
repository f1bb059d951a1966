"""ADM-08 written down a second time, by sets instead of walks, by somebody who has not seen the first one.

Who may read a scope: everyone who administers it or anything above it, or holds a post in it or above it. Who may
write: whoever administers it, or the scope it directly stands under. A central operator counts as an admin of the
root. A tree in which the scope's superiors run in a circle, or are more than ten, gives nobody anything; a superior
that is named and unknown still counts, but nothing above it does.
"""

from collections.abc import Mapping


def superiors(tree: Mapping[str, str | None], scope: str) -> list[str] | None:
    """Everything above, nearest first; None for a circle or more than ten."""
    above: list[str] = []
    here = tree[scope]
    while here is not None:
        above.append(here)
        if len(above) > 20:
            return None
        here = tree.get(here)
    known = [a for a in above if a in tree]
    return None if len(known) > 10 else above


def allowed(
    tree: Mapping[str, str | None],
    administers: set[str],
    holds: set[str],
    operator: bool,
    scope: str,
    act: str,
) -> bool:
    if scope not in tree:
        return False
    above = superiors(tree, scope)
    if above is None:
        return False
    top = above[-1] if above else scope
    admin = set(administers)
    if operator and top in tree:
        admin.add(top)
    near = {scope} | set(above[:1])
    everything = {scope} | set(above)
    if act == "write":
        return bool(admin & near)
    return bool((admin | holds) & everything)
