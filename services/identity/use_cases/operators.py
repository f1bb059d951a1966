"""Central operators (IDN-08): made by whoever runs the platform, never by a page."""

from services.identity.domain.operator import OPERATOR, ActiveOperator, AppointOperator, appoint_operator, operator_of
from services.identity.domain.passwords import Owner, check_own_data, check_password_form, normalised_password
from services.identity.use_cases.ports import Credentials, Hasher
from shared.eventstore.execute import execute
from shared.eventstore.store import EventStore
from shared.kernel.envelope import Actor, Request
from shared.kernel.ids import request_hash
from shared.privacy.lookup import normalised

SEED = Actor("service:seed")


class Operators:
    """The use case."""

    def __init__(self, store: EventStore, credentials: Credentials, hasher: Hasher, stems: frozenset[str]) -> None:
        self._store = store
        self._credentials = credentials
        self._hasher = hasher
        self._stems = stems

    async def seed(self, login: str, password: str) -> bool:
        """Makes the operator with this login, once; True if it was made, False if it was there, its password kept.

        Raises a refusal of X02 about the password, and ValueError for an empty login.
        """
        name = normalised(login)
        if not name:
            raise ValueError("an operator needs a login name")
        check_password_form(password, self._stems)
        check_own_data(password, Owner(name=login))
        principal = operator_of(name)
        hashed = await self._hasher.hash(normalised_password(password))
        command = AppointOperator(login=login)
        answer = await execute(
            self._store,
            OPERATOR,
            principal,
            Request(SEED, key=f"seed-operator-{name}", body_hash=request_hash(login)),
            lambda state: appoint_operator(command, state),
            conditions=lambda _state, _events: [self._credentials.first(principal, hashed)],
        )
        return bool(answer.events) and not answer.repeated

    async def login_of(self, principal: str) -> str:
        """The login name of an operator, empty for anybody else."""
        commits = await self._store.load(principal)
        state = OPERATOR.fold(e for c in commits for e in c.events)  # type: ignore[misc]
        return state.login if isinstance(state, ActiveOperator) else ""
