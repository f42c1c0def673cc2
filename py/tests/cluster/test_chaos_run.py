"""A chaos run finds what a real cluster loses."""

from __future__ import annotations

from contextlib import closing

import pytest
from etcd_fixture import etcd_folder

from etcdlab.chaos.cluster import running_cluster
from etcdlab.chaos.faults.context import FaultContext
from etcdlab.chaos.faults.registry import FAULTS, Fault
from etcdlab.chaos.run import ChaosRun
from etcdlab.chaos.schedule import Injection
from etcdlab.dataset.payloads import KINDS, Payloads
from etcdlab.keys import child

pytestmark = pytest.mark.slow


def sabotage(context: FaultContext) -> None:
    """Lose a key, change another one, and add one that nobody wrote."""
    context.wait()
    lost, wrong, *_ = sorted(context.traffic.model.acknowledged)
    with closing(context.cluster.client(context.victim)) as client:
        client.delete(lost)
        client.put_all([(wrong, b"wrong"), (child(context.traffic.prefix, b"extra"), b"")])


def test_what_is_lost_changed_or_made_up_under_load_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(FAULTS, "sabotage", Fault(sabotage))
    with running_cluster(etcd_folder() / "etcd") as cluster:
        chaos = ChaosRun(cluster, Payloads(1, KINDS, 16))
        clean = chaos.run(Injection("delay", 0, 0.3, 0.3), b"chaos/1", 4.0)
        assert clean.findings == [] and clean.acknowledged > 0
        result = chaos.run(Injection("sabotage", 0, 0.3, 0.3), b"chaos/2", 4.0)
    assert (result.lost, result.wrong) == (1, 1)
    assert any("keys that nobody wrote: 1, first chaos/2/extra" in each for each in result.findings)
