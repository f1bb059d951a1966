"""Finding an organization in the real tree: by a part of its name, or step by step from above (TRF-18)."""

import asyncio
from dataclasses import dataclass, replace

from services.web.answers.org import Found, FoundList, Node, Organization, Step
from services.web.clients import Gap, Parameters, Refused, attempt
from services.web.pages.organizations import SEARCHED_MIN
from services.web.pages.reading import organization_of
from services.web.urls import Address
from services.web.visit import Visit

FOUND_MAX = 30


@dataclass(frozen=True)
class Picker:
    """What is to be seen of the tree: either what was `found` by `words`, or `node` with its subordinates.

    `way` leads to the node from above. `systems` are where else to look after a search that missed. Only `choosable`
    categories can be chosen, and nothing that is `taken`. The choice goes into the address as `chooses`. `near`: the
    province of who chooses, offered first where the tree opens at its root.
    """

    address: Address
    words: str
    found: FoundList | Gap | None
    node: Node | Gap | None
    way: tuple[Step, ...]
    choosable: tuple[str, ...]
    taken: str
    chooses: str = "to"
    systems: tuple[Found, ...] = ()
    near: Step | None = None


async def picker_of(
    visit: Visit,
    address: Address,
    start: str,
    choosable: tuple[str, ...],
    taken: str,
    under: str = "",
    chooses: str = "to",
) -> Picker:
    """`address` holds what was asked for: `q`, words, or `at`, an organization; `start` is where the tree opens else.

    Nothing above `under` is shown, if it is given.
    """
    words, at = address.value("q").strip()[:100], address.value("at") or start
    if len(words) >= SEARCHED_MIN:
        query: Parameters = {"q": words, "under": under, "limit": FOUND_MAX}
        found = await attempt(visit.services.org.get(FoundList, "/v1/organizations", query))
        missed = not under and not isinstance(found, Gap) and not found.items
        systems = await systems_of(visit) if missed else ()
        return Picker(address, words, found, None, (), choosable, taken, chooses, systems)
    node, way = await asyncio.gather(
        attempt(visit.services.org.get(Node, f"/v1/organizations/{at}/tree")), way_to(visit, at, under)
    )
    return Picker(address, words, None, node, way, choosable, taken, chooses)


async def whole_tree(
    visit: Visit, address: Address, own: Organization, choosable: tuple[str, ...], taken: str
) -> Picker:
    """TRF-19: for who leaves `own`, and whose place is hardly ever near: it opens at the root, their province first."""
    root = own.path[0].id if own.path else own.id
    picker = await picker_of(visit, address, root, choosable, taken)
    opens = picker.found is None and address.value("at") in ("", root)
    return replace(picker, near=own.path[1]) if opens and len(own.path) > 1 else picker


async def systems_of(visit: Visit) -> tuple[Found, ...]:
    """The bodies of the vertical systems, whose units are found under them; none where org does not say."""
    answer = await attempt(visit.services.org.get(FoundList, "/v1/reference/systems"))
    return () if isinstance(answer, Gap) else answer.items


async def way_to(visit: Visit, organization: str, under: str) -> tuple[Step, ...]:
    """The organizations above, from the root or from `under` on; none where org does not say."""
    if organization == under:
        return ()
    try:
        path = (await organization_of(visit, organization)).path
    except (Gap, Refused):
        return ()
    above = [step for step in path if step.id != organization]
    ids = [step.id for step in above]
    return tuple(above[ids.index(under) :] if under in ids else above)
