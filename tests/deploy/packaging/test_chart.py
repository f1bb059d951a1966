"""The chart is linted and rendered by Helm's own engine, and every object fits the schemas of Kubernetes."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deploy.contracts.catalogue import composed
from deploy.local.packaging_tools import tool
from deploy.local.ports import Ports
from shared.runtime.parts import PARTS, PORT_OFFSETS, SOURCES
from shared.runtime.service import Role
from shared.runtime.settings import Settings

Objects = list[dict[str, Any]]
SAID: dict[str, Any] = {
    "image": {"repository": "registry.example/tuan", "digest": f"sha256:{'0' * 64}"},
    "consoleOrigin": "https://tuan.example",
    "kafka": "kafka-0:9092,kafka-1:9092,kafka-2:9092",
    "ingress": {"tlsSecret": "console"},
    "backup": {"claim": "backups"},
}
CHART = Path(__file__).parents[3] / "deploy" / "helm"


def in_helm(values: dict[str, Any], chart: Path = CHART) -> dict[str, Any]:
    command = [tool("python"), str(Path(__file__).with_name("chart_in_helm.py")), str(chart)]
    done = subprocess.run(command, input=json.dumps(values), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def helm() -> dict[str, Any]:
    return in_helm(SAID)


@pytest.fixture(scope="module")
def workloads(helm: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    """(part, role) -> the object that runs it."""
    found = {}
    for each in helm["objects"]:
        if each["kind"] in {"Deployment", "StatefulSet"}:
            labels = each["spec"]["template"]["metadata"]["labels"]
            found[labels["app.kubernetes.io/component"], labels["tuan/role"]] = each
    return found


def of_kind(objects: Objects, kind: str) -> dict[str, dict[str, Any]]:
    return {each["metadata"]["name"]: each for each in objects if each["kind"] == kind}


def _container(workload: dict[str, Any]) -> dict[str, Any]:
    (container,) = workload["spec"]["template"]["spec"]["containers"]
    return container


def test_helm_finds_nothing_and_every_object_fits_the_schemas(helm: dict[str, Any]) -> None:
    assert helm["refused"] == ""
    assert helm["lint"]["errors"] == []
    assert [m for m in helm["lint"]["messages"] if m["severity"] > 1] == []
    assert helm["objects"]
    assert helm["faults"] == []


def test_a_mistake_would_be_found(tmp_path: Path) -> None:
    shutil.copytree(CHART, tmp_path / "helm")
    workloads = tmp_path / "helm" / "templates" / "workloads.yaml"
    workloads.write_text(workloads.read_text().replace("revisionHistoryLimit", "revisionHistorylimit"))
    assert any("revisionHistorylimit" in fault for fault in in_helm(SAID, tmp_path / "helm")["faults"])


def _more_relays(values: dict[str, Any]) -> None:
    values["parts"] = {"relay": {"relay": {"replicas": 2}}}


def _more_consumers_than_partitions(values: dict[str, Any]) -> None:
    values["partitions"] = 3


def _no_digest(values: dict[str, Any]) -> None:
    values["image"] = {"repository": "registry.example/tuan", "digest": "latest"}


def _in_clear(values: dict[str, Any]) -> None:
    values["consoleOrigin"] = "http://tuan.example"


def _no_certificate(values: dict[str, Any]) -> None:
    values["ingress"] = {}


def _kept_too_long(values: dict[str, Any]) -> None:
    values["backup"]["keptDays"] = 31


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (_kept_too_long, "keptDays"),
        (_more_relays, "relay"),
        (_more_consumers_than_partitions, "more consumers than partitions"),
        (_no_digest, "digest"),
        (_in_clear, "consoleOrigin"),
        (_no_certificate, "ingress.tlsSecret"),
        (dict.clear, "consoleOrigin"),
    ],
)
def test_values_that_would_not_do_are_refused(spoil: Callable[[dict[str, Any]], None], named: str) -> None:
    values = json.loads(json.dumps(SAID))
    spoil(values)
    assert named in in_helm(values)["refused"]


def test_every_part_runs_in_the_roles_it_has_loops_for(workloads: dict[tuple[str, str], Any]) -> None:
    wanted = {("relay", "relay"), ("web", "api")}
    for name, service in composed().items():
        roles = {loop.role for loop in service.loops} - {Role.ALL} | {Role.API}
        wanted |= {(name, role.value) for role in roles}
    assert workloads.keys() == wanted


def test_consumers_follow_the_lag_of_exactly_their_groups(helm: dict[str, Any]) -> None:
    scalers = of_kind(helm["objects"], "HorizontalPodAutoscaler")
    for name, service in composed().items():
        metrics = scalers[f"tuan-{name}-consumer"]["spec"]["metrics"]
        followed = {m["external"]["metric"]["selector"]["matchLabels"]["consumergroup"] for m in metrics}
        assert followed == {
            loop.group for loop in service.loops if hasattr(loop, "group") and loop.role is Role.CONSUMER
        }
        assert scalers[f"tuan-{name}-consumer"]["spec"]["maxReplicas"] <= 12


def test_no_part_can_be_left_out_by_a_value() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text())
    assert set(schema["properties"]["parts"]["required"]) == set(PARTS)


def test_every_service_reaches_the_keys_that_tokens_are_checked_with(helm: dict[str, Any]) -> None:
    policies = of_kind(helm["objects"], "NetworkPolicy")
    (leaving,) = policies["tuan-to-identity"]["spec"]["podSelector"]["matchExpressions"]
    (coming,) = policies["tuan-keys-of-tokens"]["spec"]["ingress"][0]["from"]
    for who in (leaving, *coming["podSelector"]["matchExpressions"]):
        assert who["operator"] == "NotIn"
        assert set(PARTS) - set(who["values"]) == set(SOURCES) - {"identity"}


def test_there_is_one_relay_and_never_two_at_once(workloads: dict[tuple[str, str], Any], helm: dict[str, Any]) -> None:
    relay = workloads["relay", "relay"]["spec"]
    assert (relay["replicas"], relay["strategy"]) == (1, {"type": "Recreate"})
    assert "tuan-relay-relay" not in of_kind(helm["objects"], "HorizontalPodAutoscaler")


def test_every_process_is_probed_bounded_and_without_rights(workloads: dict[tuple[str, str], Any]) -> None:
    for workload in workloads.values():
        pod, container = workload["spec"]["template"]["spec"], _container(workload)
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["resources"]["limits"]["memory"]
        assert container["image"].partition("@")[2] == SAID["image"]["digest"]
        for probe, path in (("startup", "live"), ("liveness", "live"), ("readiness", "ready")):
            assert container[f"{probe}Probe"]["httpGet"] == {
                "path": f"/health/{path}",
                "port": "https",
                "scheme": "HTTPS",
            }


def test_the_ports_and_addresses_are_those_of_the_code(
    workloads: dict[tuple[str, str], Any], helm: dict[str, Any]
) -> None:
    services = of_kind(helm["objects"], "Service")
    for (part, role), workload in workloads.items():
        ports = {port["name"]: port["containerPort"] for port in _container(workload)["ports"]}
        scraped = Ports(18000).of("web-metrics") if part == "web" else ports["https"]
        assert ports == {"https": 18000 + PORT_OFFSETS[part]} | ({"metrics": scraped} if part == "web" else {})
        assert workload["spec"]["template"]["metadata"]["annotations"]["prometheus.io/port"] == str(scraped)
        told = {each["name"]: each.get("value") for each in _container(workload)["env"]}
        assert told["TUAN_ENVIRONMENT"] == "production"
        assert not any("PASSWORD" in name or name == "TUAN_MONGO_URL" for name in told)
        if part not in {"web", "relay"}:
            plain = {n.removeprefix("TUAN_").lower(): v for n, v in told.items() if v is not None}
            url = "mongodb://tuan:kVq3-wT9z_Lm27rXp@db/?tls=true"
            settings = Settings(mongo_url=url, host="0.0.0.0", tls_dir="/run/tuan/tls", **plain)
            assert settings.address("identity") == "https://tuan-identity:18002"
            assert services[f"tuan-{part}"]["spec"]["selector"]["tuan/role"] == "api"
            assert ("TUAN_INSTANCE" in told) == (role == "consumer")


def test_the_console_has_neither_keys_nor_a_way_to_the_data(
    workloads: dict[tuple[str, str], Any], helm: dict[str, Any]
) -> None:
    volumes = {v["name"] for v in workloads["web", "api"]["spec"]["template"]["spec"]["volumes"]}
    assert "keys" not in volumes
    policies = of_kind(helm["objects"], "NetworkPolicy")
    nothing = policies["tuan-nothing"]["spec"]
    assert nothing["policyTypes"] == ["Ingress", "Egress"]
    assert "ingress" not in nothing
    assert "egress" not in nothing
    (excluded,) = policies["tuan-data"]["spec"]["podSelector"]["matchExpressions"]
    assert (excluded["operator"], excluded["values"]) == ("NotIn", ["web"])
    names = {"app.kubernetes.io/name": "tuan", "app.kubernetes.io/instance": "tuan"}
    for workload in workloads.values():
        assert names.items() <= workload["spec"]["template"]["metadata"]["labels"].items()
    assert all(names.items() <= p["spec"]["podSelector"]["matchLabels"].items() for p in policies.values())


@pytest.mark.rule("X30")
def test_rights_are_given_before_a_version_starts_and_taken_after_the_older_one(helm: dict[str, Any]) -> None:
    jobs = of_kind(helm["objects"], "Job")
    hooks = {name: job["metadata"]["annotations"]["helm.sh/hook"] for name, job in jobs.items()}
    assert hooks == {"tuan-acls-given": "pre-install,pre-upgrade", "tuan-acls-taken": "post-upgrade"}
    commands = {}
    for name, job in jobs.items():
        template = job["spec"]["template"]
        pod, (container,) = template["spec"], template["spec"]["containers"]
        commands[name] = container["command"]
        assert "serviceAccountName" not in pod, "at the first install there is none yet"
        assert pod["volumes"][0]["secret"]["secretName"] == "tuan-tls-operator"
        assert template["metadata"]["labels"]["app.kubernetes.io/component"] != "web", "it has a way to Kafka"
    assert commands == {"tuan-acls-given": ["tuan", "acls", "--keep-old"], "tuan-acls-taken": ["tuan", "acls"]}


@pytest.mark.rule("X30")
def test_no_part_runs_with_the_operators_certificate(workloads: dict[tuple[str, str], Any]) -> None:
    for (part, _), workload in workloads.items():
        (tls,) = [v["secret"] for v in workload["spec"]["template"]["spec"]["volumes"] if v["name"] == "tls"]
        assert tls["secretName"] == f"tuan-tls-{part}"


@pytest.mark.rule("OPS-02")
def test_backups_are_taken_by_the_clock_into_the_claim_that_is_named(
    helm: dict[str, Any], workloads: dict[tuple[str, str], Any]
) -> None:
    jobs = of_kind(helm["objects"], "CronJob")
    assert jobs.keys() == {"tuan-backup", "tuan-erasures"}
    relay = workloads["relay", "relay"]["spec"]["template"]["spec"]
    for job in jobs.values():
        assert job["spec"]["concurrencyPolicy"] == "Forbid"
        template = job["spec"]["jobTemplate"]["spec"]["template"]
        pod, (container,) = template["spec"], template["spec"]["containers"]
        assert pod["securityContext"] == relay["securityContext"]
        for same in ("image", "securityContext", "env"):
            assert container[same] == relay["containers"][0][same]
        assert {"name": "backups", "persistentVolumeClaim": {"claimName": "backups"}} in pod["volumes"]
        assert template["metadata"]["labels"]["app.kubernetes.io/component"] != "web", "it has a way to the data"
    assert of_kind(in_helm({**SAID, "backup": {}})["objects"], "CronJob") == {}


@pytest.mark.rule("OPS-02")
@pytest.mark.parametrize("well", [True, False])
def test_an_old_backup_goes_when_the_new_one_is_there_and_not_before(
    helm: dict[str, Any], tmp_path: Path, well: bool
) -> None:
    """The job's own command, with a `tuan` that only makes its directory, or fails."""
    (container,) = of_kind(helm["objects"], "CronJob")["tuan-backup"]["spec"]["jobTemplate"]["spec"]["template"][
        "spec"
    ]["containers"]
    held = tmp_path / "backups"
    for age in (1, 40):
        old = held / f"{age}-days"
        old.mkdir(parents=True)
        (old / "manifest.json").write_text("{}")
        os.utime(old, (at := time.time() - age * 86_400, at))
    (held / "erasures").write_text("")
    tuan = tmp_path / "tuan"
    tuan.write_text(f'#!/bin/sh\n{"mkdir" if well else "false"} "$2"\n')
    tuan.chmod(0o755)
    shell, option, command = container["command"]
    done = subprocess.run(
        [shell, option, command.replace("/backups", str(held))],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        check=False,
    )
    assert (done.returncode == 0) is well
    there = {path.name for path in held.iterdir()}
    assert {"1-days", "erasures"} < there
    assert ("40-days" in there) is not well
    assert len(there) == 3


def test_no_object_holds_a_secret(helm: dict[str, Any]) -> None:
    assert of_kind(helm["objects"], "Secret") == {}
    assert of_kind(helm["objects"], "ConfigMap") == {}
