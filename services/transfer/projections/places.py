"""What sort of place each organization is, by which destinations are told apart (GRD-06, TRF-19, TRF-20)."""

from collections.abc import Collection, Iterable
from typing import Any, ClassVar

from shared.contracts import org
from shared.kernel.envelope import Recorded
from shared.projections.documents import Document, DocumentProjection
from shared.runtime.gathered import Gathered

_HANDLED = {org.OrganizationEstablished.type_name(), org.OrganizationInformationChanged.type_name()}
_REGISTERS = {"special_units": "special"}


class Places(DocumentProjection):
    """{_id: organization, kind, sector, school}; a dissolved one keeps its document.

    `kind` is the branch's; of a register branch of a provincial body (TRF-16, TRF-17) `special` or `outside`. `sector`
    is the leaf code of 行业类别; `school`: a school of its own (GRD-01).
    """

    name: ClassVar[str] = "places"
    topics: ClassVar[tuple[str, ...]] = (org.EVENTS,)

    def __init__(self, database: Any) -> None:
        super().__init__(database)
        self._asked: Gathered[str, Document] = Gathered(self._found)

    def wants(self, type_: str, stream: str) -> bool:  # noqa: ARG002 - decided by the type
        return type_ in _HANDLED

    def keys(self, event: Recorded) -> Iterable[str]:
        return (event.data["organization"],)

    def evolve(self, document: Document | None, event: Recorded, key: str) -> Document | None:  # noqa: ARG002
        said = event.data
        register = said.get("registers")
        kind = _REGISTERS.get(register, "outside") if register else said["branch_kind"]
        return {"kind": kind, "sector": said["sector"], "school": said.get("school", False)}

    async def place(self, organization: str) -> tuple[str, str]:
        """(kind, sector); empty of one that is not known."""
        found = await self._asked.get(organization)
        return (found["kind"], found["sector"]) if found else ("", "")

    async def kind(self, organization: str) -> str:
        return (await self.place(organization))[0]

    async def is_floating(self, organization: str) -> bool:
        return await self.kind(organization) == org.BranchKind.FLOATING

    async def schools(self, organizations: Collection[str]) -> set[str]:
        """Those that are schools of their own."""
        return {i for i, found in (await self._asked.some(organizations)).items() if found.get("school")}

    async def _found(self, organizations: Collection[str]) -> dict[str, Document]:
        found = (await self.current()).find({"_id": {"$in": list(organizations)}})
        return {each["_id"]: each async for each in found}
