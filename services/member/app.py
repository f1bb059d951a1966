"""Composition root of member: the only place that builds clients and puts the parts together."""

import argparse

from services.member.api_imports import imports_router
from services.member.api_people import people_router
from services.member.projections.imports import ImportList
from services.member.projections.people import PeopleList
from services.member.published import REGISTRY, publish
from services.member.settings import MemberSettings
from services.member.use_cases.imports import UPLOADS, Imports
from services.member.use_cases.people import ACCESS_LOG, People
from services.member.use_cases.places import Places
from services.member.use_cases.records import ROSTERS, Records
from services.member.use_cases.settle import Settler
from services.member.worker import ImportWorker
from services.member.workbooks.sandbox import Sandbox
from shared.contracts import member as contracts
from shared.eventstore.commits import Codec
from shared.eventstore.driver import Driver, ensure_collections
from shared.eventstore.store import EventStore
from shared.http.paging import Cursors
from shared.kernel.clock import SystemClock
from shared.messaging.topics import Topics
from shared.privacy.lookup import LookupKey
from shared.privacy.vault import Vault
from shared.projections.runner import ProjectionLoop
from shared.runtime.service import Role, Service, serve
