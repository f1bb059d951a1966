"""What a transfer is about, and whose steps it has (TRF-01, TRF-17)."""

from dataclasses import dataclass

from services.transfer.domain.events import STEPS, Side, Term
from services.transfer.domain.events_of_arrivals import RegisterPlace
from services.transfer.domain.events_of_exchange import Outside


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for; the tree changes where from and to (TRF-23). `to` is a branch unless it `assigns` one.

    `situation`, `place`: TRF-19. `papers` counts those noted beside it so far (TRF-26).
    """

    person: str
    from_branch: str
    to: str
    assigns: bool
    started_by: Side
    terms: tuple[Term, ...] = ()
    outside: Outside | None = None
    superior: str | None = None
    reason: str = ""
    register_place: RegisterPlace | None = None
    situation: str = ""
    place: str = ""
    papers: int = 0

    @property
    def steps(self) -> tuple[Side, ...]:
        """Who has to agree, in order."""
        return STEPS[self.started_by]

    def organization(self, side: Side) -> str | None:
        """In whose name a side acts; the member acts in nobody's."""
        return {Side.OUT: self.from_branch, Side.IN: self.to, Side.ABOVE: self.superior}.get(side)

    def decided_outside(self, side: Side) -> bool:
        """TRF-17: the other system decides its side, and nobody here does."""
        theirs = Side.OUT if self.started_by is Side.OUTSIDE else Side.IN
        return self.outside is not None and side is theirs

    def term(self, side: Side) -> Term:
        """TRF-09: as it was when the transfer was started."""
        return next((term for term in self.terms if term.side == side), Term(side=side))
