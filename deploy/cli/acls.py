"""`tuan acls`: who may read and write which topic, laid in Kafka; and what doctor says of it."""

from collections.abc import Iterable
from typing import Annotated

import typer

from deploy.acls.laying import NoAuthorizer, NotForThisCertificate, NotLaid, difference, lay
from deploy.acls.table import Acl, meant
from deploy.cli.data import asked, use_settings_of
from deploy.cli.finding import Finding
from deploy.cli.machine import this_stack, told_in_one_sentence
from deploy.contracts.catalogue import composed
from deploy.local.problems import SetUpProblem
from shared.messaging.consumer import connection
from shared.runtime.settings import Settings

NO_AUTHORIZER = "Kafka has no authorizer: every certificate reads and writes every topic"
SET_ONE = "give its brokers the settings of deploy/compose/kafka.properties (authorizer, super users), then tuan acls"
_SHOWN = 20


def register(app: typer.Typer) -> None:
    """Adds this command to `tuan`."""
    app.command()(acls)


def acls(
    show: Annotated[bool, typer.Option("--show", help="print the table and ask no broker")] = False,
    keep_old: Annotated[
        bool, typer.Option("--keep-old", help="before an upgrade: remove nothing that the older version needs")
    ] = False,
) -> None:
    """Lay in Kafka who may read and write which topic; what our parts were given and should not have is removed."""
    with told_in_one_sentence():
        use_settings_of(this_stack())
        told = Settings()
        wanted = _wanted(told)
        if show:
            _print(wanted)
            return
        try:
            found = asked(lay(connection(told), wanted, keep_old=keep_old))
        except NoAuthorizer as problem:
            raise SetUpProblem(f"{NO_AUTHORIZER}; {SET_ONE}.") from problem
        except NotForThisCertificate as problem:
            raise SetUpProblem(
                f"The certificate in {told.tls_dir} may not change rights: use that of the operator, whom the brokers' "
                "super.users name."
            ) from problem
        except NotLaid as problem:
            raise SetUpProblem(f"Kafka refused a right: {problem}.") from problem
    removed = "kept" if keep_old else "removed"
    print(f"{len(wanted)} rights stand: {len(found.missing)} added, {len(found.unmeant)} old ones {removed}.")
    if found.open_to_all:
        print("Somebody gave these to everybody; remove them with kafka-acls.sh if that was not meant:")
        _print(found.open_to_all)
        raise typer.Exit(1)


def examined(told: Settings) -> Finding:
    """Whether Kafka lets the parts do what they may and nothing else, as far as this certificate is shown."""
    try:
        found = asked(difference(connection(told), _wanted(told)))
    except NoAuthorizer:
        return Finding(well=False, what=NO_AUTHORIZER, advice=SET_ONE)
    except NotForThisCertificate:
        return Finding(well=True, what="Kafka: refuses what was not given; what was, only the operator is shown")
    except (NotLaid, SetUpProblem) as problem:
        return Finding(well=False, what=f"Kafka does not say who may do what: {problem}", advice="tuan logs kafka")
    if found.open_to_all:
        return Finding(
            well=False,
            what=f"Kafka lets everybody do this: {'; '.join(map(str, found.open_to_all[:_SHOWN]))}",
            advice="remove it with kafka-acls.sh",
        )
    if found:
        what = f"Kafka: {len(found.missing)} rights are missing, {len(found.unmeant)} are given that should not be"
        return Finding(well=False, what=what, advice="tuan acls")
    return Finding(well=True, what="Kafka: every part may do what it needs and nothing else")


def _wanted(told: Settings) -> frozenset[Acl]:
    return meant(composed(), told.namespace)


def _print(rows: Iterable[Acl]) -> None:
    print(*sorted(str(row) for row in rows), sep="\n")
