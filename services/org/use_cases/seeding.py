"""What a deployment begins with (ORG-01, ORG-03): the root, the provincial-level bodies, committees of divisions."""

from dataclasses import dataclass, field

from services.org.domain.establishing import EstablishOrganization
from services.org.domain.events import Category
from services.org.domain.information import InformationFields
from services.org.domain.reference import ProvincialBody
from services.org.reference.committees import committee_names
from services.org.use_cases.organizations import OrganizationCommands
from shared.kernel.envelope import Actor, Request
from shared.kernel.ids import request_hash
from shared.reference.divisions import below, parent

SEED = Actor("service:seed")
ROOT = InformationFields(full_name="中国共产主义青年团中央委员会", short_name="团中央")


@dataclass(slots=True)
class SeededTree:
    """Ids of what is there now: the root, provincial-level bodies by short name, committees by code of division."""

    root: str
    bodies: dict[str, str] = field(default_factory=dict)
    divisions: dict[str, str] = field(default_factory=dict)


async def seed_tree(commands: OrganizationCommands, bodies: tuple[ProvincialBody, ...]) -> SeededTree:
    """Makes the root and the bodies; a repeat finds them. Raises RootExists on a store with another root."""
    answer = await commands.establish_root(_request("root", ROOT), ROOT)
    tree = SeededTree(answer.stream)
    for body in bodies:
        command = EstablishOrganization(
            superior=tree.root,
            category=Category.LEADING_BODY,
            full_name=body.full_name,
            short_name=body.short_name,
            region=body.region,
        )
        made = await commands.establish(_request(body.full_name, command), command, by=None)
        tree.bodies[body.short_name] = made.stream
        if body.region and body.full_name == committee_names(body.region)[0]:
            tree.divisions[body.region] = made.stream
    return tree


async def seed_divisions(commands: OrganizationCommands, tree: SeededTree, province: str) -> None:
    """City and county committees of one province, by its code, each under the committee of what it lies in."""
    for code in below(province):
        full_name, short_name = committee_names(code)
        command = EstablishOrganization(
            superior=tree.divisions[parent(code) or province],
            category=Category.LEADING_BODY,
            full_name=full_name,
            short_name=short_name,
            region=code,
        )
        made = await commands.establish(_request(code, command), command, by=None)
        tree.divisions[code] = made.stream


def _request(key: str, command: InformationFields) -> Request:
    return Request(SEED, key, request_hash(command.model_dump(mode="json")))
