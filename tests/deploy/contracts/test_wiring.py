"""What is written is also wired: read models are fed, facts are heard, and operators have a word for each loop."""

from collections.abc import Mapping

import pytest

from deploy.contracts.catalogue import TopicEntry
from services.web.texts import LANGUAGES
from services.web.texts import catalogue as texts
from shared.http.routes import declarations
from shared.messaging.reactions import Reactions
from shared.runtime.service import Service
from tests.architecture.tree import classes


def _reactions(services: Mapping[str, Service]) -> dict[str, Reactions]:
    return {name: loop for name, service in services.items() for loop in service.loops if isinstance(loop, Reactions)}


def test_every_read_model_is_fed_by_a_loop_of_its_service(services: Mapping[str, Service]) -> None:
    """One without a loop stays empty, and whoever reads it finds nothing wrong."""
    for name, service in services.items():
        read = [loop.projection for loop in service.loops if hasattr(loop, "projection")]
        fed = {type(part).__name__ for model in read for part in getattr(model, "parts", (model,))}
        written = {node.name for _, node in classes(f"services/{name}/projections", below="DocumentProjection")}
        assert written - fed == set(), f"{name}: not in the loops of app.py"


def test_every_reaction_waits_for_a_type_that_its_topic_carries(
    services: Mapping[str, Service], catalogue: list[TopicEntry]
) -> None:
    published = {(topic.name, event.type) for topic in catalogue for event in topic.events}
    for name, loop in _reactions(services).items():
        assert loop.table - published == set(), f"{name}: no such event on that topic"


def test_whoever_reacts_can_be_asked_for_what_is_parked_and_retries_it(services: Mapping[str, Service]) -> None:
    for name in _reactions(services):
        assert "/v1/parked" in {path for _, path, _ in declarations(services[name].app)}, f"{name}: parked_router"
        assert f"{name}.unparking" in {loop.name for loop in services[name].loops}, f"{name}: Reactions.loops"


@pytest.mark.rule("OPS-08")
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_loop_has_a_name_for_operators(services: Mapping[str, Service], language: str) -> None:
    named = {f"loop.{loop.name.removeprefix(f'{name}.')}" for name, s in services.items() for loop in s.loops}
    assert named - texts(language).keys() == set(), "under [loop] in services/web/texts"
