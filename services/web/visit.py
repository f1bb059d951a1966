"""Who is asking: the session, the organization chosen, and the services as that user sees them."""

from collections import OrderedDict
from dataclasses import dataclass, replace
from time import monotonic
from typing import Annotated, Any

from fastapi import Depends, Path, Request

from services.web import cookies
from services.web.answers.identity import Me, Standing, Token
from services.web.clients import Caller, Clients, Problem, Refused, Services, SignedOut

TOKEN_SECONDS = 2.0  # a session that ends elsewhere is dead here within this time
SESSIONS_KEPT = 10_000
ACTING_ROLES = ("operator", "admin", "cadre")


@dataclass(frozen=True)
class Known:
    """What identity said of a session a moment ago."""

    at: float
    token: str
    me: Me


class Sessions:
    """Turns a session into a token and a name, asking identity at most once in TOKEN_SECONDS for each session."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._known: OrderedDict[str, Known] = OrderedDict()

    async def open(self, session: str) -> Known:
        """Raises SignedOut when the session is dead, Gap when identity does not answer."""
        known = self._known.get(session)
        if known and monotonic() - known.at < TOKEN_SECONDS:
            return known
        identity = self._clients.seen_by(Caller()).identity
        try:
            token = (await identity.send(Token, "/v1/sessions/token", {"session": session}, key="")).token
        except Refused as refusal:
            self.forget(session)
            raise SignedOut from refusal
        me = await self._clients.seen_by(Caller(token=token)).identity.get(Me, "/v1/me")
        known = Known(monotonic(), token, me)
        self._known[session] = known
        self._known.move_to_end(session)
        while len(self._known) > SESSIONS_KEPT:
            self._known.popitem(last=False)
        return known

    def forget(self, session: str) -> None:
        self._known.pop(session, None)


@dataclass(frozen=True)
class Visit:
    """One request of a signed-in user. ``standing`` is the organization acted for; data and menus follow it (IDN-07).

    None where the user belongs to no organization at present.
    """

    request: Request
    session: str
    me: Me
    standing: Standing | None
    services: Services
    note: cookies.Note

    def after(self, service: str, token: str) -> "Visit":
        """The same visit, whose reads of `service` wait for the state of `token`."""
        caller = self.services.org.caller
        waiting = replace(caller, read_after={**caller.read_after, service: token})
        clients: Clients = self.request.app.state.clients
        return replace(self, services=clients.seen_by(waiting))

    @property
    def organization(self) -> str:
        return self.standing.organization if self.standing else ""

    @property
    def acts(self) -> bool:
        """True for admins, cadres and operators; a plain member sees the own record only."""
        return self.standing is not None and self.standing.role in ACTING_ROLES

    @property
    def is_admin(self) -> bool:
        return self.standing is not None and self.standing.role in ("operator", "admin")


def standing_key(standing: Standing) -> str:
    """Names a standing in a cookie or a form: the same organization can be held in two roles."""
    return f"{standing.role}:{standing.organization}"


def chosen(me: Me, key: str) -> Standing | None:
    """The standing of that key if the user has it, else the one that reaches furthest."""
    for standing in me.standings:
        if standing_key(standing) == key:
            return standing
    order = {role: rank for rank, role in enumerate(ACTING_ROLES)}
    return min(me.standings, key=lambda standing: order.get(standing.role, len(order)), default=None)


async def signed_in(request: Request) -> Visit:
    """The dependency of every page behind the sign-in. Raises SignedOut or Gap."""
    session = request.cookies.get(cookies.SESSION, "")
    if not session:
        raise SignedOut
    state: Any = request.app.state
    known = await state.sessions.open(session)
    standing = chosen(known.me, request.cookies.get(cookies.ACTING, ""))
    note = cookies.read_note(request)
    caller = Caller(
        token=known.token,
        organization=standing.organization if standing else "",
        read_after=note.after,
        address=request.client.host if request.client else "",
        agent=request.headers.get("user-agent", "").encode("ascii", "ignore").decode()[:300],
    )
    visit = Visit(request, session, known.me, standing, state.clients.seen_by(caller), note)
    request.state.visit = visit
    return visit


SignedIn = Annotated[Visit, Depends(signed_in)]


async def as_admin(visit: SignedIn) -> Visit:
    """The dependency of pages that are there to change something: a reader is told so before filling a form (ADM-08).

    The services decide again on each command. Raises Refused for who acts for the organization as a reader only.
    """
    if not visit.is_admin:
        raise Refused(Problem(status=403, rule="ADM-08"))
    return visit


async def as_operator(visit: SignedIn) -> Visit:
    """The dependency of pages of central operators (IDN-08). Raises Refused for everybody else."""
    if visit.standing is None or visit.standing.role != "operator":
        raise Refused(Problem(status=403, rule="IDN-08"))
    return visit


AsAdmin = Annotated[Visit, Depends(as_admin)]
AsOperator = Annotated[Visit, Depends(as_operator)]
_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
OrganizationId = Annotated[str, Path(pattern=f"^organization-{_UUID}$")]
PersonId = Annotated[str, Path(pattern=f"^person-{_UUID}$")]
CodeId = Annotated[str, Path(pattern=f"^{_UUID}$")]
ApplicationId = Annotated[str, Path(pattern=f"^application-{_UUID}$")]
Ticket = Annotated[str, Path(pattern="^[A-Z2-7]{26}$")]
MigrationId = Annotated[str, Path(pattern=f"^migration-{_UUID}$")]
TransferId = Annotated[str, Path(pattern=f"^transfer-{_UUID}$")]
BatchId = Annotated[str, Path(pattern=f"^batch-{_UUID}$")]
ImportId = Annotated[str, Path(pattern=f"^import-{_UUID}$")]
