"""What the chart opens for the exchange with other systems, and for nobody else."""

import pytest

from tests.deploy.packaging.test_chart import SAID, in_helm, of_kind

TAKING_PART = {
    "host": "exchange.example",
    "tlsSecret": "exchange",
    "peers": [{"ipBlock": {"cidr": "203.0.113.7/32"}}],
}


@pytest.mark.rule("BEY-08")
def test_only_who_takes_part_in_the_exchange_lets_others_in_and_transfer_s_worker_out() -> None:
    """BEY-08: nothing of transfer but the protocol is behind that name."""
    assert not [each for each in in_helm(SAID)["objects"] if "exchange" in each["metadata"]["name"]]
    objects = in_helm(SAID | {"exchange": TAKING_PART})["objects"]
    ingress = of_kind(objects, "Ingress")["tuan-exchange"]["spec"]["rules"]
    assert [(r["host"], [p["path"] for p in r["http"]["paths"]]) for r in ingress] == [
        ("exchange.example", ["/exchange/v1"])
    ]
    policies = of_kind(objects, "NetworkPolicy")
    asks = policies["tuan-exchange-asks"]["spec"]
    assert asks["podSelector"]["matchLabels"]["tuan/role"] == "worker"
    assert asks["egress"] == [{"to": TAKING_PART["peers"], "ports": [{"port": 443}]}]
    assert policies["tuan-exchange-asked"]["spec"]["podSelector"]["matchLabels"]["app.kubernetes.io/component"] == (
        "transfer"
    )
