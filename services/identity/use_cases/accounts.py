"""MEM-27: accounts end with the numbers they belong to, a batch at a time."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial

from services.identity.domain.account import (
    ACCOUNT,
    Account,
    ReleaseAccount,
    account_of,
    release_account,
)
from services.identity.domain.events import AccountEvent
from services.identity.use_cases.ports import Codes, Credentials, Sessions
from shared.eventstore.commits import Commit, Stored
from shared.eventstore.execute import answered_before, execute
from shared.eventstore.store import EventStore, VersionTaken
from shared.kernel import ids
from shared.kernel.envelope import Request

SLICE = 500

Decision = Callable[[Account], Sequence[AccountEvent]]
Job = tuple[str, Request, Decision]


class Accounts:
    """Releases accounts. The withdrawal of 5,000 rows is ten loads and ten shared writes, not 5,000."""

    def __init__(self, store: EventStore, credentials: Credentials, codes: Codes, sessions: Sessions) -> None:
        self._store = store
        self._credentials = credentials
        self._codes = codes
        self._sessions = sessions

    async def release_all(self, commands: Sequence[tuple[ReleaseAccount, Request]]) -> None:
        """Repeating any of it changes nothing: the request's key is the id of the fact it follows.

        What could still sign in is gone when this returns, however often it began before.
        """
        jobs: list[Job] = [(account_of(c.person), request, partial(release_account, c)) for c, request in commands]
        await self._run(jobs)
        people = [c.person for c, _ in commands]
        await self._credentials.delete(people)
        await self._sessions.end_all(people)
        await self._codes.delete(people)

    async def _run(self, jobs: Sequence[Job]) -> None:
        for start in range(0, len(jobs), SLICE):
            part = jobs[start : start + SLICE]
            first = {job[0]: job for job in reversed(part)}
            known = await self._store.load_many(list(first))
            await asyncio.gather(*(self._append(job, known.get(job[0], ())) for job in first.values()))
            for job in part:
                if first[job[0]] is not job:
                    await self._alone(job)

    async def _append(self, job: Job, commits: Sequence[Stored]) -> None:
        stream, request, decide = job
        commit_id = ids.commit_id(self._store.codec.service, request.actor.principal, request.key, stream)
        if answered_before(commits, commit_id, request):
            return
        state = ACCOUNT.fold(e for c in commits for e in c.events)  # type: ignore[misc]
        events = tuple(decide(state))
        if not events:
            return
        last = commits[-1] if commits else None
        commit = Commit(
            stream=stream,
            version=last.version + 1 if last else 1,
            commit_id=commit_id,
            request=request,
            events=events,
            previous_at=last.at if last else 0,
        )
        try:
            await self._store.append(commit)
        except VersionTaken:
            await self._alone(job)

    async def _alone(self, job: Job) -> None:
        stream, request, decide = job
        await execute(self._store, ACCOUNT, stream, request, decide)
